// HostSync where somebody else writes the figures of its children.
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/sync/sync/host_sync_fixture.h"

namespace ccplace::sync {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class HostSyncOverwrittenTest : public HostSyncTest {
 protected:
  // Somebody else says so of the child's keys.
  void Overwrite(uint64_t total) {
    fake_.Change(kChild, [total](FakeProvider& child) {
      child.inventories["MEM_ENCRYPTION_CONTEXT"] = {{"total", total}, {"reserved", 0},
                                                     {"min_unit", 1},  {"max_unit", 1},
                                                     {"step_size", 1}, {"allocation_ratio", 1.0}};
    });
  }
  // A look finds that somebody did.
  SyncReport LookAfterOverwriting(uint64_t total = 10) {
    Overwrite(total);
    return sync_.Check(host_);
  }
  SyncReport GivenIn() {
    sync_.Sync(host_);
    for (int time = 0; time < 2; ++time) LookAfterOverwriting();
    return LookAfterOverwriting();
  }

  const v1::HostCapabilities host_ = Host(v1::SUPPORT_SUPPORTED);
};

TEST_F(HostSyncOverwrittenTest, SetsFiguresBackTwiceAndThenLeavesThemAlone) {
  sync_.Sync(host_);
  for (int time = 0; time < 2; ++time) {
    const SyncReport report = LookAfterOverwriting();
    EXPECT_EQ(report.overwritten, 1u);
    EXPECT_EQ(KeysOf(kChild), 63u);
    EXPECT_THAT(report.steps.front().why, HasSubstr("Somebody else changed it."));
  }
  SyncReport report = LookAfterOverwriting();
  EXPECT_TRUE(report.status.ok()) << report.status;
  EXPECT_EQ(report.overwritten, 1u);
  EXPECT_EQ(report.notes[0].state, ChildState::kOverwritten);
  EXPECT_THAT(report.notes[0].why, HasSubstr("total 63, reserved 0 (was total 10, reserved 0)"));
  EXPECT_THAT(report.notes[0].why, HasSubstr("systemctl reload ccplace-sync"));
  for (int look = 0; look < 60; ++look) {
    report = sync_.Check(host_);
    EXPECT_THAT(report.steps, IsEmpty());
    EXPECT_EQ(report.overwritten, 0u);
  }
  EXPECT_EQ(KeysOf(kChild), 10u);
}

TEST_F(HostSyncOverwrittenTest, LeavesThemAloneThoughTheHostHasNews) {
  GivenIn();
  for (uint64_t in_use = 1; in_use < 4; ++in_use) {
    const SyncReport report = sync_.Sync(Host(v1::SUPPORT_SUPPORTED, in_use));
    EXPECT_EQ(report.notes[0].state, ChildState::kOverwritten);
    EXPECT_THAT(report.steps, IsEmpty());
  }
  EXPECT_EQ(KeysOf(kChild), 10u);
}

TEST_F(HostSyncOverwrittenTest, LeavesTraitsAloneThatSomebodyTakesAwayAndStillSetsFigures) {
  sync_.Sync(host_);
  SyncReport report;
  for (int time = 0; time < 3; ++time) {
    EXPECT_FALSE(fake_.Provider(kChild).traits.empty());
    fake_.Change(kChild, [](FakeProvider& child) { child.traits.clear(); });
    report = sync_.Check(host_);
  }
  EXPECT_TRUE(fake_.Provider(kChild).traits.empty());
  EXPECT_EQ(report.notes[0].state, ChildState::kOverwritten);
  EXPECT_THAT(report.notes[0].why, HasSubstr("other traits"));
  sync_.Sync(Host(v1::SUPPORT_SUPPORTED, 4));
  EXPECT_EQ(Reserved(), 4u);
  make_removed_again_ = true;
  EXPECT_EQ(sync_.Check(host_).notes[0].state, ChildState::kInSync);
}

TEST_F(HostSyncOverwrittenTest, SetsThemWhereAPersonSaysSo) {
  GivenIn();
  make_removed_again_ = true;
  EXPECT_EQ(sync_.Check(host_).notes[0].state, ChildState::kInSync);
  EXPECT_EQ(KeysOf(kChild), 63u);
}

TEST_F(HostSyncOverwrittenTest, GoesOnWhereTheOtherCameToTheSameFigures) {
  GivenIn();
  EXPECT_EQ(LookAfterOverwriting(63).notes[0].state, ChildState::kInSync);
  EXPECT_EQ(sync_.Sync(Host(v1::SUPPORT_SUPPORTED, 5)).notes[0].state, ChildState::kInSync);
  EXPECT_EQ(Reserved(), 5u);
}

TEST_F(HostSyncOverwrittenTest, MindsNobodyWhoWritesSeldom) {
  sync_.Sync(host_);
  for (int time = 0; time < 5; ++time) {
    EXPECT_EQ(LookAfterOverwriting().notes[0].state, ChildState::kInSync);
    for (int look = 0; look < 60; ++look) sync_.Check(host_);
  }
  EXPECT_EQ(KeysOf(kChild), 63u);
}

TEST_F(HostSyncOverwrittenTest, MindsNobodyWhereTheHostItselfHasNews) {
  sync_.Sync(host_);
  for (uint64_t in_use = 1; in_use < 6; ++in_use) {
    Overwrite(10);
    const SyncReport report = sync_.Sync(Host(v1::SUPPORT_SUPPORTED, in_use));
    EXPECT_EQ(report.overwritten, 0u);
    EXPECT_EQ(Reserved(), in_use);
  }
}

TEST_F(HostSyncOverwrittenTest, CountsARemovalOfTheFiguresToo) {
  sync_.Sync(host_);
  SyncReport report;
  for (int time = 0; time < 3; ++time) {
    fake_.Change(kChild, [](FakeProvider& child) { child.inventories.clear(); });
    report = sync_.Check(host_);
  }
  EXPECT_EQ(report.notes[0].state, ChildState::kOverwritten);
  EXPECT_EQ(KeysOf(kChild), 0u);
}

TEST_F(HostSyncOverwrittenTest, SuspectsNobodyOfWhatItMayHaveWrittenItself) {
  sync_.Sync(host_);
  for (int time = 0; time < 4; ++time) {
    // Placement takes the figures, and its answer is lost.
    bool once = true;
    fake_.BeforeEach([&](const std::string& method, const std::string&) {
      if (method != "PUT" || !std::exchange(once, false)) return;
      Overwrite(62);
      fake_.FailWith(502);
    });
    EXPECT_FALSE(sync_.Sync(Host(v1::SUPPORT_SUPPORTED, 1)).status.ok());
    fake_.BeforeEach({});
    fake_.FailWith(0);
    EXPECT_EQ(sync_.Sync(host_).overwritten, 0u);
    EXPECT_EQ(KeysOf(kChild), 63u);
  }
}

TEST_F(HostSyncOverwrittenTest, TwoThatDifferAreOneSoonAndOneStandsBack) {
  HostSync other(&rest_, Impatient());
  v1::HostCapabilities less = host_;
  less.mutable_models(0)->mutable_keys()->mutable_total()->set_value(7);
  sync_.Sync(host_);
  other.Sync(less);
  SyncReport ours;
  SyncReport theirs;
  for (int look = 0; look < 12; ++look) {
    ours = sync_.Check(host_);
    theirs = other.Check(less);
  }
  const bool we_stand_back = ours.notes[0].state == ChildState::kOverwritten;
  const bool they_stand_back = theirs.notes[0].state == ChildState::kOverwritten;
  EXPECT_NE(we_stand_back, they_stand_back);
  const uint64_t standing = KeysOf(kChild);
  EXPECT_EQ(standing, we_stand_back ? 7u : 63u);
  for (int look = 0; look < 100; ++look) {
    EXPECT_THAT(sync_.Check(host_).steps, IsEmpty());
    EXPECT_THAT(other.Check(less).steps, IsEmpty());
  }
}

}  // namespace
}  // namespace ccplace::sync
