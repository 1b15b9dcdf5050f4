// The C++ client of ccplaced.
#ifndef CCPLACE_CLIENT_CLIENT_H_
#define CCPLACE_CLIENT_CLIENT_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ccplace/v1/capability.pb.h"
#include "ccplace/v1/domain.pb.h"
#include "ccplace/v1/inventory.pb.h"
#include "ccplace/v1/request.pb.h"
#include "ccplace/v1/watch.pb.h"

namespace ccplace {

// Where ccplaced listens by default.
inline constexpr char kDefaultAddress[] = "unix:/run/ccplace/ccplaced.sock";
// The same, for calls that change nothing.
inline constexpr char kReadOnlyAddress[] = "unix:/run/ccplace/ccplaced-ro.sock";

// TLS towards a TCP address. Files are PEM, read once by Connect.
struct TlsOptions {
  bool enabled = false;  // Also on when any of the others is set.
  std::string ca_file;   // Authorities the server's certificate is checked by; empty: the system's.
  std::string certificate_file;  // Client certificate with its chain; with key_file.
  std::string key_file;          // Its private key.
  std::string server_name;       // Name the certificate must carry; empty: the address's host.
};

// How to reach a ccplaced.
struct ClientOptions {
  std::string address = kDefaultAddress;      // As ParseAddress (client/address.h) reads it.
  std::chrono::milliseconds timeout{10'000};  // Deadline of each call but WatchHost; above zero.
  TlsOptions tls;
  std::string user_agent = "ccplace-client";  // Shown in the server's logs; printable ASCII.
};

// The stream of WatchHost. Next and status are for one thread; Cancel is for any. Must not outlive
// the HostClient it came from.
class WatchStream {
 public:
  virtual ~WatchStream() = default;

  // The next state; blocks until there is one. Nothing: the stream ended, see status.
  virtual std::optional<v1::WatchHostResponse> Next() = 0;

  // Why the stream ended; for after Next gave nothing. CANCELLED after Cancel. Never OK: a server
  // that ends the stream of itself is UNAVAILABLE.
  virtual absl::Status status() = 0;

  // Ends the stream: Next returns soon.
  virtual void Cancel() = 0;
};

// One ccplaced. Thread-safe: calls from several threads share one connection, which gRPC makes on
// the first call and again after it broke. Calls block until the answer or the deadline.
//
// A failed call gives the server's code and message. UNAVAILABLE with "cannot reach" and a remedy
// in its message: there was no connection. The server's google.rpc details travel in a payload;
// ErrorLines (client/error_text.h) makes readable lines of them. The codes of each RPC, and what
// to do about them, are in proto/ccplace/v1/host_service.proto.
class HostClient {
 public:
  virtual ~HostClient() = default;

  // A client for `options`; does not connect yet. INVALID_ARGUMENT: the address or a timeout is
  // malformed, TLS was asked of a unix socket or not asked of a TCP address that is not loopback.
  // NOT_FOUND, PERMISSION_DENIED and others: a TLS file cannot be read.
  static absl::StatusOr<std::unique_ptr<HostClient>> Create(const ClientOptions& options);

  virtual absl::StatusOr<v1::HostCapabilitiesResponse> HostCapabilities(
      const v1::HostCapabilitiesRequest& request) = 0;
  virtual absl::StatusOr<v1::TdxInventoryResponse> TdxInventory(
      const v1::TdxInventoryRequest& request) = 0;
  virtual absl::StatusOr<v1::ValidateRequestResponse> ValidateRequest(
      const v1::ValidateRequestRequest& request) = 0;
  virtual absl::StatusOr<v1::DefineTdxDomainResponse> DefineTdxDomain(
      const v1::DefineTdxDomainRequest& request) = 0;
  virtual absl::StatusOr<v1::UndefineTdxDomainResponse> UndefineTdxDomain(
      const v1::UndefineTdxDomainRequest& request) = 0;
  virtual absl::StatusOr<v1::ListTdxDomainsResponse> ListTdxDomains(
      const v1::ListTdxDomainsRequest& request) = 0;

  // Opens the stream of states; without a deadline. Failure to connect shows in the stream's
  // status. HostWatcher (client/host_watcher.h) adds reconnection.
  virtual std::unique_ptr<WatchStream> WatchHost(const v1::WatchHostRequest& request) = 0;

  // The address in use, for messages.
  virtual const std::string& address() const = 0;
};

}  // namespace ccplace

#endif  // CCPLACE_CLIENT_CLIENT_H_
