#include "lib/placement/nova_plan.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

// nova 34's option for how many trust domains; it has none for AMD's models (nova/conf/libvirt.py).
constexpr absl::string_view kTdxOption = "[libvirt] num_intel_tdx_guests";

uint64_t NovasTotal(const ObservedProvider* seen) {
  return seen != nullptr && seen->keys.has_value() ? seen->keys->total : 0;
}

std::string LikelyCause(const ChildProvider& desired, const ObservedProvider* seen) {
  if (desired.model != v1::ENCRYPTION_MODEL_INTEL_TDX) {
    return "the likely cause is nova.conf's [libvirt] virt_type, or another libvirt that "
           "nova-compute asks";
  }
  if (NovasTotal(seen) > 0) {
    return absl::StrCat("the likely cause is ", kTdxOption,
                        " in nova.conf, or a misc.capacity that nova-compute sees and ccplaced "
                        "does not");
  }
  return absl::StrCat(
      "the likely cause is nova.conf's [libvirt] cpu_mode (host-passthrough is needed; nova's "
      "default is host-model) or virt_type, or a misc.capacity that nova-compute in its container "
      "cannot read (mount the host's /sys/fs/cgroup, or set ",
      kTdxOption, ")");
}

// Keys held back by ccplaced's options have no effect where nova writes the inventory.
std::string HeldBackText(const ChildProvider& desired, uint64_t novas) {
  const uint64_t wanted = desired.keys.total - desired.keys.held_back;
  if (desired.keys.held_back == 0 || novas <= wanted) return "";
  return absl::StrCat(" The ", desired.keys.held_back,
                      " keys that ccplaced holds back are not held back in Placement: set ",
                      kTdxOption, " = ", wanted, " in nova.conf.");
}

}  // namespace

ChildStatus StatusOfNovas(const ChildProvider& desired, const ObservedProvider* seen,
                          const RootProvider& root) {
  const uint64_t novas = NovasTotal(seen);
  const bool offers = desired.state == DesiredState::kPresent;
  const bool comparable = root.owner == HostOwner::kNova && offers;
  if (comparable && novas < desired.keys.total - desired.keys.held_back) {
    return {desired.model, desired.name, ChildState::kNovaReportsLess,
            absl::StrCat("nova reports ", novas, " keys, ", desired.reason, ": ",
                         LikelyCause(desired, seen), ".")};
  }
  if (seen == nullptr && !offers) {
    return {desired.model, desired.name, ChildState::kAbsent,
            absl::StrCat(desired.reason, "; ", desired.left_to_nova, ".")};
  }
  return {desired.model, desired.name, ChildState::kOwnedByNova,
          absl::StrCat(desired.left_to_nova, ", and ccplace leaves them alone.",
                       comparable ? HeldBackText(desired, novas) : "")};
}

}  // namespace ccplace
