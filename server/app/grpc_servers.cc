#include "server/app/grpc_servers.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_posix.h>
#include <spdlog/spdlog.h>

#include <future>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "server/app/systemd.h"
#include "server/common/log_rate_limiter.h"
#include "server/transport/connection_limits.h"
#include "server/transport/tcp_listener.h"
#include "server/transport/unix_listener.h"

namespace ccplace {
namespace {

// What systemd calls the sockets that it hands over (systemd.socket(5), FileDescriptorName=).
constexpr char kOperatorName[] = "operator";
constexpr char kReadonlyName[] = "readonly";

constexpr char kPlaintextEndpoint[] = "plaintext address";

// How often a stop looks whether calls have ended.
constexpr std::chrono::milliseconds kLookInterval{5};
// When no call came for so long, callers know that the daemon stops.
constexpr std::chrono::milliseconds kCalm{200};
constexpr std::chrono::seconds kMostCalls{2};
// How long the last answers may take to reach their callers before connections are cut.
constexpr std::chrono::seconds kLastAnswerTime{3};

// Once per process, before the first server is built.
void SwitchOnHealthAndReflection() {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
}

void HandOver(grpc::experimental::ExternalConnectionAcceptor& acceptor, int listener_fd, int fd) {
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
  connection.listener_fd = listener_fd;
  connection.fd = fd;
  acceptor.HandleNewConnection(&connection);
}

void LogConnection(const std::string& flag, int fd, CallerLogRateLimiter& lines) {
  const auto answer = lines.Allow(TcpCaller(fd), std::chrono::steady_clock::now());
  for (const auto& [caller, more] : answer.over) {
    spdlog::info("--{}: {} more connections from {} within ten seconds", flag, more,
                 caller.empty() ? "loopback addresses" : caller);
  }
  if (answer.may_write) spdlog::info("--{}: connection from {}", flag, TcpPeerName(fd));
}

// A socket that is never served has callers that connect and wait for ever.
absl::Status CheckInherited(const std::multimap<std::string, int>& inherited) {
  for (const auto& [name, fd] : inherited) {
    if (name != kOperatorName && name != kReadonlyName) {
      return absl::InvalidArgumentError(absl::StrCat("systemd hands over a socket named ",
                                                     Quoted(name), "; set FileDescriptorName= to ",
                                                     kOperatorName, " or ", kReadonlyName));
    }
    if (inherited.count(name) > 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("systemd hands over ", inherited.count(name), " sockets named ", name,
                       "; give each socket unit one ListenStream= and its own name"));
    }
  }
  return absl::OkStatus();
}

// What the requests of one endpoint take at most, as docs/reliability.md has it, and the daemon
// itself.
MemoryMonitor WatchMemory(size_t memory_bytes) {
  constexpr size_t kRestBytes = size_t{128} << 20;
  return {5 * memory_bytes + kRestBytes, memory_bytes, ResidentBytes};
}

// By the service's own name too: probes ask for either.
void ShowHealthy(grpc::Server& server) {
  server.GetHealthCheckService()->SetServingStatus(v1::HostService::service_full_name(), true);
}

}  // namespace

GrpcServers::GrpcServers(const LimitOptions& limits, const ServiceDependencies& dependencies,
                         const Clock& clock)
    : limits_(limits),
      dependencies_(dependencies),
      clock_(clock),
      connections_(limits.connections, limits.unbounded_users) {}

absl::StatusOr<std::unique_ptr<GrpcServers>> GrpcServers::Open(
    const ListenOptions& options, const LimitOptions& limits,
    const ServiceDependencies& dependencies, const Clock& clock) {
  SwitchOnHealthAndReflection();
  std::unique_ptr<GrpcServers> servers(new GrpcServers(limits, dependencies, clock));
  ListeningSockets sockets;
  absl::Status status = servers->OpenUnixEndpoints(options, sockets);
  if (status.ok()) status = servers->OpenTcpEndpoints(options, sockets);
  if (!status.ok()) return status;
  if (sockets.empty()) {
    return absl::InvalidArgumentError(
        "nothing to listen on; give --operator_socket, --readonly_socket or --tls_address");
  }
  servers->accept_loop_ =
      std::make_unique<AcceptLoop>(std::move(sockets), servers->connections_, *dependencies.refused,
                                   limits.idle_timeout, WatchMemory(limits.memory_bytes));
  return servers;
}

absl::Status GrpcServers::OpenUnixEndpoints(const ListenOptions& options,
                                            ListeningSockets& sockets) {
  const std::multimap<std::string, int> inherited = TakeSystemdSockets();
  const absl::Status known = CheckInherited(inherited);
  if (!known.ok()) return known;
  const auto fd_of = [&inherited](const char* name) {
    const auto found = inherited.find(name);
    return found == inherited.end() ? -1 : found->second;
  };
  const absl::Status status = OpenUnix("operator socket", Role::kOperator, options.operator_socket,
                                       fd_of(kOperatorName), sockets);
  if (!status.ok()) return status;
  return OpenUnix("read-only socket", Role::kReader, options.readonly_socket, fd_of(kReadonlyName),
                  sockets);
}

absl::Status GrpcServers::OpenTls(const TlsOptions& options, ListeningSockets& sockets) {
  auto tls = Tls::Start(
      options, dependencies_.tls_dates,
      [watchers = dependencies_.watchers] { watchers->RecheckAll(); }, clock_);
  if (!tls.ok()) return tls.status();
  tls_ = *std::move(tls);
  return OpenTcp({kTlsEndpoint, "tls_address", options.address, tls_->credentials(), /*ages=*/true},
                 std::make_unique<CertificateAuthenticator>(
                     options.roles, tls_->trust(), dependencies_.refused_certificates, clock_),
                 sockets, tls_port_);
}

absl::Status GrpcServers::OpenTcpEndpoints(const ListenOptions& options,
                                           ListeningSockets& sockets) {
  if (!options.tls.address.empty()) {
    const absl::Status status = OpenTls(options.tls, sockets);
    if (!status.ok()) return status;
  }
  if (options.plaintext_address.empty()) return absl::OkStatus();
  return OpenTcp(
      {kPlaintextEndpoint, "plaintext_address", options.plaintext_address,
       grpc::InsecureServerCredentials()},
      std::make_unique<EndpointAuthenticator>(kPlaintextEndpoint, options.plaintext_role, nullptr),
      sockets, plaintext_port_);
}

absl::Status GrpcServers::OpenUnix(const std::string& name, Role role,
                                   const UnixSocketOptions& socket, int inherited_fd,
                                   ListeningSockets& sockets) {
  if (socket.path.empty() && inherited_fd < 0) return absl::OkStatus();
  auto listener =
      inherited_fd < 0 ? UnixListener::Open(socket) : UnixListener::Adopt(name, inherited_fd);
  if (!listener.ok()) return listener.status();
  Endpoint endpoint =
      MakeEndpoint(std::make_unique<EndpointAuthenticator>(name, role, &connections_));
  grpc::ServerBuilder builder;
  const absl::Status started = Start(builder, endpoint);
  if (!started.ok()) return started;
  sockets.push_back({name, *std::move(listener), [server = endpoint.server.get()](int fd) {
                       grpc::AddInsecureChannelFromFd(server, fd);
                     }});
  servers_.push_back(std::move(endpoint));
  spdlog::info("serving on the {} ({})", name,
               inherited_fd < 0 ? Printable(socket.path) : std::string("handed over by systemd"));
  return absl::OkStatus();
}

absl::Status GrpcServers::OpenTcp(const TcpEndpoint& tcp,
                                  std::unique_ptr<Authenticator> authenticator,
                                  ListeningSockets& sockets, int& port) {
  auto listener = TcpListener::Open(tcp.address);
  if (!listener.ok()) return WithContext(listener.status(), absl::StrCat("--", tcp.flag));
  port = (*listener)->port();
  Endpoint endpoint = MakeEndpoint(std::move(authenticator));
  grpc::ServerBuilder builder;
  if (tcp.ages) LimitAge(limits_, dependencies_.hypervisor_timeout + kLastAnswerTime, builder);
  endpoint.acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, tcp.credentials);
  const absl::Status started = Start(builder, endpoint);
  if (!started.ok()) return started;
  const int listener_fd = (*listener)->fd();
  sockets.push_back(
      {tcp.name, *std::move(listener),
       [name = tcp.flag, listener_fd, lines = std::make_shared<CallerLogRateLimiter>(),
        acceptor = endpoint.acceptor.get()](int fd) {
         LogConnection(name, fd, *lines);
         HandOver(*acceptor, listener_fd, fd);
       }});
  servers_.push_back(std::move(endpoint));
  spdlog::info("serving on --{} ({}, port {})", tcp.flag, tcp.address, port);
  return absl::OkStatus();
}

GrpcServers::Endpoint GrpcServers::MakeEndpoint(
    std::unique_ptr<Authenticator> authenticator) const {
  Endpoint endpoint;
  endpoint.authenticator = std::move(authenticator);
  endpoint.service = std::make_unique<HostService>(dependencies_, *endpoint.authenticator);
  return endpoint;
}

absl::Status GrpcServers::Start(grpc::ServerBuilder& builder, Endpoint& endpoint) const {
  builder.RegisterService(endpoint.service.get());
  LimitConnections(limits_, builder);
  endpoint.server = builder.BuildAndStart();
  if (endpoint.server == nullptr) return absl::UnavailableError("gRPC could not start a server");
  ShowHealthy(*endpoint.server);
  return absl::OkStatus();
}

void GrpcServers::EndCalls(std::chrono::steady_clock::time_point deadline) {
  accept_loop_.reset();
  dependencies_.calls->TakeNoMore();
  dependencies_.watchers->CancelAll();
  for (const Endpoint& endpoint : servers_) endpoint.server->GetHealthCheckService()->Shutdown();
  // Polled, because a call that ends notifies nobody.
  const auto at_work = [this] {
    return dependencies_.calls->under_way() > 0 || dependencies_.calls->writes_at_work() > 0;
  };
  while (at_work() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kLookInterval);
  }
  AwaitLastCall();
}

// A caller that gets CANCELLED does not know that it may retry.
void GrpcServers::AwaitLastCall() const {
  const auto began = std::chrono::steady_clock::now();
  auto latest = began;
  uint64_t seen = dependencies_.calls->begun();
  for (auto now = began; now < latest + kCalm && now < began + kMostCalls;
       now = std::chrono::steady_clock::now()) {
    std::this_thread::sleep_for(kLookInterval);
    const uint64_t begun = dependencies_.calls->begun();
    if (std::exchange(seen, begun) != begun) latest = now;
  }
}

void GrpcServers::Close() {
  // Without a deadline Shutdown waits for connections as well as calls: twenty seconds for a caller
  // that is frozen. With one it still waits for what it writes to a caller that takes nothing in.
  const auto deadline = std::chrono::system_clock::now() + kLastAnswerTime;
  const auto cut_at = std::chrono::steady_clock::now() + kLastAnswerTime;
  std::vector<std::future<void>> closing;
  for (const Endpoint& endpoint : servers_) {
    closing.push_back(std::async(std::launch::async,
                                 [&endpoint, deadline] { endpoint.server->Shutdown(deadline); }));
  }
  for (const std::future<void>& one : closing) {
    if (one.wait_until(cut_at) != std::future_status::ready) connections_.CloseAll();
  }
}

GrpcServers::~GrpcServers() {
  accept_loop_.reset();
  dependencies_.watchers->CancelAll();
  for (const Endpoint& endpoint : servers_)
    endpoint.server->Shutdown(std::chrono::system_clock::now());
}

}  // namespace ccplace
