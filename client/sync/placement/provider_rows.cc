// Whether the providers that were answered are those that were asked for.
#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/sync/placement/placement_json.h"
#include "lib/base/status.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

absl::Status OtherThanAsked(absl::string_view asked, absl::string_view found) {
  return WithReason(absl::FailedPreconditionError(
                        absl::StrCat("Placement: asked for ", asked, ", it answered ", found,
                                     "; nothing is written: check that the URL is Placement's own, "
                                     "without a cache before it")),
                    kNotAskedFor);
}

// As the least particular database compares names.
bool SameFolded(absl::string_view a, absl::string_view b) {
  return absl::EqualsIgnoreCase(absl::StripTrailingAsciiWhitespace(a),
                                absl::StripTrailingAsciiWhitespace(b));
}

using Parents = std::map<absl::string_view, absl::string_view>;

// Whether parents lead from `uuid` to the root.
bool LeadsTo(const Parents& parents, absl::string_view uuid, absl::string_view root_uuid) {
  for (size_t step = 0; step <= parents.size(); ++step) {
    if (uuid == root_uuid) return true;
    const auto found = parents.find(uuid);
    if (found == parents.end()) return false;
    uuid = found->second;
  }
  return false;
}

}  // namespace

absl::StatusOr<std::optional<ProviderRow>> PickByName(const std::vector<ProviderRow>& rows,
                                                      absl::string_view name) {
  if (rows.empty()) return std::optional<ProviderRow>();
  for (const ProviderRow& row : rows) {
    if (row.name == name) return std::make_optional(row);
  }
  const auto folded = std::find_if(rows.begin(), rows.end(), [name](const ProviderRow& row) {
    return SameFolded(row.name, name);
  });
  if (folded != rows.end() && rows.size() == 1) return std::make_optional(*folded);
  return OtherThanAsked(absl::StrCat("the provider called ", Quoted(name)),
                        Quoted(rows.front().name));
}

absl::StatusOr<std::optional<ProviderRow>> PickByUuid(const std::vector<ProviderRow>& rows,
                                                      absl::string_view uuid) {
  if (rows.empty()) return std::optional<ProviderRow>();
  if (rows.size() == 1 && absl::EqualsIgnoreCase(rows.front().uuid, uuid)) {
    return std::make_optional(rows.front());
  }
  return OtherThanAsked(absl::StrCat("provider ", Printable(uuid)), Quoted(rows.front().uuid));
}

absl::Status CheckIsTree(const std::vector<ProviderRow>& rows, absl::string_view root_uuid) {
  const std::string asked = absl::StrCat("the tree of ", Printable(root_uuid));
  Parents parents;
  for (const ProviderRow& row : rows) {
    if (row.root_uuid != root_uuid || (row.parent_uuid.empty() != (row.uuid == root_uuid))) {
      return OtherThanAsked(asked, absl::StrCat(Quoted(row.name), " of another tree"));
    }
    if (!parents.emplace(row.uuid, row.parent_uuid).second) {
      return OtherThanAsked(asked, absl::StrCat(Quoted(row.uuid), " twice"));
    }
  }
  if (parents.count(root_uuid) == 0) return OtherThanAsked(asked, "a list without it");
  for (const ProviderRow& row : rows) {
    if (LeadsTo(parents, row.uuid, root_uuid)) continue;
    return OtherThanAsked(asked, absl::StrCat(Quoted(row.name), ", whose parents lead elsewhere"));
  }
  return absl::OkStatus();
}

}  // namespace ccplace::sync
