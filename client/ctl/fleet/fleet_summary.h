// What the answers of a fleet have in common, and what differs. Thread-safe: pure functions.
#ifndef CCPLACE_CLIENT_CTL_FLEET_FLEET_SUMMARY_H_
#define CCPLACE_CLIENT_CTL_FLEET_FLEET_SUMMARY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "client/ctl/fleet/fleet_reader.h"

namespace ccplace::ctl {

// Hosts that give one and the same value.
struct FleetGroup {
  std::string value;
  std::vector<std::string> hosts;  // By address, in the fleet's order.
};

// One thing that hosts of a fleet have alike or not: "firmware's MRTD". Groups with most hosts
// first.
struct FleetAspect {
  std::string name;
  std::vector<FleetGroup> groups;
};

// One model over all hosts that answered.
struct FleetModel {
  v1::EncryptionModel model = v1::ENCRYPTION_MODEL_UNSPECIFIED;
  size_t supported = 0;
  size_t unsupported = 0;
  size_t unknown = 0;
  uint64_t usable_keys = 0;  // Over the hosts that support it; hosts with unknown figures left out.
  uint64_t free_keys = 0;
};

struct FleetSummary {
  size_t hosts = 0;
  size_t answered = 0;
  size_t simulated = 0;
  size_t stale = 0;
  size_t alike = 0;                  // Hosts that are in the largest group of every aspect.
  std::vector<FleetModel> models;    // In the order of the enum.
  std::vector<FleetAspect> aspects;  // Those with more than one group.
  std::vector<FleetGroup> failures;  // By what went wrong.
  std::vector<std::string>
      commands;  // For flavors and images of the models that some host supports.
};

FleetSummary Summarize(const std::vector<FleetHost>& hosts);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_FLEET_FLEET_SUMMARY_H_
