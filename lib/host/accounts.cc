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
constexpr size_t kGroupField = 3;    // In /etc/passwd.
constexpr size_t kMembersField = 3;  // In /etc/group.

struct AccountLine {
  uint32_t id;
  std::vector<absl::string_view> fields;
};

std::optional<uint32_t> ParseId(absl::string_view text) {
  const std::optional<uint64_t> id = ParseDecimal(text);
  if (!id.has_value() || *id > UINT32_MAX) return std::nullopt;
  return static_cast<uint32_t>(*id);
}

std::optional<AccountLine> ParseAccount(absl::string_view line) {
  std::vector<absl::string_view> fields = absl::StrSplit(line, ':');
  if (fields.size() <= kMembersField || fields[0].empty()) return std::nullopt;
  const std::optional<uint32_t> id = ParseId(fields[kIdField]);
  if (!id.has_value()) return std::nullopt;
  return AccountLine{*id, std::move(fields)};
}

void TakeUser(absl::string_view line, HostAccounts& accounts) {
  const std::optional<AccountLine> user = ParseAccount(line);
  if (!user.has_value()) return;
  const std::optional<uint32_t> group = ParseId(user->fields[kGroupField]);
  if (!group.has_value()) return;
  accounts.users.try_emplace(user->id, HostUser{std::string(user->fields[0]), *group});
}

// Who stands in one of several lines of a number is in that group, too (getgrouplist(3)).
void TakeGroup(absl::string_view line, HostAccounts& accounts) {
  const std::optional<AccountLine> group = ParseAccount(line);
  if (!group.has_value()) return;
  HostGroup& known = accounts.groups[group->id];
  if (known.name.empty()) known.name = std::string(group->fields[0]);
  for (const auto member : absl::StrSplit(group->fields[kMembersField], ',', absl::SkipEmpty())) {
    known.members.emplace(member);
  }
}

}  // namespace

absl::StatusOr<HostAccounts> ReadAccounts(const HostFiles& files) {
  const auto users = files.ReadFile("/etc/passwd", kAccountsLimitBytes);
  if (!users.ok()) return users.status();
  const auto groups = files.ReadFile("/etc/group", kAccountsLimitBytes);
  if (!groups.ok()) return groups.status();
  HostAccounts accounts;
  for (const absl::string_view line : absl::StrSplit(*users, '\n')) TakeUser(line, accounts);
  for (const absl::string_view line : absl::StrSplit(*groups, '\n')) TakeGroup(line, accounts);
  return accounts;
}

}  // namespace ccplace
