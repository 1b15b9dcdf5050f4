#include "lib/request/rules.h"

#include <algorithm>
#include <string>

#include "lib/request/request_facts.h"
#include "lib/request/rule.h"
#include "lib/request/scheduling.h"
#include "lib/request/settings.h"

namespace ccplace {
namespace {

using rules::OffendingSettings;
using rules::RequestFacts;

template <typename Row>
bool Binds(const Row& row, const RequestFacts& facts) {
  const bool blueprint = facts.dialect == v1::REQUEST_DIALECT_BLUEPRINT;
  const uint32_t dialect = blueprint ? rules::kBlueprint : rules::kNova;
  return (row.need & ~facts.needs) == 0 && (row.dialects & dialect) != 0;
}

void EvaluateRule(const rules::Rule& rule, const RequestFacts& facts,
                  v1::ValidateRequestResponse& answer) {
  rule.evaluate(facts, [&rule, &answer](const OffendingSettings& offenders) {
    rules::FillViolation(rule, offenders, *answer.add_violations());
  });
}

void EvaluateRules(const RequestFacts& facts, v1::ValidateRequestResponse& answer) {
  const absl::Span<const rules::Rule> all = rules::Rules();
  const rules::Contents* const reads = rules::ReadsOfRules();
  for (size_t i = 0; i < all.size(); ++i) {
    if ((reads[i] & facts.contents) == 0 || !Binds(all[i], facts)) continue;
    EvaluateRule(all[i], facts, answer);
  }
}

// nova refuses a server with an image that names a model nobody knows, whatever else is asked for.
void EvaluateNotAsked(const RequestFacts& facts, v1::ValidateRequestResponse& answer) {
  if (facts.UnknownModelOfImage()) {
    EvaluateRule(rules::RuleOf(v1::VIOLATION_REASON_UNKNOWN_MODEL), facts, answer);
  }
  const bool rejected = answer.violations_size() > 0;
  answer.set_decision(rejected ? v1::DECISION_REJECTED : v1::DECISION_NOT_CONFIDENTIAL);
}

// Whether the rule is for requests like this one.
bool IsFor(rules::WarnWhen when, const RequestFacts& facts) {
  if (when == rules::WarnWhen::kConfidential) return facts.asked;
  return when == rules::WarnWhen::kAlways || !facts.asked;
}

void Warn(const RequestFacts& facts, v1::ValidateRequestResponse& answer) {
  const absl::Span<const rules::WarningRule> all = rules::WarningRules();
  const rules::Contents* const reads = rules::ReadsOfWarningRules();
  for (size_t i = 0; i < all.size(); ++i) {
    const rules::WarningRule& rule = all[i];
    if ((reads[i] & facts.contents) == 0 || !IsFor(rule.when, facts) || !Binds(rule, facts)) {
      continue;
    }
    rule.evaluate(facts, [&rule, &answer](const OffendingSettings& about) {
      rules::FillWarning(rule, about, *answer.add_warnings());
    });
  }
}

void SayWhatWasJudged(const RequestFacts& facts, v1::JudgedRequest& judged) {
  judged.set_flavor_name(facts.request.flavor().name());
  judged.set_image_id(facts.request.image().id());
  judged.set_image_name(facts.request.image().name());
  judged.set_operation(facts.operation);
  judged.set_dialect(facts.dialect);
  if (!facts.firmware_type.empty()) {
    *judged.mutable_firmware_type() = std::string(facts.firmware_type);
  }
  if (!facts.machine_type.empty()) *judged.mutable_machine_type() = std::string(facts.machine_type);
  judged.set_block_device_count(static_cast<uint32_t>(facts.request.block_devices_size()));
}

void Evaluate(const RequestFacts& facts, v1::ValidateRequestResponse& answer) {
  SayWhatWasJudged(facts, *answer.mutable_judged());
  Warn(facts, answer);
  if (!facts.asked) return EvaluateNotAsked(facts, answer);
  EvaluateRules(facts, answer);
  if (facts.model != nullptr) answer.set_model(facts.model->model);
  const bool rejected = answer.violations_size() > 0;
  answer.set_decision(rejected ? v1::DECISION_REJECTED : v1::DECISION_ACCEPTED);
}

SecureBootWish WishNamed(absl::string_view value) {
  if (value == "required") return SecureBootWish::kRequired;
  if (value == "disabled") return SecureBootWish::kDisabled;
  return value == "optional" ? SecureBootWish::kOptional : SecureBootWish::kUnset;
}

// Two look-ups cost less than Settings, and this is asked for each answer.
SecureBootWish WishAt(const google::protobuf::Map<std::string, std::string>& settings,
                      const char* key) {
  const auto found = settings.find(key);
  return found == settings.end() ? SecureBootWish::kUnset : WishNamed(found->second);
}

}  // namespace

bool RulesRead(v1::OffenderOrigin origin, const std::string& key) {
  return rules::IsRead(origin, key);
}

bool RulesRead(v1::OffenderOrigin origin, const std::string& key, const std::string& value) {
  v1::ValidateRequestRequest request;
  auto& settings = origin == v1::OFFENDER_ORIGIN_FLAVOR
                       ? *request.mutable_flavor()->mutable_extra_specs()
                       : *request.mutable_image()->mutable_properties();
  settings[key] = value;
  const rules::Settings alone(request);
  return alone.contents != rules::kAnything || alone.group_policy != nullptr;
}

SecureBootWish SecureBootWishOf(const v1::ValidateRequestRequest& request) {
  const SecureBootWish flavor = WishAt(request.flavor().extra_specs(), "os:secure_boot");
  return std::max(flavor, WishAt(request.image().properties(), "os_secure_boot"));
}

bool RunsUnencrypted(const v1::ValidateRequestResponse& answer) {
  return std::any_of(answer.warnings().begin(), answer.warnings().end(),
                     [](const v1::Warning& warning) { return warning.runs_unencrypted(); });
}

void EvaluateRequest(const v1::ValidateRequestRequest& request, const v1::HostPolicy& policy,
                     v1::ValidateRequestResponse& answer) {
  const RequestFacts facts(request, policy);
  Evaluate(facts, answer);
  if (answer.decision() == v1::DECISION_ACCEPTED) {
    rules::FillScheduling(facts, *answer.mutable_scheduling());
  }
}

void EvaluateWithoutScheduling(const v1::ValidateRequestRequest& request,
                               const v1::HostPolicy& policy, v1::ValidateRequestResponse& answer) {
  Evaluate(RequestFacts(request, policy), answer);
}

}  // namespace ccplace
