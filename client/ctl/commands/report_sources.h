// What a report takes from the machine that it is made on.
#ifndef CCPLACE_CLIENT_CTL_COMMANDS_REPORT_SOURCES_H_
#define CCPLACE_CLIENT_CTL_COMMANDS_REPORT_SOURCES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/host/host_files.h"

namespace ccplace::ctl {

// A file and what it holds.
struct ReportFile {
  std::string path;
  std::string content;  // What could not be read: why.
};

// QEMU's firmware descriptors of both folders, 256 of 64 KiB each at most.
std::vector<ReportFile> ReadDescriptors(const HostFiles& files);

// The options of ccplaced's flag file, without comments; those that name callers or the host are
// named without their value. Fails with the codes of HostFiles.
absl::StatusOr<std::vector<std::string>> ReadFlagLines(const HostFiles& files,
                                                       const std::string& path);

// The latest lines of the kernel's log about TDX or SEV, 200 at most; does not wait for new
// ones. PERMISSION_DENIED where the log is for root alone (kernel.dmesg_restrict).
absl::StatusOr<std::vector<std::string>> ReadKernelLog();

// The lines of a ccplaced's log that its audit wrote: the last 200.
std::vector<std::string> AuditLines(absl::string_view log);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_COMMANDS_REPORT_SOURCES_H_
