// The request that tests of more than one room begin with.
#ifndef CCPLACE_TESTS_SUPPORT_GOOD_DEFINITION_H_
#define CCPLACE_TESTS_SUPPORT_GOOD_DEFINITION_H_

#include "ccplace/v1/domain.pb.h"

namespace ccplace {

inline constexpr char kUuid[] = "2f1c0f5e-7c0a-4b0e-9a57-1b1f3f3f0d11";

// A request that is accepted on the simulated host.
inline v1::DefineTdxDomainRequest GoodDefinition() {
  v1::DefineTdxDomainRequest request;
  v1::TdxDomainSpec& domain = *request.mutable_domain();
  domain.set_uuid(kUuid);
  domain.set_name("td-one");
  domain.set_vcpus(2);
  domain.set_memory_mib(2048);
  domain.add_disks()->mutable_file()->set_path("/var/lib/libvirt/images/demo.raw");
  auto& specs = *request.mutable_flavor()->mutable_extra_specs();
  specs["hw:mem_encryption"] = "true";
  specs["hw:mem_encryption_model"] = "intel-tdx";
  auto& properties = *request.mutable_image()->mutable_properties();
  properties["hw_firmware_type"] = "uefi";
  properties["hw_machine_type"] = "q35";
  properties["hw_firmware_stateless"] = "true";
  properties["os_secure_boot"] = "optional";
  properties["hw_video_model"] = "none";
  return request;
}

}  // namespace ccplace

#endif  // CCPLACE_TESTS_SUPPORT_GOOD_DEFINITION_H_
