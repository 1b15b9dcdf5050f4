// What a failed call says beyond its message.
#ifndef CCPLACE_CLIENT_ERROR_TEXT_H_
#define CCPLACE_CLIENT_ERROR_TEXT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// The payload's type under which HostClient keeps the server's google.rpc.Status, serialized.
inline constexpr absl::string_view kRpcStatusUrl = "type.googleapis.com/google.rpc.Status";

// One printable line for each google.rpc detail of `status`: fields that are wrong, preconditions
// that do not hold, reason, when to retry. Empty when it has none. Thread-safe.
std::vector<std::string> ErrorLines(const absl::Status& status);

// ErrorInfo's reason ("NO_FREE_KEY"), for programs that branch on it. Empty when there is none.
std::string ErrorReason(const absl::Status& status);

}  // namespace ccplace

#endif  // CCPLACE_CLIENT_ERROR_TEXT_H_
