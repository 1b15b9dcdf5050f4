#include "server/auth/authenticator.h"

#include <grpc/grpc_security_constants.h>

#include <array>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

absl::Status RoleTooLow(absl::string_view who, Role has, Role needed, absl::string_view remedy) {
  return absl::PermissionDeniedError(absl::StrCat(who, " has the role ", RoleName(has),
                                                  ", and the call needs ", RoleName(needed), "; ",
                                                  remedy));
}

// The properties that gRPC sets from a verified certificate, in the order of
// kCertificateNamePrefixes.
constexpr std::array<const char*, kCertificateNamePrefixes.size()> kNameProperties = {
    GRPC_PEER_URI_PROPERTY_NAME, GRPC_PEER_DNS_PROPERTY_NAME, GRPC_PEER_IP_PROPERTY_NAME,
    GRPC_PEER_EMAIL_PROPERTY_NAME};

// Every subject alternative name of a verified certificate.
std::vector<std::string> NamesOf(const grpc::AuthContext& auth) {
  std::vector<std::string> names;
  for (size_t kind = 0; kind < kNameProperties.size(); ++kind) {
    for (const grpc::string_ref& value : auth.FindPropertyValues(kNameProperties[kind])) {
      names.push_back(absl::StrCat(kCertificateNamePrefixes[kind],
                                   absl::string_view(value.data(), value.size())));
    }
  }
  return names;
}

// The name that log and audit know a certificate by.
std::string FirstNameOf(const grpc::CallbackServerContext& context) {
  const auto auth = context.auth_context();
  if (auth == nullptr) return "unnamed";
  const std::vector<std::string> names = NamesOf(*auth);
  return names.empty() ? "unnamed" : Printable(names.front(), 255);
}

bool Holds(const std::set<std::string>& allowed, const std::vector<std::string>& names) {
  if (allowed.count("*") > 0) return true;
  for (const std::string& name : names) {
    if (allowed.count(name) > 0) return true;
  }
  return false;
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

CertificateAuthenticator::CertificateAuthenticator(CertificateRoles roles)
    : roles_(std::move(roles)) {}

absl::Status CertificateAuthenticator::Authorize(const grpc::CallbackServerContext& context,
                                                 Role needed) const {
  const auto auth = context.auth_context();
  if (auth == nullptr || !auth->IsPeerAuthenticated()) {
    return absl::UnauthenticatedError(
        "no client certificate was verified; present one that the daemon's client CA signed");
  }
  const std::vector<std::string> names = NamesOf(*auth);
  if (names.empty()) {
    return absl::UnauthenticatedError(
        "the client certificate has no subject alternative name; issue one with a DNS name or URI");
  }
  const Role role = Holds(roles_.operators, names) ? Role::kOperator
                    : Holds(roles_.readers, names) ? Role::kReader
                                                   : Role::kNone;
  if (role >= needed) return absl::OkStatus();
  return RoleTooLow(Quoted(names.front()), role, needed,
                    "have a name of the certificate added to --tls_operators or --tls_readers");
}

std::string CertificateAuthenticator::Describe(const grpc::CallbackServerContext& context) const {
  return absl::StrCat("tls ", FirstNameOf(context), " ", Printable(context.peer()));
}

QuotaKey CertificateAuthenticator::QuotaKeyOf(const grpc::CallbackServerContext& context) const {
  return {kTlsEndpoint, FirstNameOf(context)};
}

}  // namespace ccplace
