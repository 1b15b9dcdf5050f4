// A configuration file as oslo.config reads it. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_HOST_OSLO_FILE_H_
#define CCPLACE_LIB_HOST_OSLO_FILE_H_

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// Group and option: {"libvirt", "cpu_mode"}. Groups are in lower case but for "DEFAULT".
using OsloName = std::pair<std::string, std::string>;

// The last value of each option that the file states; lines of one value are joined by newlines.
using OsloValues = std::map<OsloName, std::string>;

// The values of `wanted`, and of nothing else: such files hold passwords, so the rest is neither
// kept nor quoted. INVALID_ARGUMENT where oslo.config would refuse the file as a whole; the message
// has the line's number and the fault, and none of its text (oslo_config/iniparser.py, cfg.py).
absl::StatusOr<OsloValues> ParseOsloFile(absl::string_view text, const std::set<OsloName>& wanted);

// `text` without the blanks that Python's str.strip() takes, Unicode's among them.
absl::string_view PythonStripped(absl::string_view text);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_OSLO_FILE_H_
