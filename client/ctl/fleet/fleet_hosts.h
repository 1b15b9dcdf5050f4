// Which hosts `ccplacectl fleet` asks.
#ifndef CCPLACE_CLIENT_CTL_FLEET_FLEET_HOSTS_H_
#define CCPLACE_CLIENT_CTL_FLEET_FLEET_HOSTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ccplace::ctl {

// Most hosts of one run.
inline constexpr size_t kFleetLimit = 100000;

// Adds the addresses in `text`, one a line, to `hosts`; "#" begins a comment, blank lines are
// passed over, an address that is there already is not added again. INVALID_ARGUMENT names `origin`
// and the line of what is no address, or goes beyond kFleetLimit.
[[nodiscard]] absl::Status AddFleetHosts(absl::string_view text, const std::string& origin,
                                         std::vector<std::string>& hosts);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_FLEET_FLEET_HOSTS_H_
