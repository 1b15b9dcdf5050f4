// Which hosts `ccplacectl fleet` asks, and what they answer.
#ifndef CCPLACE_CLIENT_CTL_FLEET_FLEET_READER_H_
#define CCPLACE_CLIENT_CTL_FLEET_FLEET_READER_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ccplace/v1/capability.pb.h"
#include "client/client.h"

namespace ccplace::ctl {

// Most hosts of one run.
inline constexpr size_t kFleetLimit = 100000;

// Adds the addresses in `text`, one a line, to `hosts`; "#" begins a comment, blank lines are
// passed over, an address that is there already is not added again. INVALID_ARGUMENT names `origin`
// and the line of what is no address, or goes beyond kFleetLimit.
[[nodiscard]] absl::Status AddFleetHosts(absl::string_view text, const std::string& origin,
                                         std::vector<std::string>& hosts);

// One host and what it answered.
struct FleetHost {
  std::string address;
  absl::StatusOr<v1::HostCapabilitiesResponse> answer = absl::UnknownError("not asked");
};

// Asks each of `addresses` once, with `options` but for the address; options.timeout bounds each
// host by itself. Up to `jobs` are asked at one time, on threads of their own. The result is in the
// order of `addresses`, every host in it. `on_progress` is called on the calling thread, some times
// a second, with the number of hosts that answered or failed.
std::vector<FleetHost> ReadFleet(const std::vector<std::string>& addresses,
                                 const ClientOptions& options, size_t jobs,
                                 const std::function<void(size_t)>& on_progress);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_FLEET_FLEET_READER_H_
