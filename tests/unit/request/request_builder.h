// Requests for tests, written as a person would tell them.
#ifndef CCPLACE_TESTS_UNIT_REQUEST_REQUEST_BUILDER_H_
#define CCPLACE_TESTS_UNIT_REQUEST_REQUEST_BUILDER_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "ccplace/v1/request.pb.h"
#include "lib/request/rules.h"

namespace ccplace {

using Pairs = std::map<std::string, std::string>;

inline v1::HostPolicy UsualPolicy() {
  v1::HostPolicy policy;
  policy.set_default_machine_type("q35");
  return policy;
}

inline v1::ValidateRequestRequest Request(const Pairs& flavor, const Pairs& image) {
  v1::ValidateRequestRequest request;
  for (const auto& [key, value] : flavor) {
    (*request.mutable_flavor()->mutable_extra_specs())[key] = value;
  }
  for (const auto& [key, value] : image) {
    (*request.mutable_image()->mutable_properties())[key] = value;
  }
  return request;
}

// A flavor and image of `model` that break no rule, with `changes` to the image and
// `flavor_changes` to the flavor; the value "(none)" takes a key out.
inline v1::ValidateRequestRequest Good(const std::string& model, const Pairs& changes = {},
                                       const Pairs& flavor_changes = {}) {
  Pairs flavor = {{"hw:mem_encryption", "true"}, {"hw:mem_encryption_model", model}};
  Pairs image = {{"hw_firmware_type", "uefi"},
                 {"hw_machine_type", "q35"},
                 {"hw_firmware_stateless", "true"},
                 {"hw_video_model", "none"}};
  const auto change = [](Pairs& pairs, const Pairs& by) {
    for (const auto& [key, value] : by) {
      pairs[key] = value;
      if (value == "(none)") pairs.erase(key);
    }
  };
  change(image, changes);
  change(flavor, flavor_changes);
  return Request(flavor, image);
}

inline v1::BlockDevice Device(const std::string& bus, const std::string& boot_index,
                              const std::string& name = "", const std::string& type = "") {
  v1::BlockDevice device;
  device.set_disk_bus(bus);
  device.set_boot_index(boot_index);
  device.set_name(name);
  device.set_device_type(type);
  return device;
}

inline v1::ValidateRequestRequest With(v1::ValidateRequestRequest request,
                                       const std::vector<v1::BlockDevice>& devices) {
  for (const v1::BlockDevice& device : devices) *request.add_block_devices() = device;
  return request;
}

inline v1::ValidateRequestRequest With(v1::ValidateRequestRequest request,
                                       v1::Operation operation) {
  request.set_operation(operation);
  return request;
}

// The same, read as the blueprint has it.
inline v1::ValidateRequestRequest Blueprint(v1::ValidateRequestRequest request) {
  request.set_dialect(v1::REQUEST_DIALECT_BLUEPRINT);
  return request;
}

inline v1::ValidateRequestRequest WithStatus(v1::ValidateRequestRequest request,
                                             const std::string& status) {
  request.mutable_image()->set_status(status);
  return request;
}

inline v1::ValidateRequestResponse EvaluateUnder(const v1::HostPolicy& policy,
                                                 const v1::ValidateRequestRequest& request) {
  v1::ValidateRequestResponse answer;
  EvaluateRequest(request, policy, answer);
  return answer;
}

inline v1::ValidateRequestResponse Judged(const v1::ValidateRequestRequest& request) {
  return EvaluateUnder(UsualPolicy(), request);
}

// Reasons without their prefix, in the order told.
inline std::vector<std::string> ReasonsOf(const v1::ValidateRequestResponse& answer) {
  std::vector<std::string> reasons;
  for (const auto& violation : answer.violations()) {
    reasons.push_back(v1::ViolationReason_Name(violation.reason()).substr(17));
  }
  return reasons;
}

inline std::multiset<std::string> WarningsOf(const v1::ValidateRequestResponse& answer) {
  std::multiset<std::string> reasons;
  for (const auto& warning : answer.warnings()) {
    reasons.insert(v1::WarningReason_Name(warning.reason()).substr(15));
  }
  return reasons;
}

// "ORIGIN key=value" for each offender, "ORIGIN key" when its value is missing.
template <typename Finding>
std::vector<std::string> OffendersOf(const Finding& finding) {
  std::vector<std::string> offenders;
  for (const auto& offender : finding.offenders()) {
    std::string text = v1::OffenderOrigin_Name(offender.origin()).substr(16) + " " + offender.key();
    if (offender.has_value()) text += "=" + offender.value();
    offenders.push_back(text);
  }
  return offenders;
}

}  // namespace ccplace

#endif  // CCPLACE_TESTS_UNIT_REQUEST_REQUEST_BUILDER_H_
