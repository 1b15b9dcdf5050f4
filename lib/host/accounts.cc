#include "lib/host/accounts.h"

#include <optional>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "lib/base/number.h"

namespace ccplace {
namespace {

constexpr size_t kAccountsLimitBytes = size_t{1} * 1024 * 1024;
constexpr size_t kIdField = 2;       // In both files.
constexpr size_t kMembersField = 3;  // In /etc/group.

struct AccountLine {
  uint32_t id;
  std::vector<absl::string_view> fields;
};

std::optional<AccountLine> ParseAccount(absl::string_view line) {
  std::vector<absl::string_view> fields = absl::StrSplit(line, ':');
  if (fields.size() <= kMembersField || fields[0].empty()) return std::nullopt;
  const std::optional<uint64_t> id = ParseDecimal(fields[kIdField]);
  if (!id.has_value() || *id > UINT32_MAX) return std::nullopt;
  return AccountLine{static_cast<uint32_t>(*id), std::move(fields)};
}

}  // namespace

absl::StatusOr<HostAccounts> ReadAccounts(const HostFiles& files) {
  const auto users = files.ReadFile("/etc/passwd", kAccountsLimitBytes);
  if (!users.ok()) return users.status();
  const auto groups = files.ReadFile("/etc/group", kAccountsLimitBytes);
  if (!groups.ok()) return groups.status();
  HostAccounts accounts;
  for (const absl::string_view line : absl::StrSplit(*users, '\n')) {
    if (const auto user = ParseAccount(line)) accounts.users.try_emplace(user->id, user->fields[0]);
  }
  for (const absl::string_view line : absl::StrSplit(*groups, '\n')) {
    const auto group = ParseAccount(line);
    if (!group.has_value()) continue;
    const auto [place, is_new] = accounts.groups.try_emplace(group->id);
    if (!is_new) continue;
    place->second.name = std::string(group->fields[0]);
    place->second.members = absl::StrSplit(group->fields[kMembersField], ',', absl::SkipEmpty());
  }
  return accounts;
}

}  // namespace ccplace
