#include "lib/capability/snapshot/attestation_condition.h"

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

constexpr absl::string_view kCause = "--require_attestation: ";
constexpr size_t kWithheldLimitBytes = 512;

bool IsOfQuoting(const v1::Check& check) {
  return check.kind() == v1::CHECK_KIND_QUOTE_GENERATION_SERVICE ||
         check.kind() == v1::CHECK_KIND_QUOTE_SERVICE_ACCESS;
}

// The first check of quoting with `result`, as a clause.
std::string FoundBy(const v1::ModelCapability& model, v1::CheckResult result) {
  for (const v1::Check& check : model.checks()) {
    if (IsOfQuoting(check) && check.result() == result) {
      return absl::StrCat(check.found(), " (", check.source(), ")");
    }
  }
  return "libvirt was not read yet";
}

v1::ModelCapability* TdxOf(Snapshot& snapshot) {
  for (v1::ModelCapability& model : *snapshot.capabilities.mutable_models()) {
    if (model.model() == v1::ENCRYPTION_MODEL_INTEL_TDX) return &model;
  }
  return nullptr;
}

void Set(v1::Figure& figure, uint64_t value, const std::string& source) {
  figure.set_value(value);
  figure.set_source(source);
}

void Forget(v1::Figure& figure, const std::string& why) {
  figure.clear_value();
  figure.set_source(why);
}

void Withhold(const std::string& why, v1::KeyInventory& keys) {
  const v1::Figure& all = keys.total().has_value() ? keys.total() : keys.limit();
  if (all.has_value()) {
    Set(*keys.mutable_reserved(), all.value(), why);
  } else {
    Forget(*keys.mutable_reserved(), keys.total().source());
  }
  Set(*keys.mutable_usable(), 0, why);
  Set(*keys.mutable_free(), 0, why);
  keys.set_withheld(why);
}

void LeaveUndecided(const std::string& why, v1::KeyInventory& keys) {
  for (v1::Figure* figure : {keys.mutable_reserved(), keys.mutable_usable(), keys.mutable_free()}) {
    Forget(*figure, why);
  }
  keys.set_withheld(why);
}

}  // namespace

AttestationCondition::AttestationCondition(std::chrono::milliseconds interval, const Clock& clock)
    : interval_(interval), clock_(clock) {}

void AttestationCondition::Apply(uint64_t reading, bool libvirt_was_read, Snapshot& snapshot) {
  v1::ModelCapability* const tdx = TdxOf(snapshot);
  if (tdx == nullptr) return;
  const bool yes = tdx->attestation() == v1::SUPPORT_SUPPORTED;
  const v1::Support said = yes && !libvirt_was_read ? v1::SUPPORT_UNKNOWN : tdx->attestation();
  // While nothing is decided, what the same files mean may become clear from libvirt alone.
  if (reading != last_reading_ || state_ == State::kUndecided) {
    const bool no = said == v1::SUPPORT_UNSUPPORTED;
    Note(said, FoundBy(*tdx, no ? v1::CHECK_RESULT_FAIL : v1::CHECK_RESULT_UNKNOWN));
  }
  last_reading_ = reading;
  if (state_ == State::kWithheld) Withhold(Why(), *tdx->mutable_keys());
  if (state_ == State::kUndecided) LeaveUndecided(Why(), *tdx->mutable_keys());
}

void AttestationCondition::Note(v1::Support said, const std::string& why) {
  const bool no = said == v1::SUPPORT_UNSUPPORTED;
  if (no || state_ == State::kUndecided) why_not_ = why;
  if (!no && said != v1::SUPPORT_SUPPORTED) return;
  if (said != row_) {
    row_ = said;
    row_length_ = 0;
    row_began_ = clock_.Monotonic();
  }
  ++row_length_;
  const bool first = state_ == State::kUndecided;
  if (no && (first || IsSettled(kWithholdAfter))) state_ = State::kWithheld;
  if (!no && (first || IsSettled(kGiveBackAfter))) state_ = State::kOpen;
}

bool AttestationCondition::IsSettled(int least_intervals) const {
  return row_length_ >= kReadings && clock_.Monotonic() - row_began_ >= least_intervals * interval_;
}

// The same text for as long as the same holds: each change of it is a change of the host.
std::string AttestationCondition::Why() const {
  if (state_ == State::kUndecided) {
    return Printable(
        absl::StrCat(kCause, "whether guests can be attested is not known: ", why_not_),
        kWithheldLimitBytes);
  }
  if (row_ == v1::SUPPORT_UNSUPPORTED) {
    return Printable(absl::StrCat(kCause, "no guest can be attested: ", why_not_),
                     kWithheldLimitBytes);
  }
  return absl::StrCat(
      kCause,
      "the Quote Generation Service can be reached again; keys are given back once that "
      "has held for a while");
}

}  // namespace ccplace
