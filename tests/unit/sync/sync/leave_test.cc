#include "client/sync/sync/leave.h"

#include <utility>

#include "client/sync/sync/host_sync.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/sync/placement/placement_fake.h"
#include "tests/unit/sync/sync/host_states.h"

namespace ccplace::sync {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kLeavingChild[] = "node-1_intel_tdx";
constexpr char kConsumer[] = "11111111-2222-4333-8444-555555555555";

class LeaveTest : public ::testing::Test {
 protected:
  LeaveTest() {
    fake_.AddProvider(kRootUuid, "node-1");
    HostSync sync(&rest_, HostSyncOptions());
    sync.Sync(State(0).capabilities());
  }

  LeaveReport LeaveNode(bool dry_run = false) { return Leave(rest_, {"node-1", ""}, dry_run); }

  PlacementFake fake_;
  OpenTokens tokens_;
  PlacementRest rest_{&fake_, &tokens_};
};

TEST_F(LeaveTest, RemovesEveryChildOfOursAndNothingElse) {
  fake_.AddProvider(kConsumer, "node-1_numa0", kRootUuid);
  const LeaveReport report = LeaveNode();
  EXPECT_TRUE(report.status.ok()) << report.status;
  ASSERT_THAT(report.children, SizeIs(1));
  EXPECT_TRUE(report.children[0].removed);
  EXPECT_EQ(fake_.Provider(kLeavingChild).name, "");
  EXPECT_EQ(fake_.Provider("node-1_numa0").parent_uuid, kRootUuid);
  EXPECT_THAT(LeaveNode().children, IsEmpty());
}

TEST_F(LeaveTest, RemovesNothingWhileKeysAreAllocatedAndNamesTheConsumers) {
  fake_.Change(kLeavingChild, [](FakeProvider& child) { child.consumers = {kConsumer}; });
  const LeaveReport report = LeaveNode();
  EXPECT_TRUE(absl::IsFailedPrecondition(report.status)) << report.status;
  EXPECT_THAT(report.status.message(), AllOf(HasSubstr(kLeavingChild), HasSubstr("1 consumers")));
  EXPECT_THAT(report.children[0].consumers, ElementsAre(kConsumer));
  EXPECT_EQ(fake_.Provider(kLeavingChild).inventories["MEM_ENCRYPTION_CONTEXT"]["reserved"], 0);
}

TEST_F(LeaveTest, RemovesNothingWhereSomebodyAllocatedMeanwhile) {
  fake_.BeforeEach([&](const std::string& method, const std::string&) {
    if (method == "PUT")
      fake_.Change(kLeavingChild, [](FakeProvider& child) { child.allocated = 1; });
  });
  EXPECT_TRUE(absl::IsAborted(LeaveNode().status));
  EXPECT_EQ(fake_.Provider(kLeavingChild).name, kLeavingChild);
}

TEST_F(LeaveTest, NamesAConsumerThatCameMeanwhileAndClosesNothing) {
  bool once = true;
  fake_.BeforeEach([&](const std::string& method, const std::string&) {
    if (method != "PUT" || !std::exchange(once, false)) return;
    fake_.Change(kLeavingChild, [](FakeProvider& child) {
      child.allocated = 1;
      child.consumers = {kConsumer};
    });
  });
  const LeaveReport report = LeaveNode();
  EXPECT_TRUE(absl::IsFailedPrecondition(report.status)) << report.status;
  ASSERT_THAT(report.children, SizeIs(1));
  EXPECT_THAT(report.children[0].consumers, ElementsAre(kConsumer));
  EXPECT_FALSE(report.children[0].closed);
  EXPECT_EQ(fake_.Provider(kLeavingChild).inventories["MEM_ENCRYPTION_CONTEXT"]["reserved"], 0);
}

TEST_F(LeaveTest, SaysWhatItClosedAndGoesOnWhereItIsAskedAgain) {
  fake_.BeforeEach([&](const std::string& method, const std::string&) {
    if (method == "DELETE") fake_.FailWith(503);
  });
  const LeaveReport report = LeaveNode();
  EXPECT_TRUE(absl::IsUnavailable(report.status)) << report.status;
  ASSERT_THAT(report.children, SizeIs(1));
  EXPECT_TRUE(report.children[0].closed);
  EXPECT_FALSE(report.children[0].removed);
  fake_.BeforeEach(nullptr);
  fake_.FailWith(0);
  EXPECT_TRUE(LeaveNode().children[0].removed);
}

TEST_F(LeaveTest, TakesARefusedRemovalForSomethingInTheWay) {
  fake_.BeforeEach([&](const std::string& method, const std::string&) {
    if (method == "DELETE") {
      fake_.Change(kLeavingChild, [](FakeProvider& child) { child.allocated = 1; });
    }
  });
  const LeaveReport report = LeaveNode();
  EXPECT_TRUE(absl::IsFailedPrecondition(report.status)) << report.status;
  EXPECT_TRUE(report.children[0].closed);
}

TEST_F(LeaveTest, LeavesToNovaWhatNovaAdopted) {
  fake_.Change(kLeavingChild, [](FakeProvider& child) { child.traits.insert("OWNER_NOVA"); });
  EXPECT_THAT(LeaveNode().children, IsEmpty());
  EXPECT_EQ(fake_.Provider(kLeavingChild).name, kLeavingChild);
}

TEST_F(LeaveTest, WritesNothingInADryRun) {
  fake_.TakeRequests();
  EXPECT_THAT(LeaveNode(true).children, SizeIs(1));
  EXPECT_THAT(fake_.TakeRequests(), testing::Each(testing::StartsWith("GET")));
}

TEST_F(LeaveTest, SaysThatThereIsNoSuchRoot) {
  EXPECT_TRUE(absl::IsNotFound(Leave(rest_, {"node-2", ""}, false).status));
}

}  // namespace
}  // namespace ccplace::sync
