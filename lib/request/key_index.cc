#include "lib/request/key_index.h"

#include <cstring>

#include "lib/request/values.h"

namespace ccplace::rules {
namespace {

// Properties that a rule of their own holds to their words.
constexpr absl::string_view kJudgedProperties[] = {"hw_firmware_type", "hw_mem_encryption_model",
                                                   "os_secure_boot", "hw_cpu_policy"};

uint64_t EightBytesAt(const char* from) {
  uint64_t bytes = 0;
  std::memcpy(&bytes, from, sizeof bytes);
  return bytes;
}

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

KeyIndex::Ends KeyIndex::EndsOf(absl::string_view name) {
  if (name.size() < sizeof(uint64_t)) return {0, 0};
  return {EightBytesAt(name.data()), EightBytesAt(name.data() + name.size() - sizeof(uint64_t))};
}

// Names that matter differ at one end, or in their length.
size_t KeyIndex::SlotOf(absl::string_view name, const Ends& ends) {
  constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;  // 2^64 by the golden ratio (Knuth, 6.4).
  constexpr int kSlotBits = 9;
  static_assert(kSlots == size_t{1} << kSlotBits);
  if (name.size() < sizeof(uint64_t)) return name.size();
  return ((ends.first ^ (ends.last * kOdd) ^ name.size()) * kOdd) >> (64 - kSlotBits);
}

bool KeyIndex::Is(const Row& row, v1::OffenderOrigin origin, absl::string_view name,
                  const Ends& ends) {
  const bool alike = row.ends.first == ends.first && row.ends.last == ends.last &&
                     row.key.name.size() == name.size() && row.key.origin == origin;
  if (!alike) return false;
  const bool ends_are_all = name.size() >= sizeof ends.first && name.size() <= sizeof ends;
  return ends_are_all || row.key.name == name;
}

const NamedKey* KeyIndex::Find(v1::OffenderOrigin origin, absl::string_view name) const {
  const Ends ends = EndsOf(name);
  for (size_t slot = SlotOf(name, ends); slots_[slot] != 0; slot = (slot + 1) % kSlots) {
    const Row& row = rows_[slots_[slot] - 1u];
    if (Is(row, origin, name, ends)) return &row.key;
  }
  return nullptr;
}

NamedKey& KeyIndex::RowOf(v1::OffenderOrigin origin, absl::string_view name) {
  const Ends ends = EndsOf(name);
  size_t slot = SlotOf(name, ends);
  while (slots_[slot] != 0) {
    Row& row = rows_[slots_[slot] - 1u];
    if (Is(row, origin, name, ends)) return row.key;
    slot = (slot + 1) % kSlots;
  }
  rows_.push_back({ends, {origin, name}});
  slots_.at(slot) = static_cast<uint16_t>(rows_.size());
  return rows_.back().key;
}

}  // namespace ccplace::rules
