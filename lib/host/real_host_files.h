// The host's files as the kernel serves them.
#ifndef CCPLACE_LIB_HOST_REAL_HOST_FILES_H_
#define CCPLACE_LIB_HOST_REAL_HOST_FILES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/host/file_digest_cache.h"
#include "lib/host/host_files.h"

namespace ccplace {

// Keeps the prefix open, so that every path is resolved below the same folder. Needs Linux 5.6
// (openat2) and /proc. Thread-safe.
class RealHostFiles : public HostFiles {
 public:
  // Files below `host_root`, a folder of this process's own file system ("/": the host's files are
  // its own). NOT_FOUND, PERMISSION_DENIED or UNAVAILABLE when it cannot be opened.
  static absl::StatusOr<std::unique_ptr<RealHostFiles>> Open(const std::string& host_root);

  ~RealHostFiles() override;
  RealHostFiles(const RealHostFiles&) = delete;
  RealHostFiles& operator=(const RealHostFiles&) = delete;

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
  explicit RealHostFiles(int root) : root_(root) {}

  const int root_;
  mutable FileDigestCache digests_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_REAL_HOST_FILES_H_
