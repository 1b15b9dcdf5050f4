#include "client/ctl/fleet/fleet_hosts.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/address.h"
#include "lib/base/text.h"

namespace ccplace::ctl {
namespace {

absl::string_view WithoutComment(absl::string_view line) {
  return absl::StripAsciiWhitespace(line.substr(0, line.find('#')));
}

absl::Status BadLine(const std::string& origin, size_t line, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(Quoted(origin), ", line ", line, ": ", why));
}

}  // namespace

absl::Status AddFleetHosts(absl::string_view text, const std::string& origin,
                           std::vector<std::string>& hosts) {
  std::set<std::string> known(hosts.begin(), hosts.end());
  size_t number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const std::string address(WithoutComment(line));
    if (address.empty() || !known.insert(address).second) continue;
    const absl::StatusOr<Address> parsed = ParseAddress(address);
    if (!parsed.ok()) return BadLine(origin, number, parsed.status().message());
    if (hosts.size() == kFleetLimit) {
      return BadLine(origin, number, absl::StrCat("more than ", kFleetLimit, " hosts"));
    }
    hosts.push_back(address);
  }
  return absl::OkStatus();
}

}  // namespace ccplace::ctl
