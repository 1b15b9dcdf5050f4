// Fields of a newer contract in a request.
#ifndef CCPLACE_SERVER_RPC_UNKNOWN_FIELDS_H_
#define CCPLACE_SERVER_RPC_UNKNOWN_FIELDS_H_

#include <google/protobuf/message.h>

#include "absl/status/status.h"

namespace ccplace {

// INVALID_ARGUMENT when `request`, or a message in it, has a field that this contract does not
// know: names the message's path and each field's number. For requests that change the host: a
// field that only a newer client knows may be what makes a guest confidential. Thread-safe.
[[nodiscard]] absl::Status RefuseUnknownFields(const google::protobuf::Message& request);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_RPC_UNKNOWN_FIELDS_H_
