#include "server/auth/tls_callers.h"

#include <grpc/grpc_security_constants.h>

#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

using Instant = std::chrono::system_clock::time_point;

// How long a refusal is remembered: the host's clock may be corrected, and a caller that tries
// again and again is not to cost a check of signatures each time.
constexpr std::chrono::seconds kRefusalTime{1};
// From how many connections on those are forgotten that made no call for so long; and the most.
constexpr size_t kFewEntries = 32;
constexpr size_t kMostEntries = 256;
constexpr std::chrono::minutes kEntryTime{1};

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

// Of `connection` itself: lives and stays where it is for as long as that does.
absl::string_view PropertyOf(const grpc::AuthContext& connection, const char* name) {
  const auto values = connection.FindPropertyValues(name);
  if (values.empty()) return {};
  return {values.front().data(), values.front().size()};
}

// The first of `names` that is in `allowed`; null: none. With "*" in it the first of all.
const std::string* FirstAllowed(const std::set<std::string>& allowed,
                                const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (allowed.count(name) > 0) return &name;
  }
  return allowed.count("*") > 0 ? &names.front() : nullptr;
}

// Sets role and name. Of a certificate without a name: neither.
void GiveRole(const CertificateRoles& roles, const std::vector<std::string>& names,
              TlsCaller& caller) {
  caller.name = "unnamed";
  if (names.empty()) return;
  const std::string* giver = FirstAllowed(roles.operators, names);
  if (giver != nullptr) {
    caller.role = Role::kOperator;
  } else if ((giver = FirstAllowed(roles.readers, names)) != nullptr) {
    caller.role = Role::kReader;
  }
  caller.name = Printable(giver != nullptr ? *giver : names.front(), 255);
}

}  // namespace

TlsCallers::TlsCallers(CertificateRoles roles,
                       std::shared_ptr<const AtomicSharedPtr<ClientTrust>> trust)
    : roles_(std::move(roles)), trust_(std::move(trust)) {}

std::shared_ptr<const TlsCaller> TlsCallers::Find(
    const std::shared_ptr<const grpc::AuthContext>& connection, Instant now) const {
  std::shared_ptr<const ClientTrust> trust = trust_->Current();
  const void* const key = PropertyOf(*connection, GRPC_X509_PEM_CERT_PROPERTY_NAME).data();
  Shard& shard = shards_[std::hash<const void*>()(key) / 64 % shards_.size()];
  {
    const std::lock_guard<std::mutex> lock(shard.mutex);
    const auto found = shard.entries.find(key);
    if (found != shard.entries.end() && now < found->second.caller->recheck_at &&
        found->second.caller->trust == trust) {
      found->second.used = now;
      return found->second.caller;
    }
  }
  auto caller = Identify(connection, std::move(trust), now);
  if (key == nullptr) return caller;
  const std::lock_guard<std::mutex> lock(shard.mutex);
  MakeRoom(shard, now);
  shard.entries[key] = {caller, now};
  return caller;
}

std::shared_ptr<const TlsCaller> TlsCallers::Identify(
    std::shared_ptr<const grpc::AuthContext> connection, std::shared_ptr<const ClientTrust> trust,
    Instant now) const {
  auto caller = std::make_shared<TlsCaller>();
  const ClientCertificate certificate = {
      PropertyOf(*connection, GRPC_X509_PEM_CERT_PROPERTY_NAME),
      PropertyOf(*connection, GRPC_X509_PEM_CERT_CHAIN_PROPERTY_NAME), NamesOf(*connection)};
  CertificateVerdict verdict = trust->Judge(certificate, absl::FromChrono(now));
  if (verdict.status.ok() && certificate.names.empty()) {
    verdict.status = absl::UnauthenticatedError(
        "the client certificate has no subject alternative name; issue one with a DNS name or URI");
  }
  GiveRole(roles_, certificate.names, *caller);
  caller->evidence = absl::StrCat("serial=", verdict.serial, " sha256=", verdict.sha256);
  // The last second of its validity is one.
  caller->recheck_at = verdict.status.ok() ? absl::ToChronoTime(verdict.until + absl::Seconds(1))
                                           : now + kRefusalTime;
  caller->status = std::move(verdict.status);
  caller->refusal = verdict.refusal;
  caller->trust = std::move(trust);
  caller->connection = std::move(connection);
  return caller;
}

void TlsCallers::MakeRoom(Shard& shard, Instant now) {
  if (shard.entries.size() < kFewEntries) return;
  for (auto it = shard.entries.begin(); it != shard.entries.end();) {
    it = now - it->second.used >= kEntryTime ? shard.entries.erase(it) : std::next(it);
  }
  // They are only looked up again.
  if (shard.entries.size() >= kMostEntries) shard.entries.clear();
}

}  // namespace ccplace
