// HostSync on hosts that nova looks after, and where somebody removes children.
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/sync/sync/host_sync_fixture.h"

namespace ccplace::sync {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kOwnChild[] = "node-1_ccplace_intel_tdx";

class HostSyncBesideNovaTest : public HostSyncTest {
 protected:
  void GiveRoot(const std::string& trait) {
    fake_.Change("node-1", [&](FakeProvider& root) { root.traits.insert(trait); });
  }

  void GiveNova34TheChild() {
    GiveRoot("OWNER_NOVA");
    fake_.AddProvider("11111111-2222-4333-8444-555555555555", kChild, kRootUuid);
    fake_.Change(kChild, [](FakeProvider& child) {
      child.traits = {"HW_CPU_X86_INTEL_TDX", "OWNER_NOVA"};
      child.inventories["MEM_ENCRYPTION_CONTEXT"] = {{"total", 63}, {"reserved", 0}};
    });
  }

  nlohmann::json OwnKeys() {
    return fake_.Provider(kOwnChild).inventories.value("CUSTOM_CCPLACE_INTEL_TDX_KEY",
                                                       nlohmann::json::object());
  }
};

TEST_F(HostSyncBesideNovaTest, ShowsKeysInAClassOfItsOwnAndClosedBesideAnEarlierNova) {
  GiveRoot("COMPUTE_NODE");
  const SyncReport report = sync_.Sync(TwoModels());
  EXPECT_TRUE(report.status.ok()) << report.status;
  EXPECT_EQ(OwnKeys().value("total", 0), 63);
  EXPECT_EQ(OwnKeys().value("reserved", 0), 63);
  EXPECT_EQ(fake_.Provider(kChild).name, "");
  EXPECT_EQ(fake_.Provider("node-1_amd_sev").name, "");
  EXPECT_EQ(report.notes[1].state, ChildState::kOwnedByNova);
}

TEST_F(HostSyncBesideNovaTest, OffersKeysBesideAnEarlierNovaWhereAsked) {
  GiveRoot("COMPUTE_NODE");
  HostSyncOptions options = Impatient();
  options.nova.offer_beside_old_nova = true;
  HostSync sync(&rest_, options);
  sync.Sync(Host(v1::SUPPORT_SUPPORTED, 2));
  EXPECT_EQ(OwnKeys().value("total", 0), 63);
  EXPECT_EQ(OwnKeys().value("reserved", 99), 2);
}

TEST_F(HostSyncBesideNovaTest, MovesItsChildOutOfAnEarlierNovasWay) {
  sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
  GiveRoot("COMPUTE_NODE");
  for (int look = 0; look < 2; ++look) sync_.Check(Host(v1::SUPPORT_SUPPORTED));
  EXPECT_TRUE(fake_.Provider(kChild).inventories.empty());
  EXPECT_EQ(OwnKeys().value("total", 0), 63);
}

TEST_F(HostSyncBesideNovaTest, LeavesAmdsKeysToANovaThatHasThemOnTheRoot) {
  fake_.Change("node-1", [](FakeProvider& root) {
    root.inventories["MEM_ENCRYPTION_CONTEXT"] = {{"total", 15}, {"reserved", 0}};
  });
  const SyncReport report = sync_.Sync(TwoModels());
  EXPECT_EQ(report.notes[1].state, ChildState::kOwnedByNova);
  EXPECT_EQ(fake_.Provider("node-1_amd_sev").name, "");
  EXPECT_EQ(KeysOf(kChild), 63u);
}

TEST_F(HostSyncBesideNovaTest, MakesNoChildBesideNova34AndSaysWhatNovaDoesNotReport) {
  GiveRoot("OWNER_NOVA");
  const SyncReport report = sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
  EXPECT_TRUE(report.status.ok()) << report.status;
  EXPECT_THAT(report.steps, IsEmpty());
  EXPECT_EQ(report.notes[0].state, ChildState::kNovaReportsLess);
  EXPECT_THAT(report.notes[0].why, HasSubstr("cpu_mode"));
}

TEST_F(HostSyncBesideNovaTest, IsContentWithWhatNova34Reports) {
  GiveNova34TheChild();
  EXPECT_EQ(sync_.Sync(Host(v1::SUPPORT_SUPPORTED)).notes[0].state, ChildState::kOwnedByNova);
}

TEST_F(HostSyncBesideNovaTest, LooksAtAllocationsBeforeItSaysThatNovaPromisesMore) {
  GiveNova34TheChild();
  sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
  fake_.Change(kChild, [](FakeProvider& child) { child.allocated = 1; });
  EXPECT_EQ(sync_.Sync(Host(v1::SUPPORT_SUPPORTED, 1)).notes[0].state, ChildState::kOwnedByNova);
  EXPECT_EQ(sync_.Sync(Host(v1::SUPPORT_SUPPORTED, 2)).notes[0].state,
            ChildState::kNovaPromisesMore);
}

// A release of keys does not show in the child's generation.
TEST_F(HostSyncBesideNovaTest, SeesThatNovaReleasedAKeyWhichIsStillInUse) {
  GiveNova34TheChild();
  fake_.Change(kChild, [](FakeProvider& child) { child.allocated = 1; });
  sync_.Sync(Host(v1::SUPPORT_SUPPORTED, 1));
  fake_.ReleaseAll(kChild);
  SyncReport report;
  for (int look = 0; look < 2; ++look) report = sync_.Check(Host(v1::SUPPORT_SUPPORTED, 1));
  EXPECT_EQ(report.notes[0].state, ChildState::kNovaPromisesMore);
}

TEST_F(HostSyncBesideNovaTest, LooksOnceWhereNovaChangesNothing) {
  GiveNova34TheChild();
  sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
  for (int look = 0; look < 4; ++look) {
    fake_.TakeRequests();
    EXPECT_TRUE(sync_.Check(Host(v1::SUPPORT_SUPPORTED)).quiet);
    EXPECT_THAT(fake_.TakeRequests(), testing::SizeIs(1));
  }
}

TEST_F(HostSyncBesideNovaTest, SaysThatKeysHeldBackAreNotBesideNova34) {
  GiveNova34TheChild();
  v1::HostCapabilities host = Host(v1::SUPPORT_SUPPORTED);
  host.mutable_models(0)->mutable_keys()->mutable_reserved()->set_value(3);
  EXPECT_THAT(sync_.Sync(host).notes[0].why, HasSubstr("num_intel_tdx_guests = 60"));
}

TEST_F(HostSyncBesideNovaTest, EmptiesItsUnusedChildOnceNova34HadTimeToAdoptIt) {
  sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
  GiveRoot("OWNER_NOVA");
  sync_.Check(Host(v1::SUPPORT_SUPPORTED));  // Of the child.
  sync_.Check(Host(v1::SUPPORT_SUPPORTED));  // Of the tree: nova is there.
  EXPECT_EQ(KeysOf(kChild), 63u);
  sync_.Check(Host(v1::SUPPORT_SUPPORTED));
  EXPECT_TRUE(fake_.Provider(kChild).inventories.empty());
  EXPECT_EQ(fake_.Provider(kChild).name, kChild);  // nova asks for it until it forgets it.
  fake_.TakeRequests();
  EXPECT_THAT(sync_.Check(Host(v1::SUPPORT_SUPPORTED)).steps, IsEmpty());
}

TEST_F(HostSyncBesideNovaTest, EmptiesAndFillsItsChildAsTheHostChanges) {
  GiveRoot("COMPUTE_NODE");
  sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
  EXPECT_EQ(OwnKeys().value("total", 0), 63);
  SyncReport report = sync_.Sync(Host(v1::SUPPORT_UNSUPPORTED));
  EXPECT_TRUE(OwnKeys().empty());
  EXPECT_EQ(report.notes[0].state, ChildState::kAbsent);
  EXPECT_THAT(report.notes[0].why, HasSubstr("the provider stays"));
  report = sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
  EXPECT_TRUE(report.status.ok()) << report.status;
  EXPECT_EQ(OwnKeys().value("total", 0), 63);
}

TEST_F(HostSyncBesideNovaTest, MindsNobodyWhoRemovesAChildWithoutKeys) {
  GiveRoot("COMPUTE_NODE");
  for (int time = 0; time < 3; ++time) {
    sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
    EXPECT_EQ(OwnKeys().value("total", 0), 63);
    sync_.Sync(Host(v1::SUPPORT_UNSUPPORTED));
    fake_.Remove(kOwnChild);
    for (int look = 0; look < 3; ++look) {
      EXPECT_EQ(sync_.Check(Host(v1::SUPPORT_UNSUPPORTED)).removed, 0u);
    }
  }
}

TEST_F(HostSyncBesideNovaTest, ClosesTheChildWhereSomethingIsAllocatedBeforeItIsEmptied) {
  GiveRoot("COMPUTE_NODE");
  sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
  bool once = true;
  fake_.BeforeEach([&](const std::string& method, const std::string&) {
    if (method != "DELETE" || !std::exchange(once, false)) return;
    fake_.Change("node-1_ccplace_intel_tdx", [](FakeProvider& child) { child.allocated = 1; });
  });
  const SyncReport report = sync_.Sync(Host(v1::SUPPORT_UNSUPPORTED));
  EXPECT_TRUE(report.status.ok()) << report.status;
  EXPECT_EQ(OwnKeys().value("reserved", 0), 63);
  EXPECT_EQ(report.notes[0].state, ChildState::kDraining);
}

TEST_F(HostSyncBesideNovaTest, ClosesItsUsedChildBesideNova34) {
  sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
  fake_.Change(kChild, [](FakeProvider& child) { child.allocated = 2; });
  GiveRoot("OWNER_NOVA");
  SyncReport report;
  for (int look = 0; look < 4; ++look) report = sync_.Check(Host(v1::SUPPORT_SUPPORTED));
  EXPECT_EQ(Reserved(), 63u);
  EXPECT_EQ(report.notes[0].state, ChildState::kDraining);
}

TEST_F(HostSyncBesideNovaTest, MakesARemovedChildAgainAtTheNextLookAndOnlyOnce) {
  const v1::HostCapabilities host = Host(v1::SUPPORT_SUPPORTED);
  sync_.Sync(host);
  fake_.Remove(kChild);
  SyncReport report = sync_.Check(host);
  EXPECT_EQ(report.removed, 1u);
  EXPECT_EQ(report.notes[0].state, ChildState::kRemoved);
  EXPECT_EQ(sync_.Sync(Host(v1::SUPPORT_SUPPORTED, 1)).notes[0].state, ChildState::kRemoved);
  sync_.Check(host);
  EXPECT_EQ(KeysOf(kChild), 63u);

  fake_.Remove(kChild);
  for (int look = 0; look < 5; ++look) report = sync_.Check(host);
  EXPECT_EQ(report.notes[0].state, ChildState::kRemoved);
  EXPECT_THAT(report.notes[0].why, HasSubstr("systemctl reload ccplace-sync"));
  make_removed_again_ = true;
  EXPECT_EQ(sync_.Check(host).notes[0].state, ChildState::kInSync);
}

TEST_F(HostSyncBesideNovaTest, SaysThatItsChildWasRenamedAndFollowsItBack) {
  const v1::HostCapabilities host = Host(v1::SUPPORT_SUPPORTED);
  sync_.Sync(host);
  fake_.Change(kChild, [](FakeProvider& child) { child.name = "rack-7"; });
  SyncReport report;
  for (int look = 0; look < 4; ++look) report = sync_.Check(host);
  EXPECT_TRUE(report.status.ok()) << report.status;
  EXPECT_EQ(report.notes[0].state, ChildState::kForeign);
  EXPECT_THAT(report.notes[0].why, testing::AllOf(HasSubstr("renamed it 'rack-7'"),
                                                  HasSubstr("openstack resource provider set")));
  fake_.Change("rack-7", [](FakeProvider& child) { child.name = kChild; });
  for (int look = 0; look < 2; ++look) report = sync_.Check(host);
  EXPECT_EQ(report.notes[0].state, ChildState::kInSync);
}

class HostSyncRestartTest : public HostSyncBesideNovaTest {
 protected:
  HostSyncRestartTest() { options_.state_file = path_; }
  ~HostSyncRestartTest() override { std::remove(path_.c_str()); }

  // What a new process with the same state file comes to.
  SyncReport Restarted() {
    HostSync sync(&rest_, options_);
    return sync.Sync(Host(v1::SUPPORT_SUPPORTED));
  }
  // One that runs until it has seen a removal, and made the child again.
  void SeeRemoval() {
    HostSync sync(&rest_, options_);
    sync.Sync(Host(v1::SUPPORT_SUPPORTED));
    fake_.Remove(kChild);
    for (int look = 0; look < 3; ++look) sync.Check(Host(v1::SUPPORT_SUPPORTED));
  }

  const std::string path_ = absl::StrCat(testing::TempDir(), "/removed-", getpid(), ".json");
  HostSyncOptions options_ = Impatient();
};

TEST_F(HostSyncRestartTest, RemembersOverARestartWhatSomebodyRemoved) {
  SeeRemoval();
  EXPECT_EQ(KeysOf(kChild), 63u);
  SeeRemoval();
  EXPECT_EQ(fake_.Provider(kChild).name, "");
  const SyncReport report = Restarted();
  EXPECT_EQ(report.notes[0].state, ChildState::kRemoved);
  EXPECT_TRUE(report.state_file.ok()) << report.state_file;
}

TEST_F(HostSyncRestartTest, ForgetsOverARestartTooWhereAPersonSaidSo) {
  SeeRemoval();
  SeeRemoval();
  std::atomic<bool> asked{true};
  options_.make_removed_again = &asked;
  EXPECT_EQ(Restarted().notes[0].state, ChildState::kInSync);
  EXPECT_EQ(Restarted().notes[0].state, ChildState::kInSync);
  SeeRemoval();
  EXPECT_EQ(KeysOf(kChild), 63u);
}

TEST_F(HostSyncRestartTest, CountsForNothingWhatWentWhileNobodyLooked) {
  for (int time = 0; time < 3; ++time) {
    EXPECT_EQ(Restarted().notes[0].state, ChildState::kInSync);
    fake_.Remove(kChild);  // As `ccplacectl placement leave` does.
  }
}

TEST_F(HostSyncRestartTest, SaysWhyItCannotRememberAndGoesOn) {
  std::ofstream(path_) << "[1, 2";
  SyncReport report = Restarted();
  EXPECT_TRUE(report.status.ok()) << report.status;
  EXPECT_TRUE(absl::IsInvalidArgument(report.state_file)) << report.state_file;
  EXPECT_THAT(report.state_file.message(), HasSubstr("remove it"));
  std::ofstream(path_) << std::string(5000, ' ');
  EXPECT_THAT(Restarted().state_file.message(), HasSubstr("too large"));
  for (const char* content : {R"({"root": 1, "removals": {}})", R"({"root": "", "removals": 1})",
                              R"({"root": "", "removals": {"a": -1}})"}) {
    std::ofstream(path_) << content;
    EXPECT_TRUE(absl::IsInvalidArgument(Restarted().state_file)) << content;
  }
  options_.state_file = "/proc/no-such-folder/removed.json";
  SeeRemoval();
  EXPECT_EQ(KeysOf(kChild), 63u);
}

TEST_F(HostSyncBesideNovaTest, FollowsANewRootOfTheSameNameAndMakesNothingBelowTheOldOne) {
  sync_.Sync(Host(v1::SUPPORT_SUPPORTED));
  fake_.Remove(kChild);
  fake_.Remove("node-1");
  SyncReport report = sync_.Check(Host(v1::SUPPORT_SUPPORTED));
  EXPECT_TRUE(absl::IsNotFound(report.status)) << report.status;
  EXPECT_EQ(report.removed, 0u);
  fake_.AddProvider("7ba7b810-9dad-11d1-80b4-00c04fd430c8", "node-1");
  report = sync_.Check(Host(v1::SUPPORT_SUPPORTED));
  EXPECT_TRUE(report.status.ok()) << report.status;
  EXPECT_EQ(fake_.Provider(kChild).parent_uuid, "7ba7b810-9dad-11d1-80b4-00c04fd430c8");
}

}  // namespace
}  // namespace ccplace::sync
