#include "lib/request/key_suggestion.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/numeric/bits.h"

namespace ccplace::rules {
namespace {

constexpr size_t kCharactersPerEdit = 5;
// Longest key worth comparing: the longest known one and the edits it allows.
constexpr size_t kLongest = 32;

// What a character counts as: letter case, and which separator it is, make no difference.
constexpr std::array<char, 256> FoldedCharacters() {
  std::array<char, 256> table{};
  for (size_t i = 0; i < table.size(); ++i) {
    const char c = static_cast<char>(i);
    const bool separator = c == ':' || c == '-' || c == '.' || c == ' ';
    const bool upper = c >= 'A' && c <= 'Z';
    table[i] = separator ? '_' : upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return table;
}
constexpr std::array<char, 256> kFolded = FoldedCharacters();

char Fold(char c) { return kFolded[static_cast<unsigned char>(c)]; }

// For each character, once folded, its bit in a set of characters.
constexpr std::array<uint64_t, 256> CharacterBits() {
  std::array<uint64_t, 256> table{};
  for (size_t i = 0; i < table.size(); ++i) {
    table[i] = uint64_t{1} << (static_cast<unsigned char>(kFolded[i]) & 63u);
  }
  return table;
}
constexpr std::array<uint64_t, 256> kBits = CharacterBits();

// The characters of a key, folded, as a set.
uint64_t CharactersOf(absl::string_view key) {
  uint64_t characters = 0;
  for (const char c : key) characters |= kBits[static_cast<unsigned char>(c)];
  return characters;
}

// A key of at most kLongest characters, without what does not count.
struct Folded {
  char text[kLongest];
  size_t size;

  absl::string_view View() const { return {text, size}; }

  explicit Folded(absl::string_view key) : size(key.size()) {
    std::transform(key.begin(), key.end(), text, Fold);
  }
};

size_t EditsAllowed(size_t size) { return std::max<size_t>(1, size / kCharactersPerEdit); }

// What is left of two keys without what they begin and end with alike: an edit lies in it.
void StripAlike(absl::string_view& a, absl::string_view& b) {
  while (!a.empty() && !b.empty() && a.front() == b.front()) {
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  while (!a.empty() && !b.empty() && a.back() == b.back()) {
    a.remove_suffix(1);
    b.remove_suffix(1);
  }
}

// Levenshtein distance, by Wagner and Fischer's rows; anything above `limit` when it is above. A
// cell further than `limit` from the diagonal cannot be part of a shorter way (Ukkonen), and rows
// that hold nothing else end the search.
size_t Distance(const Folded& key, const Folded& known, size_t limit) {
  absl::string_view a = key.View();
  absl::string_view b = known.View();
  StripAlike(a, b);
  const size_t above = limit + 1;
  std::array<size_t, kLongest + 1> row;
  for (size_t j = 0; j <= b.size(); ++j) row[j] = std::min(j, above);
  for (size_t i = 1; i <= a.size(); ++i) {
    const size_t first = i > limit ? i - limit : 1;
    const size_t last = std::min(b.size(), i + limit);
    size_t diagonal = row[first - 1];
    size_t least = row[first - 1] = first == 1 ? i : above;
    for (size_t j = first; j <= last; ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
      least = std::min(least, row[j]);
    }
    if (least > limit) return above;
  }
  return row[b.size()];
}

// Whether the distance of two keys can be within `edits`, the lengths being near enough and the
// first characters the same: each edit brings in one character at most, and takes one away. Cheap,
// and rules out nearly everything.
bool MayBeWithin(uint64_t a, uint64_t b, int edits) {
  return absl::popcount(a & ~b) <= edits && absl::popcount(b & ~a) <= edits;
}

// A known key, folded: the flavor's and the image's of one name are one.
struct Meaning {
  Folded folded;
  const KnownKey* of_flavor = nullptr;
  const KnownKey* of_image = nullptr;

  const KnownKey* For(v1::OffenderOrigin origin) const {
    const bool flavor = origin == v1::OFFENDER_ORIGIN_FLAVOR;
    const KnownKey* own = flavor ? of_flavor : of_image;
    if (own != nullptr) return own;
    return flavor ? of_image : of_flavor;
  }
};

// The key that another may be meant to be, and what tells so quickly.
struct Candidate {
  int edits;
  uint64_t characters;
  const Meaning* meaning;
};

// Lives as long as the program: candidates point at them.
const std::vector<Meaning>& Meanings() {
  static const auto* const meanings = [] {
    auto* all = new std::vector<Meaning>();
    for (const KnownKey& known : KnownKeys()) {
      const Folded folded(known.name);
      auto same = std::find_if(all->begin(), all->end(), [&folded](const Meaning& meaning) {
        return meaning.folded.View() == folded.View();
      });
      if (same == all->end()) same = all->insert(all->end(), Meaning{folded});
      const bool flavor = known.origin == v1::OFFENDER_ORIGIN_FLAVOR;
      (flavor ? same->of_flavor : same->of_image) = &known;
    }
    return all;
  }();
  return *meanings;
}

// The candidates that a key of each first letter and length can be meant to be: most keys meet few
// of them.
constexpr size_t kLetters = 26;
using Index = std::array<std::array<std::vector<Candidate>, kLongest + 1>, kLetters>;

size_t LetterOf(char first) { return static_cast<size_t>(static_cast<unsigned char>(first) - 'a'); }

Index* MakeIndex() {
  auto* index = new Index();
  for (const Meaning& meaning : Meanings()) {
    const absl::string_view text = meaning.folded.View();
    const size_t edits = EditsAllowed(text.size());
    const size_t longest = std::min(kLongest, text.size() + edits);
    for (size_t size = text.size() - edits; size <= longest; ++size) {
      index->at(LetterOf(text[0]))[size].push_back(
          {static_cast<int>(edits), CharactersOf(text), &meaning});
    }
  }
  return index;
}

absl::Span<const Candidate> CandidatesFor(char first, size_t size) {
  static const Index* const index = MakeIndex();
  if (LetterOf(first) >= kLetters) return {};
  return (*index)[LetterOf(first)][size];
}

}  // namespace

const KnownKey* SuggestKey(v1::OffenderOrigin origin, absl::string_view key) {
  if (key.empty() || key.size() > kLongest) return nullptr;
  const absl::Span<const Candidate> candidates = CandidatesFor(Fold(key[0]), key.size());
  if (candidates.empty()) return nullptr;
  const uint64_t characters = CharactersOf(key);
  const Meaning* nearest = nullptr;
  int least = kLongest;
  for (const Candidate& candidate : candidates) {
    // Those that are no nearer than the nearest so far do not count.
    const int edits = std::min(candidate.edits, least - 1);
    if (!MayBeWithin(characters, candidate.characters, edits)) continue;
    const auto limit = static_cast<size_t>(edits);
    const size_t distance = Distance(Folded(key), candidate.meaning->folded, limit);
    if (distance > limit) continue;
    nearest = candidate.meaning;
    least = static_cast<int>(distance);
  }
  return nearest == nullptr ? nullptr : nearest->For(origin);
}

}  // namespace ccplace::rules
