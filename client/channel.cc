#include "client/channel.h"

#include <grpcpp/grpcpp.h>

#include <cerrno>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

// gRPC's own wait before it connects again: its default grows to two minutes, far longer than
// ccplaced takes to restart.
constexpr int kFirstReconnectMs = 200;
constexpr int kLongestReconnectMs = 5000;
// How soon a peer that fell silent is asked whether it lives: a gRPC server takes questions within
// five minutes of each other for abuse (gRPC's keepalive guide).
constexpr int kKeepaliveMs = 330'000;
constexpr int kKeepaliveAnswerMs = 20'000;
constexpr size_t kPemLimitBytes = 1 << 20;

absl::StatusOr<std::string> ReadPem(const std::string& path, absl::string_view what) {
  if (path.empty()) return std::string();
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read the ", what, " ", Quoted(path)));
  }
  std::string text(kPemLimitBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.empty() || text.size() > kPemLimitBytes) {
    return absl::InvalidArgumentError(absl::StrCat("the ", what, " ", Quoted(path),
                                                   " is empty or over 1 MiB: is it a PEM file?"));
  }
  return text;
}

bool WantsTls(const TlsOptions& tls) {
  return tls.enabled || !tls.ca_file.empty() || !tls.certificate_file.empty() ||
         !tls.key_file.empty() || !tls.server_name.empty();
}

absl::Status CheckTls(const Address& address, const TlsOptions& tls) {
  if (WantsTls(tls) && address.kind == Address::Kind::kUnixSocket) {
    return absl::InvalidArgumentError(
        "TLS is not used on a unix socket: drop the TLS options, or give HOST:PORT");
  }
  if (!WantsTls(tls) && !address.loopback) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(address.host),
                     " is not this machine, and without TLS only loopback is allowed: "
                     "state the authority's certificate (and your own)"));
  }
  if (tls.certificate_file.empty() != tls.key_file.empty()) {
    return absl::InvalidArgumentError("a client certificate and its key go together: state both");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> Credentials(const TlsOptions& tls) {
  if (!WantsTls(tls)) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  absl::StatusOr<std::string> ca = ReadPem(tls.ca_file, "authority's certificate");
  if (!ca.ok()) return ca.status();
  absl::StatusOr<std::string> chain = ReadPem(tls.certificate_file, "client certificate");
  if (!chain.ok()) return chain.status();
  absl::StatusOr<std::string> key = ReadPem(tls.key_file, "client key");
  if (!key.ok()) return key.status();
  options.pem_root_certs = *std::move(ca);
  options.pem_cert_chain = *std::move(chain);
  options.pem_private_key = *std::move(key);
  return grpc::SslCredentials(options);
}

grpc::ChannelArguments Arguments(const ClientOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix(options.user_agent);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kLongestReconnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLongestReconnectMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveAnswerMs);
  // A host of one's own is not reached through the proxy that http_proxy names.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // The certificate must carry this name in place of the address's host.
  if (!options.tls.server_name.empty()) {
    arguments.SetSslTargetNameOverride(options.tls.server_name);
  }
  return arguments;
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const Address& address,
                                                           const ClientOptions& options) {
  absl::Status checked = CheckTls(address, options.tls);
  if (!checked.ok()) return checked;
  const auto credentials = Credentials(options.tls);
  if (!credentials.ok()) return credentials.status();
  return grpc::CreateCustomChannel(address.Target(), *credentials, Arguments(options));
}

}  // namespace ccplace
