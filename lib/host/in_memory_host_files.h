// A host's files in memory: for tests, and for the simulated host.
#ifndef CCPLACE_LIB_HOST_IN_MEMORY_HOST_FILES_H_
#define CCPLACE_LIB_HOST_IN_MEMORY_HOST_FILES_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/host/host_files.h"

namespace ccplace {

// A small host that can be poked: what is put there stays until it is changed. Answers as
// RealHostFiles would, links included. Paths given to the setters are absolute, without links, "."
// or ".."; folders on the way are made. Thread-safe.
class InMemoryHostFiles : public HostFiles {
 public:
  InMemoryHostFiles();

  // Each puts something at `path`, in place of what was there.
  void WriteFile(absl::string_view path, absl::string_view content);
  void MakeDirectory(absl::string_view path);
  void MakeBlockDevice(absl::string_view path);
  // A fifo, say: something that is neither file nor folder, block device nor socket.
  void MakeOther(absl::string_view path);
  // A socket; a connection to it gets `answer`.
  void MakeSocket(absl::string_view path, absl::Status answer);
  // A symbolic link.
  void MakeLink(absl::string_view path, absl::string_view target);

  // One more name of the file or device at `target`.
  void MakeHardLink(absl::string_view path, absl::string_view target);
  // The folder `path` belongs to a user other than root.
  void GiveAway(absl::string_view path);
  // Owner and mode of what is at `path`; until then root's, and open to all.
  void SetAccess(absl::string_view path, const FileAccess& access);

  // Every call that comes to `path` or below gets `error` from now on; OK takes that back.
  void FailAt(absl::string_view path, absl::Status error);

  // Takes away what is at `path` and below. Nothing there: nothing happens.
  void Remove(absl::string_view path);

  absl::StatusOr<std::string> ReadFile(absl::string_view path, size_t limit_bytes) const override;
  absl::StatusOr<std::string> ReadHead(absl::string_view path, size_t bytes) const override;
  absl::StatusOr<std::vector<std::string>> ListDirectory(absl::string_view path) const override;
  absl::StatusOr<std::string> Resolve(absl::string_view path) const override;
  absl::StatusOr<FileKind> Kind(absl::string_view path) const override;
  absl::StatusOr<std::string> Identity(absl::string_view path) const override;
  absl::StatusOr<bool> IsRootControlled(absl::string_view path) const override;
  absl::StatusOr<FileAccess> Access(absl::string_view path) const override;
  absl::Status ConnectUnixSocket(absl::string_view path) const override;
  absl::StatusOr<std::string> Sha384(absl::string_view path) const override;

 private:
  struct Node {
    FileKind kind = FileKind::kDirectory;
    std::string content;                // Of a regular file.
    absl::Status answer;                // Of a socket.
    std::optional<std::string> target;  // Of a link; `kind` then means nothing.
    uint64_t inode = 0;                 // Names of one thing share it.
    bool of_root = true;
    int64_t changed = 0;  // The number of its last change.
    FileAccess access = {0, 0, 0777, false};
  };

  void Put(absl::string_view path, Node node);
  // The folder that holds `path` has other names in it now. The lock is held.
  void NoteNamesChanged(absl::string_view path);
  // The path without links, "." and ".."; what `Resolve` answers. The lock is held.
  absl::StatusOr<std::string> Walk(absl::string_view path) const;
  absl::StatusOr<const Node*> Find(absl::string_view path) const;
  absl::StatusOr<const Node*> FindRegular(absl::string_view path) const;

  mutable std::mutex mutex_;
  std::map<std::string, Node> nodes_;  // By path; "/" is always there.
  std::map<std::string, absl::Status> errors_;
  uint64_t inodes_ = 0;  // Given out.
  int64_t changes_ = 0;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_IN_MEMORY_HOST_FILES_H_
