#include "client/sync/sync/host_sync.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/placement/named_uuid.h"
#include "tests/unit/sync/placement/placement_fake.h"

namespace ccplace::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kChild[] = "node-1_intel_tdx";

v1::HostCapabilities Host(v1::Support verdict, uint64_t in_use = 0) {
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
v1::HostCapabilities TwoModels() {
  v1::HostCapabilities host = Host(v1::SUPPORT_SUPPORTED);
  v1::ModelCapability& sev = *host.add_models();
  sev.set_model(v1::ENCRYPTION_MODEL_AMD_SEV);
  sev.set_verdict(v1::SUPPORT_SUPPORTED);
  sev.mutable_keys()->mutable_total()->set_value(15);
  return host;
}

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
    return absl::StrCat("/resource_providers/", *NamedUuid(kRootUuid, kChild));
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
  EXPECT_EQ(sync_.Sync(TwoModels()).notes[0].state, ChildState::kTrue);
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
  EXPECT_EQ(report.notes[0].state, ChildState::kNovas);
  EXPECT_EQ(Reserved(), 0u);
  fake_.Change(kChild, [](FakeProvider& child) { child.traits.erase("OWNER_NOVA"); });
  report = sync_.Check(Host(v1::SUPPORT_SUPPORTED, 3));
  EXPECT_EQ(report.notes[0].state, ChildState::kTrue);
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

// Beside nova.

constexpr char kOwnChild[] = "node-1_ccplace_intel_tdx";

class HostSyncBesideNovaTest : public HostSyncTest {
 protected:
  void GiveRoot(const std::string& trait) {
    fake_.Change("node-1", [&](FakeProvider& root) { root.traits.insert(trait); });
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
  EXPECT_EQ(report.notes[1].state, ChildState::kNovas);
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
  EXPECT_EQ(report.notes[1].state, ChildState::kNovas);
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
  GiveRoot("OWNER_NOVA");
  fake_.AddProvider("11111111-2222-4333-8444-555555555555", kChild, kRootUuid);
  fake_.Change(kChild, [](FakeProvider& child) {
    child.traits = {"HW_CPU_X86_INTEL_TDX", "OWNER_NOVA"};
    child.inventories["MEM_ENCRYPTION_CONTEXT"] = {{"total", 63}, {"reserved", 0}};
  });
  EXPECT_EQ(sync_.Sync(Host(v1::SUPPORT_SUPPORTED)).notes[0].state, ChildState::kNovas);
}

TEST_F(HostSyncBesideNovaTest, SaysThatKeysHeldBackAreNotBesideNova34) {
  GiveRoot("OWNER_NOVA");
  fake_.AddProvider("11111111-2222-4333-8444-555555555555", kChild, kRootUuid);
  fake_.Change(kChild, [](FakeProvider& child) {
    child.traits = {"HW_CPU_X86_INTEL_TDX", "OWNER_NOVA"};
    child.inventories["MEM_ENCRYPTION_CONTEXT"] = {{"total", 63}, {"reserved", 0}};
  });
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
  EXPECT_EQ(sync_.Check(host).notes[0].state, ChildState::kTrue);
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
  EXPECT_EQ(Restarted().notes[0].state, ChildState::kTrue);
  EXPECT_EQ(Restarted().notes[0].state, ChildState::kTrue);
  SeeRemoval();
  EXPECT_EQ(KeysOf(kChild), 63u);
}

TEST_F(HostSyncRestartTest, CountsForNothingWhatWentWhileNobodyLooked) {
  for (int time = 0; time < 3; ++time) {
    EXPECT_EQ(Restarted().notes[0].state, ChildState::kTrue);
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

TEST_F(HostSyncTest, SaysHowPlacementFailed) {
  fake_.FailWith(500);
  EXPECT_TRUE(absl::IsUnavailable(sync_.Sync(Host(v1::SUPPORT_SUPPORTED)).status));
  EXPECT_THAT(fake_.TakeRequests(), SizeIs(1));
}

}  // namespace
}  // namespace ccplace::sync
