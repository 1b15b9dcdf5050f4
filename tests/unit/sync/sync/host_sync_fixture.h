// What the tests of HostSync share.
#ifndef CCPLACE_TESTS_UNIT_SYNC_SYNC_HOST_SYNC_FIXTURE_H_
#define CCPLACE_TESTS_UNIT_SYNC_SYNC_HOST_SYNC_FIXTURE_H_

#include <atomic>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/sync/sync/host_sync.h"
#include "gtest/gtest.h"
#include "lib/placement/uuid_v5.h"
#include "tests/unit/sync/placement/placement_fake.h"

namespace ccplace::sync {

inline constexpr char kChild[] = "node-1_intel_tdx";

// A host called node-1, with 63 TDX keys.
inline v1::HostCapabilities Host(v1::Support verdict, uint64_t in_use = 0) {
  v1::HostCapabilities host;
  host.set_node_name("node-1");
  v1::ModelCapability& tdx = *host.add_models();
  tdx.set_model(v1::ENCRYPTION_MODEL_INTEL_TDX);
  tdx.set_verdict(verdict);
  tdx.mutable_keys()->mutable_total()->set_value(63);
  tdx.mutable_keys()->mutable_in_use()->set_value(in_use);
  tdx.mutable_keys()->mutable_unaccounted()->set_value(in_use);
  return host;
}

// The same host with 15 keys of SEV beside.
inline v1::HostCapabilities TwoModels() {
  v1::HostCapabilities host = Host(v1::SUPPORT_SUPPORTED);
  v1::ModelCapability& sev = *host.add_models();
  sev.set_model(v1::ENCRYPTION_MODEL_AMD_SEV);
  sev.set_verdict(v1::SUPPORT_SUPPORTED);
  sev.mutable_keys()->mutable_total()->set_value(15);
  return host;
}

// A small Placement with the root node-1, and a HostSync of it.
class HostSyncTest : public ::testing::Test {
 protected:
  HostSyncTest() { fake_.AddProvider(kRootUuid, "node-1"); }

  uint64_t Reserved() {
    return fake_.Provider(kChild).inventories["MEM_ENCRYPTION_CONTEXT"]["reserved"];
  }

  uint64_t KeysOf(const std::string& child) {
    return fake_.Provider(child)
        .inventories.value("MEM_ENCRYPTION_CONTEXT", nlohmann::json::object())
        .value("total", uint64_t{0});
  }

  // How requests on the TDX child begin.
  static std::string TdxPath() {
    return absl::StrCat("/resource_providers/", *UuidV5(kRootUuid, kChild));
  }

  HostSyncOptions Impatient() {
    HostSyncOptions options;
    options.make_removed_again = &make_removed_again_;
    options.sleep = [](std::chrono::milliseconds) { return true; };
    return options;
  }

  PlacementFake fake_;
  OpenTokens tokens_;
  std::atomic<bool> make_removed_again_{false};
  PlacementRest rest_{&fake_, &tokens_};
  HostSync sync_{&rest_, Impatient()};
};

}  // namespace ccplace::sync

#endif  // CCPLACE_TESTS_UNIT_SYNC_SYNC_HOST_SYNC_FIXTURE_H_
