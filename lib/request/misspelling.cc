#include "lib/request/misspelling.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "absl/numeric/bits.h"
#include "absl/strings/ascii.h"

namespace ccplace::rules {
namespace {

constexpr size_t kCharactersPerEdit = 5;
// Longest key worth comparing: the longest known one and the edits it allows.
constexpr size_t kLongest = 32;

// A key without what does not count, and the set of its characters.
struct Folded {
  char text[kLongest] = {};
  size_t size = 0;
  uint64_t characters = 0;

  Folded() = default;
  explicit Folded(absl::string_view key) {
    for (const char c : key.substr(0, kLongest)) {
      const bool separator = c == ':' || c == '-' || c == '.' || c == ' ';
      text[size] = separator ? '_' : absl::ascii_tolower(static_cast<unsigned char>(c));
      characters |= uint64_t{1} << (static_cast<unsigned char>(text[size]) & 63u);
      ++size;
    }
  }
};

size_t EditsAllowed(size_t size) { return std::max<size_t>(1, size / kCharactersPerEdit); }

// Levenshtein distance, by Wagner and Fischer's rows.
size_t Distance(const Folded& a, const Folded& b) {
  std::array<size_t, kLongest + 1> row;
  for (size_t j = 0; j <= b.size; ++j) row[j] = j;
  for (size_t i = 1; i <= a.size; ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size; ++j) {
      const size_t replaced = diagonal + (a.text[i - 1] == b.text[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size];
}

// Whether the distance can be within `edits`: each edit changes the length by one at most, and two
// members of the character set at most. Cheap, and rules out nearly everything.
bool MayBeWithin(const Folded& a, const Folded& b, size_t edits) {
  const size_t longer = std::max(a.size, b.size);
  if (longer - std::min(a.size, b.size) > edits) return false;
  return static_cast<size_t>(absl::popcount(a.characters ^ b.characters)) <= 2 * edits;
}

const std::array<Folded, kKeyCount>& FoldedKnownKeys() {
  static const auto folded = [] {
    std::array<Folded, kKeyCount> all;
    for (const KnownKey& known : KnownKeys()) {
      all[static_cast<size_t>(known.key)] = Folded(known.name);
    }
    return all;
  }();
  return folded;
}

}  // namespace

const KnownKey* KeyMeantBy(v1::OffenderOrigin origin, absl::string_view key) {
  if (key.size() > kLongest) return nullptr;
  const Folded folded(key);
  const KnownKey* nearest = nullptr;
  size_t least = kLongest;
  for (const KnownKey& known : KnownKeys()) {
    const Folded& candidate = FoldedKnownKeys()[static_cast<size_t>(known.key)];
    const size_t edits = EditsAllowed(candidate.size);
    if (!MayBeWithin(folded, candidate, edits)) continue;
    const size_t distance = Distance(folded, candidate);
    const bool nearer = distance < least || (distance == least && known.origin == origin);
    if (distance <= edits && nearer) {
      nearest = &known;
      least = distance;
    }
  }
  return nearest;
}

}  // namespace ccplace::rules
