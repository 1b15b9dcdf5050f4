// Who is behind the connections of the TLS endpoint.
#ifndef CCPLACE_SERVER_AUTH_TLS_CALLERS_H_
#define CCPLACE_SERVER_AUTH_TLS_CALLERS_H_

#include <grpcpp/security/auth_context.h>

#include <array>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "absl/status/status.h"
#include "lib/base/atomic_shared_ptr.h"
#include "server/auth/client_trust.h"
#include "server/auth/role.h"

namespace ccplace {

// What the certificate of one connection is worth.
struct TlsCaller {
  absl::Status status;  // OK or UNAUTHENTICATED.
  std::optional<CertificateRefusal> refusal;
  Role role = Role::kNone;  // Only with OK.
  std::string name;         // The one that gave the role, else the certificate's first; printable.
  std::string evidence;     // "serial=0A1B sha256=90ab…", to find the certificate by.

  // When this must be looked up again: at the certificate's end, or once other certificates count.
  std::chrono::system_clock::time_point recheck_at;
  std::shared_ptr<const ClientTrust> trust;
  // Kept, so that its address stays this connection's: gRPC gives a connection no other name that
  // is never given to another.
  std::shared_ptr<const grpc::AuthContext> connection;
};

// Remembers the callers of connections, so that a call reads no certificate. Thread-safe.
class TlsCallers {
 public:
  // `trust` is never null.
  TlsCallers(CertificateRoles roles, std::shared_ptr<const AtomicSharedPtr<ClientTrust>> trust);

  // Who is behind `connection`, at `now`; never null.
  std::shared_ptr<const TlsCaller> Find(const std::shared_ptr<const grpc::AuthContext>& connection,
                                        std::chrono::system_clock::time_point now) const;

 private:
  struct Entry {
    std::shared_ptr<const TlsCaller> caller;
    std::chrono::system_clock::time_point used;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<const void*, Entry> entries;
  };

  std::shared_ptr<const TlsCaller> Identify(std::shared_ptr<const grpc::AuthContext> connection,
                                            std::shared_ptr<const ClientTrust> trust,
                                            std::chrono::system_clock::time_point now) const;
  static void MakeRoom(Shard& shard, std::chrono::system_clock::time_point now);

  const CertificateRoles roles_;
  const std::shared_ptr<const AtomicSharedPtr<ClientTrust>> trust_;
  mutable std::array<Shard, 8> shards_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_AUTH_TLS_CALLERS_H_
