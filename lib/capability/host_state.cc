#include "lib/capability/host_state.h"

namespace ccplace {

v1::Freshness FreshnessOf(const Snapshot& snapshot, const HostState& state) {
  v1::Freshness freshness = state.FreshnessNow();
  freshness.set_revision(snapshot.revision);
  return freshness;
}

DatedSnapshot Latest(const HostState& state) {
  v1::Freshness freshness = state.FreshnessNow();
  std::shared_ptr<const Snapshot> snapshot = state.Current();
  freshness.set_revision(snapshot->revision);
  return {std::move(snapshot), std::move(freshness)};
}

}  // namespace ccplace
