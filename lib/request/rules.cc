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

// Findings, as an answer tells them.
class TextFindings {
 public:
  explicit TextFindings(v1::ValidateRequestResponse& answer) : answer_(answer) {}

  void Add(const rules::Rule& rule, const OffendingSettings& offenders) {
    rules::FillViolation(rule, offenders, *answer_.add_violations());
  }
  void Add(const rules::WarningRule& rule, const OffendingSettings& about) {
    rules::FillWarning(rule, about, *answer_.add_warnings());
  }
  bool HasViolations() const { return !answer_.violations().empty(); }

 private:
  v1::ValidateRequestResponse& answer_;
};

// Findings, as they are counted.
class BriefFindings {
 public:
  explicit BriefFindings(BriefVerdict& verdict) : verdict_(verdict) {}

  void Add(const rules::Rule& rule, const OffendingSettings&) {
    verdict_.violations.push_back({rule.reason, rule.remedy});
  }
  void Add(const rules::WarningRule& rule, const OffendingSettings&) {
    if (!rules::TellsOfMistake(rule)) return;
    verdict_.mistakes.push_back({rule.reason, rule.remedy});
  }
  bool HasViolations() const { return !verdict_.violations.empty(); }

 private:
  BriefVerdict& verdict_;
};

// Findings, in sentences.
class ToldFindings {
 public:
  explicit ToldFindings(ToldVerdict& verdict) : verdict_(verdict) {}

  void Add(const rules::Rule& rule, const OffendingSettings& offenders) {
    verdict_.violations.push_back(
        {rule.reason, rules::SentenceOf(offenders, rule.requirement), rule.remedy});
  }
  void Add(const rules::WarningRule& rule, const OffendingSettings& about) {
    verdict_.warnings.push_back({rule.reason, rules::SentenceOf(about, rule.meaning), rule.remedy});
  }
  bool HasViolations() const { return !verdict_.violations.empty(); }

 private:
  ToldVerdict& verdict_;
};

template <typename Row, typename Findings>
void EvaluateRow(const Row& rule, const RequestFacts& facts, Findings& findings) {
  rule.evaluate(facts, [&rule, &findings](const OffendingSettings& offenders) {
    findings.Add(rule, offenders);
  });
}

template <typename Findings>
void EvaluateRules(const RequestFacts& facts, Findings& findings) {
  const absl::Span<const rules::Rule> all = rules::Rules();
  rules::ForEachRow(rules::RulesReading(facts.contents), [&](size_t row) {
    if (Binds(all[row], facts)) EvaluateRow(all[row], facts, findings);
  });
}

// Whether the rule is for requests like this one.
bool IsFor(rules::WarnWhen when, const RequestFacts& facts) {
  if (when == rules::WarnWhen::kConfidential) return facts.asked;
  return when == rules::WarnWhen::kAlways || !facts.asked;
}

template <typename Findings>
void Warn(const RequestFacts& facts, Findings& findings) {
  const absl::Span<const rules::WarningRule> all = rules::WarningRules();
  rules::ForEachRow(rules::WarningRulesReading(facts.contents), [&](size_t row) {
    const rules::WarningRule& rule = all[row];
    if (IsFor(rule.when, facts) && Binds(rule, facts)) EvaluateRow(rule, facts, findings);
  });
}

// nova refuses a server with an image that names a model nobody knows, whatever else is asked for.
template <typename Findings>
v1::Decision DecideNotAsked(const RequestFacts& facts, Findings& findings) {
  if (facts.UnknownModelOfImage()) {
    EvaluateRow(rules::RuleOf(v1::VIOLATION_REASON_UNKNOWN_MODEL), facts, findings);
  }
  return findings.HasViolations() ? v1::DECISION_REJECTED : v1::DECISION_NOT_CONFIDENTIAL;
}

template <typename Findings>
v1::Decision Decide(const RequestFacts& facts, Findings& findings) {
  if (!facts.asked) return DecideNotAsked(facts, findings);
  EvaluateRules(facts, findings);
  return findings.HasViolations() ? v1::DECISION_REJECTED : v1::DECISION_ACCEPTED;
}

v1::EncryptionModel ModelOfVerdict(const RequestFacts& facts) {
  const bool known = facts.asked && facts.model != nullptr;
  return known ? facts.model->model : v1::ENCRYPTION_MODEL_UNSPECIFIED;
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
  const rules::Settings alone(origin, key, value);
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
  EvaluateFacts(facts, answer);
  if (answer.decision() == v1::DECISION_ACCEPTED) {
    rules::FillScheduling(facts, *answer.mutable_scheduling());
  }
}

void EvaluateWithoutScheduling(const v1::ValidateRequestRequest& request,
                               const v1::HostPolicy& policy, v1::ValidateRequestResponse& answer) {
  EvaluateFacts(RequestFacts(request, policy), answer);
}

void EvaluateFacts(const RequestFacts& facts, v1::ValidateRequestResponse& answer) {
  SayWhatWasJudged(facts, *answer.mutable_judged());
  TextFindings findings(answer);
  Warn(facts, findings);
  answer.set_decision(Decide(facts, findings));
  answer.set_model(ModelOfVerdict(facts));
}

ToldVerdict EvaluateInSentences(const RequestFacts& facts) {
  ToldVerdict verdict;
  ToldFindings findings(verdict);
  Warn(facts, findings);
  verdict.decision = Decide(facts, findings);
  verdict.model = ModelOfVerdict(facts);
  return verdict;
}

BriefVerdict EvaluateBriefly(const RequestFacts& facts) {
  BriefVerdict verdict;
  BriefFindings findings(verdict);
  // All others are told to those that ask.
  if (!facts.asked) Warn(facts, findings);
  verdict.decision = Decide(facts, findings);
  verdict.model = ModelOfVerdict(facts);
  return verdict;
}

}  // namespace ccplace
