#include "lib/capability/monitor/host_state.h"

namespace ccplace {

DatedSnapshot Latest(const HostState& state) {
  v1::Freshness freshness = state.FreshnessNow();
  std::shared_ptr<const Snapshot> snapshot = state.Current();
  freshness.set_revision(snapshot->revision);
  return {std::move(snapshot), std::move(freshness)};
}

}  // namespace ccplace
