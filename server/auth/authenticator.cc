#include "server/auth/authenticator.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

absl::Status RoleTooLow(absl::string_view who, Role has, Role needed, absl::string_view remedy) {
  return absl::PermissionDeniedError(absl::StrCat(who, " has the role ", RoleName(has),
                                                  ", and the call needs ", RoleName(needed), "; ",
                                                  remedy));
}

}  // namespace

EndpointAuthenticator::EndpointAuthenticator(std::string name, Role role,
                                             const ConnectionTable* connections)
    : name_(std::move(name)), role_(role), connections_(connections) {}

absl::Status EndpointAuthenticator::Authorize(const grpc::CallbackServerContext&,
                                              Role needed) const {
  if (role_ >= needed) return absl::OkStatus();
  return RoleTooLow(absl::StrCat("the ", name_), role_, needed, "use the operator's socket");
}

std::string EndpointAuthenticator::Describe(const grpc::CallbackServerContext& context) const {
  const auto peer = PeerOf(context);
  return absl::StrCat(name_, " ", peer.has_value() ? ToText(*peer) : Printable(context.peer()));
}

std::optional<PeerCredentials> EndpointAuthenticator::PeerOf(
    const grpc::CallbackServerContext& context) const {
  return connections_ == nullptr ? std::nullopt : connections_->Find(context.peer());
}

QuotaKey EndpointAuthenticator::QuotaKeyOf(const grpc::CallbackServerContext& context) const {
  const auto peer = PeerOf(context);
  return {name_, peer.has_value() ? connections_->CallerOf(*peer) : ""};
}

CertificateAuthenticator::CertificateAuthenticator(
    CertificateRoles roles, std::shared_ptr<const AtomicSharedPtr<ClientTrust>> trust,
    std::shared_ptr<RefusedCertificates> refused, const Clock& clock)
    : callers_(std::move(roles), std::move(trust)), refused_(std::move(refused)), clock_(clock) {}

std::shared_ptr<const TlsCaller> CertificateAuthenticator::CallerOf(
    const grpc::CallbackServerContext& context) const {
  const auto connection = context.auth_context();
  if (connection == nullptr || !connection->IsPeerAuthenticated()) return nullptr;
  return callers_.Find(connection, clock_.Wall());
}

absl::Status CertificateAuthenticator::Authorize(const grpc::CallbackServerContext& context,
                                                 Role needed) const {
  const auto caller = CallerOf(context);
  if (caller == nullptr) {
    return absl::UnauthenticatedError(
        "no client certificate was verified; present one that the daemon's client CA signed");
  }
  if (!caller->status.ok()) {
    if (caller->refusal.has_value()) refused_->Count(*caller->refusal);
    return caller->status;
  }
  if (caller->role >= needed) return absl::OkStatus();
  return RoleTooLow(Quoted(caller->name), caller->role, needed,
                    "have a name of the certificate added to --tls_operators or --tls_readers");
}

std::string CertificateAuthenticator::Describe(const grpc::CallbackServerContext& context) const {
  const auto caller = CallerOf(context);
  if (caller == nullptr) return absl::StrCat("tls unnamed ", Printable(context.peer()));
  return absl::StrCat("tls ", caller->name, " ", caller->evidence, " ", Printable(context.peer()));
}

QuotaKey CertificateAuthenticator::QuotaKeyOf(const grpc::CallbackServerContext& context) const {
  const auto caller = CallerOf(context);
  return {kTlsEndpoint, caller == nullptr ? "unnamed" : caller->name};
}

}  // namespace ccplace
