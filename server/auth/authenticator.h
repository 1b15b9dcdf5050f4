// Who is behind a call, and what they may do.
#ifndef CCPLACE_SERVER_AUTH_AUTHENTICATOR_H_
#define CCPLACE_SERVER_AUTH_AUTHENTICATOR_H_

#include <grpcpp/server_context.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lib/base/clock.h"
#include "server/auth/role.h"
#include "server/auth/tls_callers.h"
#include "server/common/refusal_counts.h"
#include "server/transport/connection_table.h"

namespace ccplace {

// Knows the callers that come through one endpoint. Thread-safe.
class Authenticator {
 public:
  virtual ~Authenticator() = default;

  // OK when the caller has `needed` or more. PERMISSION_DENIED: a lesser role. UNAUTHENTICATED: the
  // caller is not known.
  [[nodiscard]] virtual absl::Status Authorize(const grpc::CallbackServerContext& context,
                                               Role needed) const = 0;

  // Who calls, for log and audit: printable.
  virtual std::string Describe(const grpc::CallbackServerContext& context) const = 0;

  // Whom the call counts for where what one caller may hold is bounded.
  virtual QuotaKey QuotaKeyOf(const grpc::CallbackServerContext& context) const = 0;
};

// The endpoint gives the role: every caller that can open the socket has it.
class EndpointAuthenticator final : public Authenticator {
 public:
  // `name` is the endpoint's, for messages. `connections` has the peers of its connections, must
  // outlive this, and may be null where peers are not known (plaintext TCP).
  EndpointAuthenticator(std::string name, Role role, const ConnectionTable* connections);

  absl::Status Authorize(const grpc::CallbackServerContext& context, Role needed) const override;
  std::string Describe(const grpc::CallbackServerContext& context) const override;
  QuotaKey QuotaKeyOf(const grpc::CallbackServerContext& context) const override;

 private:
  std::optional<PeerCredentials> PeerOf(const grpc::CallbackServerContext& context) const;

  const std::string name_;
  const Role role_;
  const ConnectionTable* const connections_;
};

// The TLS endpoint's name, as QuotaKey's.
inline constexpr char kTlsEndpoint[] = "TLS address";

// The role comes with the client's certificate, for as long as that counts: every call looks.
class CertificateAuthenticator final : public Authenticator {
 public:
  // `trust` says which certificates count, `refused` counts those that no longer do; neither is
  // null. `clock` must outlive this.
  CertificateAuthenticator(CertificateRoles roles,
                           std::shared_ptr<const AtomicSharedPtr<ClientTrust>> trust,
                           std::shared_ptr<RefusedCertificates> refused, const Clock& clock);

  absl::Status Authorize(const grpc::CallbackServerContext& context, Role needed) const override;
  std::string Describe(const grpc::CallbackServerContext& context) const override;
  QuotaKey QuotaKeyOf(const grpc::CallbackServerContext& context) const override;

 private:
  // Nothing: no certificate was verified.
  std::shared_ptr<const TlsCaller> CallerOf(const grpc::CallbackServerContext& context) const;

  const TlsCallers callers_;
  const std::shared_ptr<RefusedCertificates> refused_;
  const Clock& clock_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_AUTH_AUTHENTICATOR_H_
