#include "server/rpc/call_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <set>
#include <thread>
#include <vector>

namespace ccplace {
namespace {

using std::chrono::microseconds;

TEST(CallCountsTest, SumsWhatManyThreadsCounted) {
  CallCounts counts;
  std::vector<std::thread> threads;
  for (int i = 0; i < 40; ++i) {
    threads.emplace_back([&counts] {
      for (int call = 0; call < 100; ++call) {
        counts.CountCall(Rpc::kTdxInventory, absl::StatusCode::kOk, microseconds(10));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const RpcCounts read = counts.Read(Rpc::kTdxInventory);
  EXPECT_EQ(read.by_code[0], 4000u);
  EXPECT_EQ(read.by_duration[0], 4000u);
  EXPECT_EQ(read.total_time, microseconds(40000));
  EXPECT_EQ(counts.Read(Rpc::kListTdxDomains).by_code[0], 0u);
}

TEST(CallCountsTest, CountsADurationUnderTheFirstBoundThatHoldsIt) {
  CallCounts counts;
  counts.CountCall(Rpc::kDefineTdxDomain, absl::StatusCode::kOk, microseconds(100));
  counts.CountCall(Rpc::kDefineTdxDomain, absl::StatusCode::kOk, microseconds(101));
  counts.CountCall(Rpc::kDefineTdxDomain, absl::StatusCode::kOk, std::chrono::seconds(31));
  const RpcCounts read = counts.Read(Rpc::kDefineTdxDomain);
  EXPECT_EQ(read.by_duration[2], 1u);  // Up to 100 microseconds.
  EXPECT_EQ(read.by_duration[3], 1u);  // Up to 250.
  EXPECT_EQ(read.by_duration.back(), 1u);
}

TEST(CallCountsTest, LeavesStreamsUntimed) {
  CallCounts counts;
  counts.CountStream(Rpc::kWatchHost, absl::StatusCode::kCancelled);
  const RpcCounts read = counts.Read(Rpc::kWatchHost);
  EXPECT_EQ(read.by_code[1], 1u);
  EXPECT_EQ(std::accumulate(read.by_duration.begin(), read.by_duration.end(), uint64_t{0}), 0u);
}

TEST(CallCountsTest, KnowsHowManyCallsAreUnderWayWhicheverThreadEndsThem) {
  CallCounts counts;
  const CallTimer first(counts, Rpc::kTdxInventory);
  const CallTimer second(counts, Rpc::kDefineTdxDomain);
  counts.CountStream(Rpc::kWatchHost, absl::StatusCode::kCancelled);
  EXPECT_EQ(counts.under_way(), 2u);
  std::thread([&first] { first.End(absl::StatusCode::kOk); }).join();
  EXPECT_EQ(counts.under_way(), 1u);
  std::thread([&second] { second.End(absl::StatusCode::kAborted); }).join();
  EXPECT_EQ(counts.under_way(), 0u);
}

TEST(RpcNameTest, NamesEachMethodOfTheContract) {
  std::set<absl::string_view> names;
  for (size_t i = 0; i < kRpcs; ++i) names.insert(RpcName(static_cast<Rpc>(i)));
  EXPECT_THAT(names, ::testing::ElementsAre("DefineTdxDomain", "HostCapabilities", "ListTdxDomains",
                                            "TdxInventory", "UndefineTdxDomain", "ValidateRequest",
                                            "WatchHost"));
}

}  // namespace
}  // namespace ccplace
