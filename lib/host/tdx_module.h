// Versions of the TDX module, and what Intel published of each. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_HOST_TDX_MODULE_H_
#define CCPLACE_LIB_HOST_TDX_MODULE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/host/host_files.h"

namespace ccplace {

// Where the kernel states the version of the loaded module, since Linux 7.2
// (Documentation/ABI/testing/sysfs-devices-faux-tdx-host).
inline constexpr absl::string_view kTdxModulePath = "/sys/devices/faux/tdx_host/version";

// A version. major and minor make its line: processors that take modules of one line take none of
// another.
struct TdxModuleVersion {
  uint32_t major = 0;
  uint32_t minor = 0;
  uint32_t update = 0;
};

bool operator==(const TdxModuleVersion& a, const TdxModuleVersion& b);
bool operator<(const TdxModuleVersion& a, const TdxModuleVersion& b);
bool IsSameLine(const TdxModuleVersion& a, const TdxModuleVersion& b);

// "1.5.24" or "1.5.06": three decimal numbers of at most 5 digits each, dots between them. Nothing:
// any other text.
std::optional<TdxModuleVersion> ParseTdxModuleVersion(absl::string_view text);

// As the kernel writes it: the update has two digits at least.
std::string TdxModuleText(const TdxModuleVersion& version);

// The word in kTdxModulePath, not parsed. Fails with the codes of HostFiles; NOT_FOUND: this kernel
// does not state it.
absl::StatusOr<std::string> ReadTdxModule(const HostFiles& files);

// The lowest versions that are good enough, at most one for each line. INVALID_ARGUMENT names the
// text that is no version, or the line that is named twice.
absl::StatusOr<std::vector<TdxModuleVersion>> ParseTdxModuleFloor(
    const std::vector<std::string>& texts);

// A module as its release notes describe it. Lives as long as the program.
struct PublishedTdxModule {
  TdxModuleVersion version;
  absl::string_view build_date;  // "2025-07-29".
  // The first two bytes of TEE_TCB_SVN in a quote of a guest that was started under it.
  uint8_t minor_svn = 0;
  uint8_t major_svn = 0;
  absl::string_view mrseam;  // 96 hex digits, lower case: MRSEAM in a quote.
};

// Release notes, one for each version.
inline constexpr absl::string_view kTdxModuleReleases =
    "https://github.com/intel/confidential-computing.tdx.tdx-module/releases";
// The day on which they were read.
inline constexpr absl::string_view kTdxModuleTableDate = "2026-11-30";

// All of them, in the order of their versions.
const std::vector<PublishedTdxModule>& PublishedTdxModules();

// Null: none of that version was published when the table was made, which says nothing of it.
const PublishedTdxModule* FindPublishedTdxModule(const TdxModuleVersion& version);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_TDX_MODULE_H_
