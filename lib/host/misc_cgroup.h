// The kernel's own count of encryption keys: the misc cgroup controller.
#ifndef CCPLACE_LIB_HOST_MISC_CGROUP_H_
#define CCPLACE_LIB_HOST_MISC_CGROUP_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/host/host_files.h"

namespace ccplace {

// One file of the controller: lines "<name> <number>" (Documentation/admin-guide/cgroup-v2.rst,
// "Misc"). A plain value.
class MiscCounts {
 public:
  MiscCounts() = default;
  // What `content`, read from `path`, says.
  MiscCounts(std::string path, absl::string_view content);

  const std::string& path() const { return path_; }
  // Whether there is a line of that name, readable or not.
  bool Has(absl::string_view name) const;

  // The number beside `name`. 0 when there is no such line, since the kernel leaves out what has no
  // capacity. INVALID_ARGUMENT when the line's number is negative, too large for 64 bits or no
  // number; when the name is there twice; and, for an absent name, when another line could not
  // be understood at all (it might have been this one).
  absl::StatusOr<uint64_t> Count(absl::string_view name) const;

 private:
  void TakeLine(absl::string_view line);

  std::string path_;
  std::map<std::string, absl::StatusOr<uint64_t>, std::less<>> counts_;
  std::string bad_line_;  // The first that is no "<name> <number>", made printable.
};

// The files of one reading. Each holds why when it was not read: NOT_FOUND where the kernel has
// none (or a container does not see its host's), else the codes of HostFiles.
struct MiscCgroup {
  absl::StatusOr<MiscCounts> capacity = absl::UnknownError("not read yet");
  absl::StatusOr<MiscCounts> current = absl::UnknownError("not read yet");
  absl::StatusOr<MiscCounts> peak = absl::UnknownError("not read yet");  // Since Linux 6.11.
};

// Reads misc.capacity, misc.current and misc.peak of the root group, cgroup v2 first, then v1.
MiscCgroup ReadMiscCgroup(const HostFiles& files);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_MISC_CGROUP_H_
