// Judges a request on each line of standard input by the rules alone, in the dialect of released
// nova, and answers each with a line: {"decision", "reasons": [...], "warnings": [...], "query",
// "granular", "refused_specs": extra specs that nova's API is said to refuse, "told": those that
// another warning or a violation speaks of}. A request: {"flavor": {"extra_specs", "vcpus",
// "memory_mb", "root_gb"}, "image": {"status", "properties"}}.
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "lib/request/rules.h"

namespace ccplace {
namespace {

using nlohmann::json;

v1::ValidateRequestRequest ToRequest(const json& line) {
  v1::ValidateRequestRequest request;
  request.set_dialect(v1::REQUEST_DIALECT_NOVA);
  const json& flavor = line.at("flavor");
  request.mutable_flavor()->set_vcpus(flavor.value("vcpus", 1u));
  request.mutable_flavor()->set_memory_mib(flavor.value("memory_mb", 512u));
  request.mutable_flavor()->set_disk_gib(flavor.value("root_gb", 1u));
  for (const auto& [key, value] : flavor.at("extra_specs").items()) {
    (*request.mutable_flavor()->mutable_extra_specs())[key] = value.get<std::string>();
  }
  const json& image = line.at("image");
  request.mutable_image()->set_status(image.value("status", ""));
  for (const auto& [key, value] : image.at("properties").items()) {
    (*request.mutable_image()->mutable_properties())[key] = value.get<std::string>();
  }
  return request;
}

void AddExtraSpecs(const google::protobuf::RepeatedPtrField<v1::Offender>& offenders,
                   std::set<std::string>& keys) {
  for (const v1::Offender& offender : offenders) {
    if (offender.origin() == v1::OFFENDER_ORIGIN_FLAVOR) keys.insert(offender.key());
  }
}

json ToLine(const v1::ValidateRequestResponse& answer) {
  std::set<std::string> refused;
  std::set<std::string> told;
  json reasons = json::array();
  for (const v1::Violation& violation : answer.violations()) {
    reasons.push_back(v1::ViolationReason_Name(violation.reason()).substr(17));
    AddExtraSpecs(violation.offenders(), told);
  }
  json warnings = json::array();
  for (const v1::Warning& warning : answer.warnings()) {
    warnings.push_back(v1::WarningReason_Name(warning.reason()).substr(15));
    const bool refuses = warning.reason() == v1::WARNING_REASON_EXTRA_SPEC_REFUSED;
    AddExtraSpecs(warning.offenders(), refuses ? refused : told);
  }
  return {{"decision", v1::Decision_Name(answer.decision()).substr(9)},
          {"reasons", reasons},
          {"warnings", warnings},
          {"query", answer.scheduling().allocation_candidates_query()},
          {"granular", answer.scheduling().granular_query()},
          {"refused_specs", refused},
          {"told", told}};
}

void EvaluateLines() {
  v1::HostPolicy policy;
  policy.set_default_machine_type("q35");
  for (std::string line; std::getline(std::cin, line);) {
    v1::ValidateRequestResponse answer;
    EvaluateRequest(ToRequest(json::parse(line)), policy, answer);
    std::cout << ToLine(answer).dump() << '\n';
  }
}

}  // namespace
}  // namespace ccplace

int main() {
  ccplace::EvaluateLines();
  return 0;
}
