// Whose call it was, from what came with it over the wire.
#ifndef CCPLACE_SERVER_RPC_REQUEST_METADATA_H_
#define CCPLACE_SERVER_RPC_REQUEST_METADATA_H_

#include <grpcpp/server_context.h>

#include "lib/observability/trace_context.h"

namespace ccplace {

// The origin of `context`'s call, from the metadata "x-request-id" and "traceparent"; one that
// comes twice counts as none. The request id goes back to the caller in the trailing metadata, so
// that a person with an answer in hand finds the line in the log. For one call, before the end is
// begun.
TraceContext TakeOrigin(grpc::CallbackServerContext& context);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_RPC_REQUEST_METADATA_H_
