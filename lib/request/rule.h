// What a rule is, and how a rule reports. Thread-safe: constant data and pure functions.
#ifndef CCPLACE_LIB_REQUEST_RULE_H_
#define CCPLACE_LIB_REQUEST_RULE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/numeric/bits.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ccplace/v1/request.pb.h"
#include "lib/request/request_facts.h"
#include "lib/request/settings.h"

namespace ccplace::rules {

using OffendingSettings = absl::InlinedVector<Setting, 2>;

// Called once for each breach, with the settings that make it (at least one).
using ReportFn = absl::FunctionRef<void(const OffendingSettings&)>;

using EvaluateFn = void (*)(const RequestFacts& facts, ReportFn report);

// In which dialects a rule holds; bits of a set.
enum Dialects : uint32_t { kNova = 1u << 0, kBlueprint = 1u << 1, kBothDialects = 3 };

// A rule. One reason may have several rules where the remedy differs.
struct Rule {
  v1::ViolationReason reason;
  uint32_t need;                  // Holds for models with this Need; kEveryModel: for all.
  Contents reads;                 // Without any of these in the request it has nothing to report.
  absl::string_view keys;         // What it reads, for docs/rules.md.
  absl::string_view requirement;  // What is allowed: ends the violation's sentence.
  absl::string_view remedy;       // What to change.
  EvaluateFn evaluate;
  uint32_t dialects = kBothDialects;
};

// When a warning is looked for.
// kNotConfidential: something asks for encryption, and nothing turns it on
// (Warning.runs_unencrypted).
enum class WarnWhen { kAlways, kConfidential, kNotConfidential };

// A warning's rule.
struct WarningRule {
  v1::WarningReason reason;
  WarnWhen when;
  uint32_t need;
  Contents reads;
  absl::string_view keys;
  absl::string_view meaning;  // What happens: ends the warning's sentence.
  absl::string_view remedy;
  EvaluateFn evaluate;
  uint32_t dialects = kBothDialects;
};

// The rules, in the order in which violations are reported: nova's own order first.
absl::Span<const Rule> Rules();

// Rows of a table, as bits of a set: the first is bit 0.
using RowSet = uint64_t;

// Those whose `reads` have something in common with `contents`.
RowSet RulesReading(Contents contents);
RowSet WarningRulesReading(Contents contents);

// Calls `visit` with each row's place in its table, in order.
template <typename Visit>
void ForEachRow(RowSet rows, const Visit& visit) {
  for (; rows != 0; rows &= rows - 1) visit(static_cast<size_t>(absl::countr_zero(rows)));
}

// The one rule of a reason that has one.
const Rule& RuleOf(v1::ViolationReason reason);

absl::Span<const WarningRule> WarningRules();

// Whether it says that the guest runs unencrypted although something asks for encryption.
inline bool TellsOfMistake(const WarningRule& rule) {
  return rule.when == WarnWhen::kNotConfidential;
}

// What a message says of `offenders`, of which `end` is what is allowed or what happens.
std::string SentenceOf(const OffendingSettings& offenders, absl::string_view end);

// Violation of `rule` by `offenders`, into `violation`.
void FillViolation(const Rule& rule, const OffendingSettings& offenders, v1::Violation& violation);

void FillWarning(const WarningRule& rule, const OffendingSettings& about, v1::Warning& warning);

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_RULE_H_
