#include "lib/lifecycle/owned_domain.h"

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/lifecycle/reasons.h"

namespace ccplace {

namespace {

absl::Status ForeignError(const std::string& uuid) {
  return WithReason(absl::FailedPreconditionError(absl::StrCat(
                        "domain ", uuid, " was not defined by ccplace; use the tool that made it")),
                    reasons::kForeignDomain, uuid);
}

absl::Status CheckOwn(const std::string& uuid, const absl::StatusOr<DefinedDomain>& defined) {
  if (!defined.ok()) {
    return absl::InternalError(absl::StrCat(
        "domain ", uuid, ": libvirt's XML cannot be read: ", defined.status().message()));
  }
  return defined->ownership.has_value() ? absl::OkStatus() : ForeignError(uuid);
}

}  // namespace

absl::StatusOr<DefinedDomain> ReadOwnedDomain(const DomainDescription& domain,
                                              ParsedDomainCache& parsed_domains) {
  const auto defined = parsed_domains.Read(domain.uuid, domain.xml);
  const absl::Status status = CheckOwn(domain.uuid, *defined);
  if (!status.ok()) return status;
  return *defined;
}

absl::StatusOr<std::optional<DefinedDomain>> ReadOwnedDefinition(const DomainDescription& domain) {
  if (domain.definition.empty()) return std::nullopt;
  auto defined = ReadDomainXml(domain.definition);
  const absl::Status status = CheckOwn(domain.uuid, defined);
  if (!status.ok()) return status;
  return *std::move(defined);
}

absl::Status CheckOwned(const std::string& uuid, const FoundMetadata& metadata) {
  if (!ReadOwnershipXml(metadata.in_force).has_value()) return ForeignError(uuid);
  if (!metadata.definition.has_value()) return absl::OkStatus();
  return ReadOwnershipXml(*metadata.definition).has_value() ? absl::OkStatus() : ForeignError(uuid);
}

absl::Status CheckTimeLeft(const Clock& clock, std::chrono::steady_clock::time_point deadline,
                           absl::string_view step) {
  if (clock.Monotonic() < deadline) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat("out of time before ", step, "; repeat the same request"));
}

}  // namespace ccplace
