// The servers that calls come in through: one for each kind of caller.
#ifndef CCPLACE_SERVER_APP_GRPC_SERVERS_H_
#define CCPLACE_SERVER_APP_GRPC_SERVERS_H_

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/base/clock.h"
#include "server/config/options.h"
#include "server/rpc/host_service.h"
#include "server/tls/tls.h"
#include "server/transport/accept_loop.h"

namespace ccplace {

// Everything that listens. For one thread. The endpoint determines the caller's role, so each has a
// gRPC server of its own, with health and reflection.
class GrpcServers {
 public:
  // Opens every endpoint of `options`, which passed CheckOptions. ALREADY_EXISTS: an address is in
  // use. INVALID_ARGUMENT: no endpoint at all. Other codes as UnixListener::Open.
  // `clock` decides when certificates have expired, and must outlive this.
  static absl::StatusOr<std::unique_ptr<GrpcServers>> Open(const ListenOptions& options,
                                                           const LimitOptions& limits,
                                                           const ServiceDependencies& dependencies,
                                                           const Clock& clock = Clock::System());
  // Calls under way are ended at once: see Close.
  ~GrpcServers();
  GrpcServers(const GrpcServers&) = delete;
  GrpcServers& operator=(const GrpcServers&) = delete;

  // Accepts no more connections, refuses new calls (UNAVAILABLE), ends the watchers, and waits
  // until `deadline` for calls under way, and for writes whose callers have left. Then waits until
  // no more calls come, two seconds at most, because gRPC cancels calls that come during Close.
  void EndCalls(std::chrono::steady_clock::time_point deadline);

  // After EndCalls: asks every caller to close its connection (GOAWAY), and closes those that are
  // left three seconds later, so that responses in flight are delivered and no caller delays the
  // stop. May be called once.
  void Close();

  // As AcceptLoop::TimeSinceHeartbeat. Not once EndCalls has begun.
  std::chrono::nanoseconds TimeSinceHeartbeat() const { return accept_loop_->TimeSinceHeartbeat(); }

  // Ports that were bound for TLS and plaintext; 0: none.
  int tls_port() const { return tls_port_; }
  int plaintext_port() const { return plaintext_port_; }

 private:
  // A server and what its calls need, in the order of their making.
  struct Endpoint {
    std::unique_ptr<Authenticator> authenticator;
    std::unique_ptr<HostService> service;
    std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor;  // Of a TCP address.
    std::unique_ptr<grpc::Server> server;
  };
  // What is served on a TCP address.
  struct TcpEndpoint {
    std::string name;
    std::string flag;
    std::string address;
    std::shared_ptr<grpc::ServerCredentials> credentials;
    bool ages = false;  // Connections are closed by --max_connection_age.
  };
  using ListeningSockets = std::vector<AcceptLoop::ListeningSocket>;

  GrpcServers(const LimitOptions& limits, const ServiceDependencies& dependencies,
              const Clock& clock);

  absl::Status OpenUnix(const std::string& name, Role role, const UnixSocketOptions& socket,
                        int inherited_fd, ListeningSockets& sockets);
  absl::Status OpenTcp(const TcpEndpoint& tcp, std::unique_ptr<Authenticator> authenticator,
                       ListeningSockets& sockets, int& port);
  absl::Status OpenTls(const TlsOptions& options, ListeningSockets& sockets);
  absl::Status OpenUnixEndpoints(const ListenOptions& options, ListeningSockets& sockets);
  absl::Status OpenTcpEndpoints(const ListenOptions& options, ListeningSockets& sockets);
  Endpoint MakeEndpoint(std::unique_ptr<Authenticator> authenticator) const;
  // Builds the endpoint's server from `builder`, with this daemon's limits.
  absl::Status Start(grpc::ServerBuilder& builder, Endpoint& endpoint) const;
  void AwaitLastCall() const;

  const LimitOptions limits_;
  const ServiceDependencies dependencies_;
  const Clock& clock_;
  ConnectionTable connections_;
  std::unique_ptr<Tls> tls_;  // Null: no such endpoint.
  std::vector<Endpoint> servers_;
  std::unique_ptr<AcceptLoop> accept_loop_;
  int tls_port_ = 0;
  int plaintext_port_ = 0;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_APP_GRPC_SERVERS_H_
