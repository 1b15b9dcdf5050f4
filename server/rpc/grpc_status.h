// From absl::Status to what goes over the wire. Thread-safe: pure functions.
#ifndef CCPLACE_SERVER_RPC_GRPC_STATUS_H_
#define CCPLACE_SERVER_RPC_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "lib/base/status.h"

namespace ccplace {

// Longest message on the wire, and longest serialised google.rpc.Status beside it, in bytes. Both
// travel as HTTP/2 trailers; gRPC clients refuse trailers past 8 KiB, after percent-encoding of the
// one (three bytes for one at worst) and base64 of the other (four for three), and would lose the
// code as well.
inline constexpr size_t kWireMessageLimit = 900;
inline constexpr size_t kWireDetailsLimit = 3500;

// The wire's code for `code`.
grpc::StatusCode ToGrpcCode(absl::StatusCode code);

// `status` with the details that a program would branch on: google.rpc.BadRequest for
// FieldErrorsOf, ErrorInfo (domain "ccplace") for ReasonOf, PreconditionFailure where the state
// must be repaired first, RetryInfo where the same call may be repeated.
grpc::Status ToGrpcStatus(const absl::Status& status);
}  // namespace ccplace

#endif  // CCPLACE_SERVER_RPC_GRPC_STATUS_H_
