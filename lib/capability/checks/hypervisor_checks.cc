// Checks of what libvirt says.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/capability/checks/checks.h"
#include "lib/hypervisor/hypervisor.h"

namespace ccplace {
namespace {

constexpr absl::string_view kSource = "libvirt domain capabilities";
constexpr absl::string_view kConnectRemedy =
    "start libvirt (systemctl start libvirtd or virtqemud.socket) and let ccplaced connect to it "
    "(--libvirt_uri, membership in group libvirt)";

bool IsTdx(const CheckInput& input) { return input.model.model == v1::ENCRYPTION_MODEL_INTEL_TDX; }

// <tdx> for TDX, <sev> for all of SEV.
absl::string_view ElementOf(const CheckInput& input) { return IsTdx(input) ? "tdx" : "sev"; }

// What to do about a libvirt too old to know what is asked.
std::string UpgradeRemedy(const CheckInput& input, absl::string_view element) {
  const absl::string_view since = IsTdx(input) ? "libvirt 11.6" : "libvirt 10.5";
  return absl::StrCat("upgrade to ", since, " or later: ", input.hypervisor->versions.libvirt,
                      " knows no ", element);
}

// Why there are no domain capabilities to look at.
Finding WithoutCapabilities(const CheckInput& input) {
  if (!input.hypervisor.ok()) {
    const absl::string_view remedy = AccessRemedy(input.hypervisor.status());
    return Unknown(input.hypervisor.status().message(), "libvirt",
                   remedy.empty() ? kConnectRemedy : remedy);
  }
  const absl::Status& status = input.hypervisor->domain_capabilities.status();
  if (!absl::IsInvalidArgument(status)) {
    return Unknown(status.message(), kSource, "see libvirt's own log");
  }
  return Fail(status.message(), kSource,
              "make KVM usable (virtualization on in the firmware setup, kvm module loaded, "
              "/dev/kvm open to QEMU), and check --virt_type and --default_machine_type");
}

bool Lists(const DomainCapabilities& capabilities, absl::string_view sectype) {
  return std::find(capabilities.sectypes.begin(), capabilities.sectypes.end(), sectype) !=
         capabilities.sectypes.end();
}

std::string SectypesOf(const DomainCapabilities& capabilities) {
  return absl::StrCat("sectypes: ", capabilities.sectypes.empty()
                                        ? "none"
                                        : absl::StrJoin(capabilities.sectypes, ", "));
}

}  // namespace

const DomainCapabilities* CapabilitiesOf(const CheckInput& input) {
  if (!input.hypervisor.ok() || !input.hypervisor->domain_capabilities.ok()) return nullptr;
  return &*input.hypervisor->domain_capabilities;
}

Finding CheckDomainCapability(const CheckInput& input) {
  const DomainCapabilities* capabilities = CapabilitiesOf(input);
  if (capabilities == nullptr) return WithoutCapabilities(input);
  const std::string element = absl::StrCat("<", ElementOf(input), ">");
  const std::string source = absl::StrCat(kSource, " <features>", element);
  switch (IsTdx(input) ? capabilities->tdx : capabilities->sev) {
    case Offer::kYes:
      return Pass("supported='yes'", source);
    case Offer::kNo:
      return Fail("supported='no'", source,
                  absl::StrCat("repair the kernel's side first (", input.model.module, ".",
                               input.model.parameter,
                               ", /dev/kvm and QEMU's support), then restart "
                               "libvirt so that it probes QEMU again"));
    case Offer::kAbsent:
      break;
  }
  return Unknown(absl::StrCat("no ", element, " element"), source, UpgradeRemedy(input, element));
}

Finding CheckLaunchSecurityType(const CheckInput& input) {
  const DomainCapabilities* capabilities = CapabilitiesOf(input);
  if (capabilities == nullptr) return WithoutCapabilities(input);
  const std::string source = absl::StrCat(kSource, " <launchSecurity> sectype");
  if (capabilities->launch_security == Offer::kAbsent) {
    return Unknown("no <launchSecurity> element", source,
                   UpgradeRemedy(input, "<launchSecurity> element"));
  }
  if (Lists(*capabilities, input.model.sectype)) return Pass(SectypesOf(*capabilities), source);
  return Fail(SectypesOf(*capabilities), source,
              absl::StrCat("install a QEMU and libvirt that offer ", input.model.sectype,
                           " (QEMU 9.1, libvirt 10.5), then restart libvirt"));
}

// libvirt lists a sectype when QEMU has the object for it; the element also needs the kernel.
Finding CheckSectypeAgreement(const CheckInput& input) {
  const DomainCapabilities* capabilities = CapabilitiesOf(input);
  if (capabilities == nullptr) return WithoutCapabilities(input);
  const absl::string_view element = ElementOf(input);
  const Offer offer = IsTdx(input) ? capabilities->tdx : capabilities->sev;
  const std::string source = absl::StrCat(kSource, " <", element, "> and <launchSecurity> sectype");
  if (offer == Offer::kAbsent || capabilities->launch_security == Offer::kAbsent) {
    return Unknown("one of the two is missing", source, UpgradeRemedy(input, "such element"));
  }
  const bool listed = Lists(*capabilities, input.model.sectype);
  const bool offered = offer == Offer::kYes;
  const std::string found =
      absl::StrCat("<", element, " supported='", offered ? "yes" : "no", "'>, sectype ",
                   input.model.sectype, listed ? " listed" : " not listed");
  if (listed == offered) return Pass(found, source);
  if (listed) {
    return Fail(found, source,
                absl::StrCat("do not go by the sectype list: QEMU knows the model, but the host "
                             "does not offer it; see ",
                             input.model.module, ".", input.model.parameter));
  }
  return Fail(found, source, "restart libvirt, so that it probes QEMU again");
}

}  // namespace ccplace
