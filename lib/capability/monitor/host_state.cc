#include "lib/capability/monitor/host_state.h"

#include "lib/base/arena.h"

namespace ccplace {

LatestFacts::LatestFacts(const HostState& state)
    : arena_(block_.data(), block_.size()), freshness_(*OnArena<v1::Freshness>(arena_)) {
  state.FillFreshness(freshness_);
  snapshot_ = state.Current();
  freshness_.set_revision(snapshot_->revision);
}

}  // namespace ccplace
