#include "lib/request/candidates_query.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"

namespace ccplace::rules {
namespace {

// RFC 3986's unreserved characters need no encoding.
constexpr std::array<bool, 256> UnreservedCharacters() {
  std::array<bool, 256> table{};
  for (size_t i = 0; i < table.size(); ++i) {
    const char c = static_cast<char>(i);
    table[i] = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.' || c == '~';
  }
  return table;
}
constexpr std::array<bool, 256> kUnreserved = UnreservedCharacters();

bool IsUnreserved(char c) { return kUnreserved[static_cast<unsigned char>(c)]; }

void Append(absl::string_view text, std::string& query) { query.append(text.data(), text.size()); }

void AppendEncoded(absl::string_view text, std::string& query) {
  if (std::all_of(text.begin(), text.end(), IsUnreserved)) return Append(text, query);
  for (const char c : text) {
    if (IsUnreserved(c)) {
      query.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      absl::StrAppend(&query, "%", absl::Hex(byte, absl::kZeroPad2));
    }
  }
}

void AppendParameter(absl::string_view name, absl::string_view suffix, std::string& query) {
  if (!query.empty()) query.push_back('&');
  Append(name, query);
  Append(suffix, query);
  query.push_back('=');
}

void AppendTraits(const RequestGroup& group, std::string& query) {
  absl::string_view separator;
  for (const absl::string_view trait : group.required) {
    Append(separator, query);
    AppendEncoded(trait, query);
    separator = "%2C";
  }
  for (const absl::string_view trait : group.forbidden) {
    Append(separator, query);
    Append("%21", query);
    AppendEncoded(trait, query);
    separator = "%2C";
  }
}

template <typename Names>
void SortUnique(Names& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

}  // namespace

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

void RequestGroup::Tidy() {
  const auto none = [](const Amount& amount) { return amount.amount == 0; };
  amounts.erase(std::remove_if(amounts.begin(), amounts.end(), none), amounts.end());
  std::sort(amounts.begin(), amounts.end(),
            [](const Amount& a, const Amount& b) { return a.resource_class < b.resource_class; });
  SortUnique(required);
  SortUnique(forbidden);
}

void AppendGroup(const RequestGroup& group, std::string& query) {
  absl::string_view separator;
  if (!group.amounts.empty()) AppendParameter("resources", group.suffix, query);
  for (const Amount& amount : group.amounts) {
    Append(separator, query);
    AppendEncoded(amount.resource_class, query);
    absl::StrAppend(&query, "%3A", amount.amount);
    separator = "%2C";
  }
  if (group.required.empty() && group.forbidden.empty()) return;
  const bool of_root = group.amounts.empty() && group.suffix.empty();
  AppendParameter(of_root ? "root_required" : "required", group.suffix, query);
  AppendTraits(group, query);
}

}  // namespace ccplace::rules
