#include "client/sync/app/sync_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace ccplace::sync {
namespace {

using ::testing::Contains;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

// Samples by "name{value,value}".
std::map<std::string, double> Samples(const ProgressSnapshot& now) {
  std::map<std::string, double> out;
  for (const auto& family : CollectMetrics(now)) {
    for (const auto& metric : family.metric) {
      std::string key = family.name + "{";
      for (const auto& label : metric.label) key += (key.back() == '{' ? "" : ",") + label.value;
      const bool counts = family.type == prometheus::MetricType::Counter;
      out[key + "}"] = counts ? metric.counter.value : metric.gauge.value;
    }
  }
  return out;
}

TEST(SyncMetricsTest, CountsRequestsByMethodAndStatus) {
  ProgressSnapshot now;
  now.requests = {{{"GET", 200}, 7}, {{"PUT", 409}, 2}, {{"GET", 0}, 1}};
  const auto samples = Samples(now);
  EXPECT_THAT(samples, Contains(Pair("ccplace_sync_requests_total{GET,200}", 7)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_sync_requests_total{PUT,409}", 2)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_sync_requests_total{GET,none}", 1)));
}

TEST(SyncMetricsTest, ShowsHowEachChildStands) {
  ProgressSnapshot now;
  now.children = {{v1::ENCRYPTION_MODEL_INTEL_TDX, "a_intel_tdx", ChildState::kOwnedByNova, "why"},
                  {v1::ENCRYPTION_MODEL_AMD_SEV_ES, "a_amd_sev_es", ChildState::kInSync, "why"}};
  const auto samples = Samples(now);
  EXPECT_THAT(samples,
              Contains(Pair("ccplace_sync_child_state{intel-tdx,a_intel_tdx,owned_by_nova}", 1)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_sync_child_state{amd-sev-es,a_amd_sev_es,true}", 1)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_sync_stand_back{intel-tdx,a_intel_tdx}", 1)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_sync_stand_back{amd-sev-es,a_amd_sev_es}", 0)));
}

TEST(SyncMetricsTest, SaysNoTimeOfASuccessThatNeverWas) {
  constexpr char kSuccess[] = "ccplace_sync_last_success_timestamp_seconds{}";
  ProgressSnapshot now;
  EXPECT_THAT(Samples(now), Not(Contains(Key(kSuccess))));
  now.last_success = std::chrono::system_clock::time_point(std::chrono::milliseconds(1'500));
  EXPECT_THAT(Samples(now), Contains(Pair(kSuccess, 1.5)));
}

}  // namespace
}  // namespace ccplace::sync
