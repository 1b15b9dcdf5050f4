// The gRPC channel behind a HostClient. Not part of the installed headers.
#ifndef CCPLACE_CLIENT_CHANNEL_H_
#define CCPLACE_CLIENT_CHANNEL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "client/address.h"
#include "client/client.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace ccplace {

// A channel to `address`, with TLS where `options` asks for it; does not connect yet. Fails as
// HostClient::Create says. Thread-safe.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const Address& address,
                                                           const ClientOptions& options);

}  // namespace ccplace

#endif  // CCPLACE_CLIENT_CHANNEL_H_
