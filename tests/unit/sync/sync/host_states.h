// What ccplaced says of a host with 63 TDX keys.
#ifndef CCPLACE_TESTS_UNIT_SYNC_SYNC_HOST_STATES_H_
#define CCPLACE_TESTS_UNIT_SYNC_SYNC_HOST_STATES_H_

#include <cstdint>

#include "ccplace/v1/watch.pb.h"

namespace ccplace::sync {

// Of host node-1, with `in_use` keys that no domain accounts for.
inline v1::WatchHostResponse State(uint64_t in_use) {
  v1::WatchHostResponse state;
  v1::HostCapabilities& host = *state.mutable_capabilities();
  host.set_node_name("node-1");
  v1::ModelCapability& tdx = *host.add_models();
  tdx.set_model(v1::ENCRYPTION_MODEL_INTEL_TDX);
  tdx.set_verdict(v1::SUPPORT_SUPPORTED);
  tdx.mutable_keys()->mutable_total()->set_value(63);
  tdx.mutable_keys()->mutable_in_use()->set_value(in_use);
  tdx.mutable_keys()->mutable_unaccounted()->set_value(in_use);
  return state;
}

}  // namespace ccplace::sync

#endif  // CCPLACE_TESTS_UNIT_SYNC_SYNC_HOST_STATES_H_
