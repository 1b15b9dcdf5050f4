// The checks behind a verdict, one function each. check_table.cc says which model has which.
#ifndef CCPLACE_LIB_CAPABILITY_CHECKS_CHECKS_H_
#define CCPLACE_LIB_CAPABILITY_CHECKS_CHECKS_H_

#include <string>

#include "ccplace/v1/capability.pb.h"
#include "lib/capability/facts/facts.h"
#include "lib/capability/facts/model_table.h"

namespace ccplace {

// What a check looks at. Refers to its parts; lives no longer than they do.
struct CheckInput {
  const ModelInfo& model;
  const HostFileFacts& files;
  const absl::StatusOr<HypervisorFacts>& hypervisor;
  const CapabilityOptions& options;
  const v1::KeyInventory& keys;
};

// What a check saw: the fields of v1::Check that it decides.
struct Finding {
  v1::CheckResult result;
  std::string found;
  std::string source;
  std::string remedy;
};

// Builders; `found` and `source` are made printable and bounded.
Finding Pass(absl::string_view found, absl::string_view source);
Finding Fail(absl::string_view found, absl::string_view source, absl::string_view remedy);
Finding Unknown(absl::string_view found, absl::string_view source, absl::string_view remedy);

// libvirt's domain capabilities; null: they are not known.
const DomainCapabilities* CapabilitiesOf(const CheckInput& input);

// From the kernel.
Finding CheckArchitecture(const CheckInput& input);
Finding CheckKernelParameter(const CheckInput& input);
Finding CheckHibernation(const CheckInput& input);
Finding CheckNotDisplaced(const CheckInput& input);
Finding CheckNoOlderGuests(const CheckInput& input);
Finding CheckKeyCapacity(const CheckInput& input);

// From the kernel and the daemon's options. result UNSPECIFIED: the options name no version.
Finding CheckTdxModuleVersion(const CheckInput& input);

// From libvirt.
Finding CheckDomainCapability(const CheckInput& input);
Finding CheckLaunchSecurityType(const CheckInput& input);
Finding CheckSectypeAgreement(const CheckInput& input);

// From the daemon's options.
Finding CheckVirtType(const CheckInput& input);
Finding CheckCpuMode(const CheckInput& input);
Finding CheckMachineType(const CheckInput& input);

// From nova.conf. result UNSPECIFIED: --nova_config is not set, and there is no such check.
Finding CheckNovaAgreement(const CheckInput& input);

// From firmware descriptors and sockets.
Finding CheckFirmware(const CheckInput& input);
Finding CheckFirmwareDescriptors(const CheckInput& input);
Finding CheckQuoteGenerationService(const CheckInput& input);
Finding CheckQuoteServiceAccess(const CheckInput& input);

// The firmware of input.model, for each way of secure boot.
v1::GuestFirmware GuestFirmwareOf(const CheckInput& input);

// `guest`, the firmware of trust domains, with what it measures to.
v1::TdxFirmware TdxFirmwareOf(const v1::GuestFirmware& guest,
                              const FirmwareMeasurements& measurements);

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_CHECKS_CHECKS_H_
