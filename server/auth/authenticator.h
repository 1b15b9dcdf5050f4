// Who is behind a call, and what they may do.
#ifndef CCPLACE_SERVER_AUTH_AUTHENTICATOR_H_
#define CCPLACE_SERVER_AUTH_AUTHENTICATOR_H_

#include <grpcpp/server_context.h>

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/auth/role.h"
#include "server/transport/connection_table.h"

namespace ccplace {

// Knows the callers that come through one door. Thread-safe.
class Callers {
 public:
  virtual ~Callers() = default;

  // OK when the caller has `needed` or more. PERMISSION_DENIED: a lesser role. UNAUTHENTICATED: it
  // could not be told who calls.
  [[nodiscard]] virtual absl::Status Admit(const grpc::CallbackServerContext& context,
                                           Role needed) const = 0;

  // Who calls, for log and audit: printable.
  virtual std::string Describe(const grpc::CallbackServerContext& context) const = 0;

  // Whom the call counts for where what one caller may hold is bounded.
  virtual PlaceHolder HolderOf(const grpc::CallbackServerContext& context) const = 0;
};

// The role comes with the door: everybody who can open the socket has it.
class DoorCallers final : public Callers {
 public:
  // `name` is the door's, for messages; `peers` tells who is behind its connections and may be
  // null where the door cannot tell (plaintext TCP); it must outlive this.
  DoorCallers(std::string name, Role role, const PeerTable* peers);

  absl::Status Admit(const grpc::CallbackServerContext& context, Role needed) const override;
  std::string Describe(const grpc::CallbackServerContext& context) const override;
  PlaceHolder HolderOf(const grpc::CallbackServerContext& context) const override;

 private:
  std::optional<PeerCredentials> PeerOf(const grpc::CallbackServerContext& context) const;

  const std::string name_;
  const Role role_;
  const PeerTable* const peers_;
};

// The TLS door's name, as PlaceHolder's.
inline constexpr char kTlsDoor[] = "TLS address";

// The role comes with the client's certificate.
class CertificateCallers final : public Callers {
 public:
  explicit CertificateCallers(CertificateRoles roles);

  absl::Status Admit(const grpc::CallbackServerContext& context, Role needed) const override;
  std::string Describe(const grpc::CallbackServerContext& context) const override;
  PlaceHolder HolderOf(const grpc::CallbackServerContext& context) const override;

 private:
  const CertificateRoles roles_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_AUTH_AUTHENTICATOR_H_
