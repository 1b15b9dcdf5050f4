#include "client/sync/sync/host_sync.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/sync/sync/host_sync_fixture.h"

namespace ccplace::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST_F(HostSyncTest, MakesTheChildInSevenRequests) {
  const SyncReport report = sync_.Sync(Host(v1::SUPPORT_SUPPORTED, 2));
  EXPECT_TRUE(report.status.ok()) << report.status;
  EXPECT_THAT(report.steps, SizeIs(3));
  EXPECT_THAT(fake_.TakeRequests(), SizeIs(7));
  EXPECT_EQ(Reserved(), 2u);
  EXPECT_THAT(fake_.Provider(kChild).traits, ElementsAre("HW_CPU_X86_INTEL_TDX"));
}

TEST_F(HostSyncTest, CostsOneReadWhereNothingChanged) {
  sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
  fake_.TakeRequests();
  for (int look = 0; look < 4; ++look) {
    EXPECT_TRUE(sync_.Check(Host(v1::SUPPORT_SUPPORTED)).status.ok());
    EXPECT_THAT(fake_.TakeRequests(),
                ElementsAre(HasSubstr(look % 2 == 0 ? "/usages" : "in_tree=")));
  }
}

TEST_F(HostSyncTest, FollowsARootThatWasRenamedThoughAllItsChildrenAreOurs) {
  HostSyncOptions options = Impatient();
  options.root.uuid = kRootUuid;
  HostSync sync(&rest_, options);
  sync.Sync(Host(v1::SUPPORT_SUPPORTED));
  fake_.Change("node-1", [](FakeProvider& root) { root.name = "node-2"; });
  for (int look = 0; look < 2; ++look) sync.Check(Host(v1::SUPPORT_SUPPORTED));
  EXPECT_EQ(fake_.Provider(kChild).name, "");
  EXPECT_EQ(fake_.Provider("node-2_intel_tdx").parent_uuid, kRootUuid);
}

TEST_F(HostSyncTest, SaysThatPlacementIsElsewhereAndCountsNoConflict) {
  fake_.FailWith(404);
  const SyncReport report = sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
  EXPECT_TRUE(absl::IsFailedPrecondition(report.status)) << report.status;
  EXPECT_EQ(report.conflicts, 0u);
  EXPECT_THAT(fake_.TakeRequests(), SizeIs(1));
}

TEST_F(HostSyncTest, WritesTheOtherChildrenWhereOneCannotBeWritten) {
  fake_.BeforeEach([&](const std::string& method, const std::string& path) {
    fake_.FailWith(method == "PUT" && absl::StrContains(path, TdxPath()) ? 409 : 0);
  });
  const SyncReport report = sync_.Sync(TwoModels());
  EXPECT_TRUE(absl::IsAborted(report.status)) << report.status;
  EXPECT_EQ(KeysOf("node-1_amd_sev"), 15u);
}

TEST_F(HostSyncTest, StandsBackFromANameThatIsTakenElsewhereAndWritesTheOthers) {
  fake_.AddProvider("19e48d35-ffe6-50d5-86f0-eb01e1f98a01", kChild);
  for (int round = 0; round < 2; ++round) {
    const SyncReport report = sync_.Sync(TwoModels());
    EXPECT_TRUE(report.status.ok()) << report.status;
    EXPECT_EQ(report.conflicts, 0u);
    EXPECT_EQ(report.notes[0].state, ChildState::kForeign);
    EXPECT_THAT(report.notes[0].why, HasSubstr("19e48d35-ffe6-50d5-86f0-eb01e1f98a01, a root"));
    EXPECT_EQ(KeysOf("node-1_amd_sev"), 15u);
  }
  fake_.Change(kChild, [](FakeProvider& other) { other.name = "another"; });
  EXPECT_EQ(sync_.Sync(TwoModels()).notes[0].state, ChildState::kInSync);
}

TEST_F(HostSyncTest, ForeseesATakenNameInADryRun) {
  fake_.AddProvider("19e48d35-ffe6-50d5-86f0-eb01e1f98a01", kChild);
  HostSyncOptions options = Impatient();
  options.dry_run = true;
  HostSync sync(&rest_, options);
  const SyncReport report = sync.Sync(Host(v1::SUPPORT_SUPPORTED));
  EXPECT_THAT(report.steps, IsEmpty());
  EXPECT_EQ(report.notes[0].state, ChildState::kForeign);
}

TEST_F(HostSyncTest, CostsOneReadWhereThereIsNoChild) {
  sync_.Sync(Host(v1::SUPPORT_UNSUPPORTED));
  fake_.TakeRequests();
  sync_.Check(Host(v1::SUPPORT_UNSUPPORTED));
  EXPECT_THAT(fake_.TakeRequests(), ElementsAre(HasSubstr("in_tree=")));
}

TEST_F(HostSyncTest, CostsOneWriteForAChange) {
  sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
  fake_.TakeRequests();
  sync_.Sync(Host(v1::SUPPORT_SUPPORTED, 1));
  EXPECT_THAT(fake_.TakeRequests(), ElementsAre(StartsWith("PUT")));
  EXPECT_EQ(Reserved(), 1u);
}

TEST_F(HostSyncTest, ReadsAgainWhereSomebodyAllocatedSince) {
  sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
  fake_.Change(kChild, [](FakeProvider& child) { child.allocated = 1; });
  v1::HostCapabilities host = Host(v1::SUPPORT_SUPPORTED, 1);
  host.mutable_models(0)->mutable_keys()->mutable_unaccounted()->set_value(0);
  const SyncReport report = sync_.Sync(host);
  EXPECT_TRUE(report.status.ok()) << report.status;
  EXPECT_EQ(report.conflicts, 1u);
  EXPECT_EQ(Reserved(), 0u);
}

TEST_F(HostSyncTest, LosesNoUpdateOfAWriterThatCameFirst) {
  sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
  int conflicts = 2;
  fake_.BeforeEach([&](const std::string& method, const std::string&) {
    if (method != "PUT" || conflicts-- <= 0) return;
    fake_.Change(kChild, [](FakeProvider& child) { child.traits.insert("CUSTOM_GOLD"); });
  });
  const SyncReport report = sync_.Sync(Host(v1::SUPPORT_SUPPORTED, 5));
  EXPECT_TRUE(report.status.ok()) << report.status;
  EXPECT_EQ(report.conflicts, 2u);
  EXPECT_EQ(Reserved(), 5u);
  EXPECT_THAT(fake_.Provider(kChild).traits, ElementsAre("CUSTOM_GOLD", "HW_CPU_X86_INTEL_TDX"));
}

TEST_F(HostSyncTest, GivesUpForNowWhenTheConflictNeverEnds) {
  sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
  fake_.BeforeEach([&](const std::string& method, const std::string&) {
    if (method == "PUT") fake_.Change(kChild, [](FakeProvider&) {});
  });
  EXPECT_TRUE(absl::IsAborted(sync_.Sync(Host(v1::SUPPORT_SUPPORTED, 5)).status));
  fake_.BeforeEach({});
  EXPECT_TRUE(sync_.Sync(Host(v1::SUPPORT_SUPPORTED, 5)).status.ok());
  EXPECT_EQ(Reserved(), 5u);
}

TEST_F(HostSyncTest, LetsACustomTraitStandForOneThatIsNotKnown) {
  v1::HostCapabilities host = Host(v1::SUPPORT_SUPPORTED);
  (*host.mutable_policy()->mutable_renamed_traits())["HW_CPU_X86_INTEL_TDX"] = "HW_NEW";
  const SyncReport report = sync_.Sync(host);
  EXPECT_TRUE(report.status.ok()) << report.status;
  EXPECT_THAT(fake_.Provider(kChild).traits, ElementsAre("CUSTOM_HW_NEW"));
  EXPECT_EQ(report.renamed_traits.at("HW_NEW"), "CUSTOM_HW_NEW");
}

TEST_F(HostSyncTest, LearnsAnewFromTheChildWithoutAWrite) {
  v1::HostCapabilities host = Host(v1::SUPPORT_SUPPORTED);
  (*host.mutable_policy()->mutable_renamed_traits())["HW_CPU_X86_INTEL_TDX"] = "HW_NEW";
  sync_.Sync(host);
  fake_.TakeRequests();
  HostSync restarted(&rest_, Impatient());
  EXPECT_THAT(restarted.Sync(host).steps, IsEmpty());
  EXPECT_THAT(fake_.TakeRequests(), testing::Each(StartsWith("GET")));
}

TEST_F(HostSyncTest, WaitsForARootThatIsNotThere) {
  PlacementFake empty;
  PlacementRest rest(&empty, &tokens_);
  HostSync sync(&rest, Impatient());
  const SyncReport report = sync.Sync(Host(v1::SUPPORT_SUPPORTED));
  EXPECT_TRUE(absl::IsNotFound(report.status));
  EXPECT_THAT(report.status.message(), HasSubstr("waiting for nova"));
  EXPECT_THAT(empty.TakeRequests(), SizeIs(1));
}

TEST_F(HostSyncTest, RefusesARootThatIsAChild) {
  fake_.AddProvider("19e48d35-ffe6-50d5-86f0-eb01e1f98a01", "child", kRootUuid);
  HostSyncOptions options = Impatient();
  options.root.name = "child";
  HostSync sync(&rest_, options);
  EXPECT_TRUE(absl::IsFailedPrecondition(sync.Sync(Host(v1::SUPPORT_SUPPORTED)).status));
}

TEST_F(HostSyncTest, ComesBackWhenNovaLeaves) {
  sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
  fake_.Change(kChild, [](FakeProvider& child) { child.traits.insert("OWNER_NOVA"); });
  SyncReport report = sync_.Sync(Host(v1::SUPPORT_SUPPORTED, 3));
  EXPECT_EQ(report.notes[0].state, ChildState::kOwnedByNova);
  EXPECT_EQ(Reserved(), 0u);
  fake_.Change(kChild, [](FakeProvider& child) { child.traits.erase("OWNER_NOVA"); });
  report = sync_.Check(Host(v1::SUPPORT_SUPPORTED, 3));
  EXPECT_EQ(report.notes[0].state, ChildState::kInSync);
  EXPECT_EQ(Reserved(), 3u);
}

TEST_F(HostSyncTest, DoesNotRemoveWhatWasAllocatedAtTheLastMoment) {
  sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
  bool once = true;
  fake_.BeforeEach([&](const std::string& method, const std::string&) {
    if (method != "DELETE" || !std::exchange(once, false)) return;
    fake_.Change(kChild, [](FakeProvider& child) { child.allocated = 1; });
  });
  const SyncReport report = sync_.Sync(Host(v1::SUPPORT_UNSUPPORTED));
  EXPECT_TRUE(report.status.ok()) << report.status;
  EXPECT_EQ(report.notes[0].state, ChildState::kDraining);
  EXPECT_EQ(Reserved(), 63u);
}

TEST_F(HostSyncTest, SeesAnAllocationEndOfADrainingChild) {
  sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
  fake_.Change(kChild, [](FakeProvider& child) { child.allocated = 1; });
  sync_.Sync(Host(v1::SUPPORT_UNSUPPORTED));
  EXPECT_EQ(Reserved(), 63u);
  fake_.Change(kChild, [](FakeProvider& child) { child.allocated = 0; });
  sync_.Check(Host(v1::SUPPORT_UNSUPPORTED));
  EXPECT_EQ(fake_.Provider(kChild).name, "");
}

TEST_F(HostSyncTest, WritesNothingInADryRun) {
  HostSyncOptions options = Impatient();
  options.dry_run = true;
  HostSync sync(&rest_, options);
  EXPECT_THAT(sync.Sync(Host(v1::SUPPORT_SUPPORTED)).steps, SizeIs(3));
  EXPECT_THAT(fake_.TakeRequests(), testing::Each(StartsWith("GET")));
}

TEST_F(HostSyncTest, SaysHowPlacementFailed) {
  fake_.FailWith(500);
  EXPECT_TRUE(absl::IsUnavailable(sync_.Sync(Host(v1::SUPPORT_SUPPORTED)).status));
  EXPECT_THAT(fake_.TakeRequests(), SizeIs(1));
}

}  // namespace
}  // namespace ccplace::sync
