#include "lib/request/candidates_query.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace ccplace::rules {
namespace {

constexpr size_t kDigits = 20;  // Of the longest number.

// RFC 3986's unreserved characters need no encoding.
bool IsUnreserved(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.' ||
         c == '~';
}

size_t LongestNames(const Traits& traits) {
  constexpr size_t kMarks = sizeof "%2C%21";
  size_t bytes = 0;
  for (const absl::string_view trait : traits) bytes += trait.size() + kMarks;
  return bytes;
}

}  // namespace

void AddTrait(absl::string_view trait, Traits& traits) {
  if (traits.empty() || traits.back() < trait) return traits.push_back(trait);
  const auto place = std::lower_bound(traits.begin(), traits.end(), trait);
  if (*place != trait) traits.insert(place, trait);
}

uint64_t& RequestGroup::AmountOf(absl::string_view resource_class) {
  for (Amount& amount : amounts) {
    if (amount.resource_class == resource_class) return amount.amount;
  }
  amounts.push_back({resource_class, 0});
  return amounts.back().amount;
}

bool RequestGroup::Has(absl::string_view resource_class) const {
  return std::any_of(amounts.begin(), amounts.end(), [resource_class](const Amount& amount) {
    return amount.resource_class == resource_class;
  });
}

void RequestGroup::TidyAmounts() {
  const auto none = [](const Amount& amount) { return amount.amount == 0; };
  amounts.erase(std::remove_if(amounts.begin(), amounts.end(), none), amounts.end());
  std::sort(amounts.begin(), amounts.end(),
            [](const Amount& a, const Amount& b) { return a.resource_class < b.resource_class; });
}

void RequestGroup::InsertAmount(Amount amount) {
  const auto place = std::find_if(amounts.begin(), amounts.end(), [&amount](const Amount& other) {
    return other.resource_class > amount.resource_class;
  });
  amounts.insert(place, amount);
}

size_t RequestGroup::LongestQuery() const {
  constexpr size_t kNames = sizeof "&resources=&root_required=";
  constexpr size_t kMarks = sizeof "%2C%3A";
  size_t bytes = kNames + 2 * suffix.size() + LongestNames(required) + LongestNames(forbidden);
  for (const Amount& amount : amounts) bytes += amount.resource_class.size() + kMarks + kDigits;
  return has_odd_names ? 3 * bytes : bytes;
}

void QueryText::AddEncoded(absl::string_view name) {
  for (const char c : name) {
    if (IsUnreserved(c)) {
      *end_++ = c;
    } else {
      Add(absl::StrCat("%", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2)));
    }
  }
}

void QueryText::AddAmounts(const RequestGroup& group) {
  Add(Size() > 0 ? "&resources" : "resources");
  Add(group.suffix);
  Add("=");
  const char* const begin = end_;
  for (const Amount& amount : group.amounts) {
    if (end_ != begin) Add("%2C");
    AddName(amount.resource_class, group.has_odd_names);
    Add("%3A");
    end_ = std::to_chars(end_, end_ + kDigits, amount.amount).ptr;
  }
}

void QueryText::AddTraits(const RequestGroup& group) {
  const bool of_root = group.amounts.empty() && group.suffix.empty();
  if (Size() > 0) Add("&");
  Add(of_root ? "root_required" : "required");
  Add(group.suffix);
  Add("=");
  const char* const begin = end_;
  for (const absl::string_view trait : group.required) {
    if (end_ != begin) Add("%2C");
    AddName(trait, group.has_odd_names);
  }
  for (const absl::string_view trait : group.forbidden) {
    Add(end_ != begin ? "%2C%21" : "%21");
    AddName(trait, group.has_odd_names);
  }
}

void QueryText::AddGroup(const RequestGroup& group) {
  if (!group.amounts.empty()) AddAmounts(group);
  if (!group.required.empty() || !group.forbidden.empty()) AddTraits(group);
}

}  // namespace ccplace::rules
