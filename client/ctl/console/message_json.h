// Messages as JSON and back. Thread-safe: pure functions.
#ifndef CCPLACE_CLIENT_CTL_CONSOLE_MESSAGE_JSON_H_
#define CCPLACE_CLIENT_CTL_CONSOLE_MESSAGE_JSON_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace ccplace::ctl {

// `message` as protobuf JSON: names as in the proto files, 64-bit numbers as strings, bytes in
// base64, zero values included, unset optional fields left out. One line when `compact`. Control
// characters that JSON lets pass (U+007F to U+009F) are escaped: a terminal would obey them.
std::string MessageJson(const google::protobuf::Message& message, bool compact);

// `text` with U+007F to U+009F escaped as \u00NN. `text` must be JSON, where they occur inside
// strings only.
std::string EscapeControls(absl::string_view text);

// Reads protobuf JSON into `message`; names as in the proto files or in camel case.
// INVALID_ARGUMENT with the parser's words for anything else, unknown fields included.
[[nodiscard]] absl::Status ParseMessageJson(absl::string_view json,
                                            google::protobuf::Message& message);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_CONSOLE_MESSAGE_JSON_H_
