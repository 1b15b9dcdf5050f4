#include "lib/request/key_index.h"

#include "lib/request/values.h"

namespace ccplace::rules {
namespace {

// Properties that a rule of their own holds to their words.
constexpr absl::string_view kJudgedProperties[] = {"hw_firmware_type", "hw_mem_encryption_model",
                                                   "os_secure_boot", "hw_cpu_policy"};

}  // namespace

const KeyIndex& KeyIndex::Get() {
  static const auto* const index = new KeyIndex();
  return *index;
}

KeyIndex::KeyIndex() {
  rows_.reserve(kSlots / 2);
  for (const KnownKey& known : KnownKeys()) RowOf(known.origin, known.name).known = &known;
  for (const NovaProperty& property : NovaProperties()) {
    NamedKey& row = RowOf(v1::OFFENDER_ORIGIN_IMAGE, property.name);
    if (!IsOneOf(property.name, kJudgedProperties)) row.property = &property;
  }
  for (const NovaExtraSpec& spec : NovaExtraSpecs()) {
    RowOf(v1::OFFENDER_ORIGIN_FLAVOR, spec.name).extra_spec = &spec;
  }
}

NamedKey& KeyIndex::RowOf(v1::OffenderOrigin origin, absl::string_view name) {
  const Features features = FeaturesOf(origin, name);
  size_t slot = FirstSlot(features);
  for (; slots_.at(slot) != 0; slot = (slot + 1) % kSlots) {
    Row& row = rows_[slots_.at(slot) - 1u];
    if (Is(row, features, name)) return row.key;
  }
  rows_.push_back({features, {origin, name}});
  slots_.at(slot) = static_cast<uint16_t>(rows_.size());
  return rows_.back().key;
}

}  // namespace ccplace::rules
