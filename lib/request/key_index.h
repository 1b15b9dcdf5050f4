// What is known of a key's name, found in one look-up. Thread-safe: constant data.
#ifndef CCPLACE_LIB_REQUEST_KEY_INDEX_H_
#define CCPLACE_LIB_REQUEST_KEY_INDEX_H_

#include <array>
#include <cstddef>
#include <cstdint>
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

// All names. Rows stand in open addressing by a hash of their names' ends.
class KeyIndex {
 public:
  // The one of this program.
  static const KeyIndex& Get();

  // The row of that name on that side; null when there is none.
  const NamedKey* Find(v1::OffenderOrigin origin, absl::string_view name) const;

 private:
  static constexpr size_t kSlots = 512;

  // A name's first and last eight bytes: most names are told apart by them alone.
  struct Ends {
    uint64_t first;
    uint64_t last;
  };
  struct Row {
    Ends ends;
    NamedKey key;
  };

  KeyIndex();
  static Ends EndsOf(absl::string_view name);
  static size_t SlotOf(absl::string_view name, const Ends& ends);
  static bool Is(const Row& row, v1::OffenderOrigin origin, absl::string_view name,
                 const Ends& ends);
  NamedKey& RowOf(v1::OffenderOrigin origin, absl::string_view name);

  std::vector<Row> rows_;
  std::array<uint16_t, kSlots> slots_{};  // A row's place in rows_, from 1; 0: free.
};

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_KEY_INDEX_H_
