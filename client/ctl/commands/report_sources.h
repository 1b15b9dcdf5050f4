// What a report takes from the machine that it is made on.
#ifndef CCPLACE_CLIENT_CTL_COMMANDS_REPORT_SOURCES_H_
#define CCPLACE_CLIENT_CTL_COMMANDS_REPORT_SOURCES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/ctl/report/redactor.h"
#include "lib/host/host_files.h"
#include "nlohmann/json_fwd.hpp"

namespace ccplace::ctl {

// QEMU's firmware descriptors of both folders by path, 256 of 64 KiB each at most: what the
// specification knows of each, and nothing else that stands in the file. Of what is no descriptor:
// why, and how long it is.
nlohmann::ordered_json ReadDescriptors(const HostFiles& files);

// The options of ccplaced's flag file. Values are told of those options alone that are known to
// hold numbers, modes and packaged paths; of all others that they are set. Fails with the codes of
// HostFiles.
absl::StatusOr<std::vector<std::string>> ReadFlagLines(const HostFiles& files,
                                                       const std::string& path);

// The latest lines of the kernel's log about TDX or SEV, 200 at most; does not wait for new
// ones. PERMISSION_DENIED where the log is for root alone (kernel.dmesg_restrict).
absl::StatusOr<std::vector<std::string>> ReadKernelLog();

// What a report takes of one record of /dev/kmsg; empty: nothing. Only what the kernel itself says
// counts, and of its command line only the parameters of TDX, SEV, KVM and the IOMMU.
std::string KernelLineOf(absl::string_view record);

// What the audit wrote into a ccplaced's log: the last 200 lines. Callers and all that messages
// quote (names and paths of guests) are replaced by stand-ins of `redactor`.
std::vector<std::string> AuditLines(absl::string_view log, Redactor& redactor);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_COMMANDS_REPORT_SOURCES_H_
