#include "lib/lifecycle/existing.h"

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/lifecycle/reasons.h"

namespace ccplace {

absl::StatusOr<DefinedDomain> ReadOwn(const DomainDescription& domain,
                                      DefinitionMemory& definitions) {
  const auto defined = definitions.Read(domain.uuid, domain.xml);
  if (!defined->ok()) {
    return absl::InternalError(absl::StrCat(
        "domain ", domain.uuid, ": libvirt's XML cannot be read: ", defined->status().message()));
  }
  if ((*defined)->ownership.has_value()) return *defined;
  return WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          "domain ", domain.uuid, " was not defined by ccplace; use the tool that made it")),
      reasons::kForeignDomain, domain.uuid);
}

absl::Status CheckTimeLeft(const Clock& clock, std::chrono::steady_clock::time_point deadline,
                           absl::string_view step) {
  if (clock.Monotonic() < deadline) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat("out of time before ", step, "; repeat the same request"));
}

}  // namespace ccplace
