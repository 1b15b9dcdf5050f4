#include "tests/benchmark/rpc/cases.h"

#include "absl/strings/str_cat.h"
#include "ccplace/v1/host_service.pb.h"

namespace ccplace::benchmark {
namespace {

v1::ValidateRequestRequest TypicalRequest() {
  v1::ValidateRequestRequest request;
  request.mutable_flavor()->set_name("tdx.large");
  auto& specs = *request.mutable_flavor()->mutable_extra_specs();
  specs["hw:mem_encryption"] = "true";
  specs["hw:mem_encryption_model"] = "intel-tdx";
  auto& image = *request.mutable_image();
  image.set_name("debian-12-tdx");
  auto& properties = *image.mutable_properties();
  properties["hw_firmware_type"] = "uefi";
  properties["hw_firmware_stateless"] = "true";
  properties["hw_machine_type"] = "q35";
  properties["hw_video_model"] = "none";
  return request;
}

// So many that no memory of verdicts holds them all: each is judged anew.
std::vector<std::string> NeverAskedRequests() {
  std::vector<std::string> requests;
  for (int i = 100000; i < 116384; ++i) {
    v1::ValidateRequestRequest request = TypicalRequest();
    request.mutable_flavor()->set_name(absl::StrCat("tdx", i));
    requests.push_back(request.SerializeAsString());
  }
  return requests;
}

}  // namespace

std::vector<Case> Cases() {
  const std::string service = "/ccplace.v1.HostService/";
  return {
      {"ValidateRequest", service + "ValidateRequest", {TypicalRequest().SerializeAsString()}},
      {"ValidateRequest, never asked before", service + "ValidateRequest", NeverAskedRequests()},
      {"HostCapabilities", service + "HostCapabilities", {""}},
      {"TdxInventory", service + "TdxInventory", {""}}};
}

}  // namespace ccplace::benchmark
