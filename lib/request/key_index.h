// What is known of a key's name, found in one look-up. Thread-safe: constant data.
#ifndef CCPLACE_LIB_REQUEST_KEY_INDEX_H_
#define CCPLACE_LIB_REQUEST_KEY_INDEX_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/request/nova_tables.h"
#include "lib/request/settings.h"

namespace ccplace::rules {

// A name of an extra spec or a property that rules or nova know.
struct NamedKey {
  v1::OffenderOrigin origin;  // Flavor or image: where it means something.
  absl::string_view name;
  const KnownKey* known = nullptr;            // Null: no rule looks for it by its name.
  const NovaProperty* property = nullptr;     // Null: nova has none, or a rule of its own holds it
                                              // to its words.
  const NovaExtraSpec* extra_spec = nullptr;  // Null: nova's API stores none.
};

// All names. Rows stand in open addressing by a hash of their names' ends. In the header, so that a
// look-up is no call: there is one for each setting of a request.
class KeyIndex {
 public:
  // The one of this program.
  static const KeyIndex& Get();

  // The row of that name on that side; null when there is none.
  const NamedKey* Find(v1::OffenderOrigin origin, absl::string_view name) const {
    const Features features = FeaturesOf(origin, name);
    for (size_t slot = FirstSlot(features);; slot = (slot + 1) % kSlots) {
      const uint16_t row = slots_[slot];
      if (row == 0) return nullptr;
      if (Is(rows_[row - 1u], features, name)) return &rows_[row - 1u].key;
    }
  }

 private:
  static constexpr size_t kSlotBits = 9;
  static constexpr size_t kSlots = size_t{1} << kSlotBits;
  static constexpr size_t kWord = sizeof(uint64_t);

  // What tells most names apart: the first and the last eight bytes (of a shorter name all, and
  // none), length and side.
  struct Features {
    uint64_t first;
    uint64_t last;
    uint64_t rest;
  };
  struct Row {
    Features features;
    NamedKey key;
  };

  static uint64_t WordAt(const char* from) {
    uint64_t word = 0;
    std::memcpy(&word, from, kWord);
    return word;
  }

  static Features FeaturesOf(v1::OffenderOrigin origin, absl::string_view name) {
    Features features = {0, 0, name.size() << 8 | static_cast<uint64_t>(origin)};
    if (name.size() >= kWord) {
      features.first = WordAt(name.data());
      features.last = WordAt(name.data() + name.size() - kWord);
    } else {
      std::copy(name.begin(), name.end(), reinterpret_cast<char*>(&features.first));
    }
    return features;
  }

  static size_t FirstSlot(const Features& features) {
    constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;  // 2^64 by the golden ratio (Knuth, 6.4).
    return ((features.first ^ (features.last * kOdd) ^ features.rest) * kOdd) >> (64 - kSlotBits);
  }

  static bool Is(const Row& row, const Features& features, absl::string_view name) {
    if (row.features.first != features.first || row.features.last != features.last ||
        row.features.rest != features.rest) {
      return false;
    }
    // What lies between the ends.
    for (size_t at = kWord; at + kWord < name.size(); at += kWord) {
      if (WordAt(row.key.name.data() + at) != WordAt(name.data() + at)) return false;
    }
    return true;
  }

  KeyIndex();
  NamedKey& RowOf(v1::OffenderOrigin origin, absl::string_view name);

  std::vector<Row> rows_;
  std::array<uint16_t, kSlots> slots_{};  // A row's place in rows_, from 1; 0: free.
};

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_KEY_INDEX_H_
