// Requests that arrive as bytes. Thread-safe: pure functions.
#ifndef CCPLACE_SERVER_RPC_REQUEST_BYTES_H_
#define CCPLACE_SERVER_RPC_REQUEST_BYTES_H_

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// Reads `bytes` into `request`. INVALID_ARGUMENT, naming the message, when they are not one.
[[nodiscard]] absl::Status ParseRequest(const grpc::ByteBuffer& bytes,
                                        google::protobuf::Message& request);
[[nodiscard]] absl::Status ParseRequest(absl::string_view bytes,
                                        google::protobuf::Message& request);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_RPC_REQUEST_BYTES_H_
