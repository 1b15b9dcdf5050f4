// A fleet's answers for people and for machines.
#ifndef CCPLACE_CLIENT_CTL_FLEET_FLEET_REPORT_H_
#define CCPLACE_CLIENT_CTL_FLEET_FLEET_REPORT_H_

#include <string>
#include <vector>

#include "client/ctl/console/console.h"
#include "client/ctl/fleet/fleet_summary.h"

namespace ccplace::ctl {

// One row a host, then what differs.
void PrintFleet(Console& out, const std::vector<FleetHost>& hosts, const FleetSummary& summary);

// The same as one JSON object: "hosts" (address, answered, error, node, verdicts, keys, firmware,
// versions), "summary". Control characters are escaped.
std::string FleetJson(const std::vector<FleetHost>& hosts, const FleetSummary& summary);

// One HTML page that needs nothing else. `taken_at`: when the hosts were asked, RFC 3339.
std::string FleetHtml(const std::vector<FleetHost>& hosts, const FleetSummary& summary,
                      const std::string& taken_at);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_FLEET_FLEET_REPORT_H_
