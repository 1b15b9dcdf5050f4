#include "lib/request/candidates_query.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "absl/strings/ascii.h"

namespace ccplace::rules {
namespace {

constexpr size_t kDigits = 20;  // Of the longest number.

// RFC 3986's unreserved characters need no encoding.
bool IsUnreserved(char c) {
  return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.' || c == '~';
}

// Whether it is what nearly all names are made of. Without a branch for each byte, so that the
// compiler takes many at once.
bool IsPlainName(absl::string_view text) {
  bool plain = true;
  for (const char c : text) {
    plain &= ((c >= 'A') & (c <= 'Z')) | ((c >= '0') & (c <= '9')) | (c == '_');
  }
  return plain;
}

size_t LongestEncoded(absl::string_view text) { return 3 * text.size(); }

size_t LongestEncoded(const Traits& traits) {
  constexpr size_t kMarks = sizeof "%2C%21";
  size_t bytes = 0;
  for (const absl::string_view trait : traits) bytes += LongestEncoded(trait) + kMarks;
  return bytes;
}

}  // namespace

void AddTrait(absl::string_view trait, Traits& traits) {
  const auto place = std::lower_bound(traits.begin(), traits.end(), trait);
  if (place == traits.end() || *place != trait) traits.insert(place, trait);
}

uint64_t& RequestGroup::AmountOf(absl::string_view resource_class) {
  auto place = std::find_if(amounts.begin(), amounts.end(), [resource_class](const Amount& amount) {
    return amount.resource_class >= resource_class;
  });
  if (place == amounts.end() || place->resource_class != resource_class) {
    place = amounts.insert(place, {resource_class, 0});
  }
  return place->amount;
}

bool RequestGroup::Has(absl::string_view resource_class) const {
  return std::any_of(amounts.begin(), amounts.end(), [resource_class](const Amount& amount) {
    return amount.resource_class == resource_class;
  });
}

void RequestGroup::DropZeros() {
  const auto none = [](const Amount& amount) { return amount.amount == 0; };
  amounts.erase(std::remove_if(amounts.begin(), amounts.end(), none), amounts.end());
}

size_t RequestGroup::LongestQuery() const {
  constexpr size_t kNames = sizeof "&resources=&root_required=";
  constexpr size_t kMarks = sizeof "%2C%3A";
  size_t bytes = kNames + 2 * suffix.size() + LongestEncoded(required) + LongestEncoded(forbidden);
  for (const Amount& amount : amounts) {
    bytes += LongestEncoded(amount.resource_class) + kMarks + kDigits;
  }
  return bytes;
}

void QueryText::Add(absl::string_view text) {
  const size_t bytes = std::min(text.size(), text_.size() - size_);
  if (bytes > 0) std::memcpy(text_.data() + size_, text.data(), bytes);
  size_ += bytes;
}

void QueryText::AddEncoded(absl::string_view text) {
  if (IsPlainName(text)) return Add(text);
  constexpr char kHexDigits[] = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const char encoded[] = {'%', kHexDigits[byte >> 4], kHexDigits[byte & 15u]};
    Add(IsUnreserved(c) ? absl::string_view(&c, 1) : absl::string_view(encoded, sizeof encoded));
  }
}

void QueryText::AddNumber(uint64_t number) {
  char digits[kDigits];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  Add(absl::string_view(digits, static_cast<size_t>(end - digits)));
}

void QueryText::AddParameter(absl::string_view name, absl::string_view suffix) {
  if (size_ > 0) Add("&");
  Add(name);
  Add(suffix);
  Add("=");
}

void QueryText::AddTraits(const RequestGroup& group) {
  absl::string_view separator;
  for (const absl::string_view trait : group.required) {
    Add(separator);
    AddEncoded(trait);
    separator = "%2C";
  }
  for (const absl::string_view trait : group.forbidden) {
    Add(separator);
    Add("%21");
    AddEncoded(trait);
    separator = "%2C";
  }
}

void QueryText::AddGroup(const RequestGroup& group) {
  absl::string_view separator;
  if (!group.amounts.empty()) AddParameter("resources", group.suffix);
  for (const Amount& amount : group.amounts) {
    Add(separator);
    AddEncoded(amount.resource_class);
    Add("%3A");
    AddNumber(amount.amount);
    separator = "%2C";
  }
  if (group.required.empty() && group.forbidden.empty()) return;
  const bool of_root = group.amounts.empty() && group.suffix.empty();
  AddParameter(of_root ? "root_required" : "required", group.suffix);
  AddTraits(group);
}

}  // namespace ccplace::rules
