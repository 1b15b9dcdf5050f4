#include "lib/capability/snapshot/attestation_condition.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/clock_fake.h"
#include "tests/unit/capability/host_under_test.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kSocket[] = "/var/run/tdx-qgs/qgs.socket";
constexpr std::chrono::milliseconds kInterval{10000};

class AttestationConditionTest : public ::testing::Test {
 protected:
  AttestationConditionTest() { MakeTdxHost(host_); }

  void SetService(const absl::Status& answer) { host_.files.MakeSocket(kSocket, answer); }
  void Lose() { SetService(absl::FailedPreconditionError("Connection refused")); }
  void Return() { SetService(absl::OkStatus()); }

  // The keys after one more reading, an interval after the last.
  v1::KeyInventory Next(std::chrono::milliseconds after = kInterval, bool libvirt = true) {
    clock_.Advance(after);
    return Built(++readings_, libvirt);
  }

  // What a snapshot says that is built of reading `number`.
  v1::KeyInventory Built(uint64_t number, bool libvirt = true) {
    Snapshot snapshot = host_.Read();
    condition_.Apply(number, libvirt, snapshot);
    return TdxKeys(snapshot);
  }

  static bool IsWithheld(const v1::KeyInventory& keys) {
    return !keys.withheld().empty() && keys.usable().has_value();
  }
  static bool IsUndecided(const v1::KeyInventory& keys) {
    return !keys.withheld().empty() && !keys.usable().has_value();
  }

  HostUnderTest host_;
  ClockFake clock_;
  AttestationCondition condition_{kInterval, clock_};
  uint64_t readings_ = 0;
};

TEST_F(AttestationConditionTest, LeavesKeysAloneWhileGuestsCanBeAttested) {
  for (int i = 0; i < 5; ++i) {
    const v1::KeyInventory keys = Next();
    EXPECT_EQ(keys.withheld(), "");
    EXPECT_EQ(keys.usable().value(), 63u);
    EXPECT_EQ(keys.reserved().value(), 0u);
  }
}

TEST_F(AttestationConditionTest, WithholdsAllKeysOfAHostThatBeginsWithoutTheService) {
  Lose();
  const v1::KeyInventory keys = Next();
  EXPECT_EQ(keys.total().value(), 63u);
  EXPECT_EQ(keys.reserved().value(), 63u);
  EXPECT_EQ(keys.usable().value(), 0u);
  EXPECT_EQ(keys.free().value(), 0u);
  EXPECT_THAT(keys.withheld(), StartsWith("--require_attestation: no guest can be attested: "));
  EXPECT_THAT(keys.withheld(), HasSubstr("Connection refused"));
  EXPECT_THAT(keys.withheld(), HasSubstr(kSocket));
  EXPECT_EQ(keys.reserved().source(), keys.withheld());
}

TEST_F(AttestationConditionTest, WithholdsAfterThreeReadingsInARow) {
  Next();
  Lose();
  EXPECT_FALSE(IsWithheld(Next()));
  EXPECT_FALSE(IsWithheld(Next()));
  EXPECT_TRUE(IsWithheld(Next()));
}

TEST_F(AttestationConditionTest, AServiceThatIsRestartedMovesNoKey) {
  Next();
  for (int i = 0; i < 10; ++i) {
    Lose();
    EXPECT_FALSE(IsWithheld(Next()));
    EXPECT_FALSE(IsWithheld(Next()));
    Return();
    EXPECT_FALSE(IsWithheld(Next()));
  }
}

TEST_F(AttestationConditionTest, ReadingsInQuickSuccessionDoNotDecide) {
  Next();
  Lose();
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(IsWithheld(Next(std::chrono::milliseconds(250))));
  EXPECT_TRUE(IsWithheld(Next(std::chrono::milliseconds(8000))));
}

TEST_F(AttestationConditionTest, SnapshotsOfOneReadingCountOnce) {
  Next();
  Lose();
  Next();
  clock_.Advance(std::chrono::hours(1));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(IsWithheld(Built(readings_)));
}

TEST_F(AttestationConditionTest, GivesBackOnceTheServiceStayedForSixIntervals) {
  Lose();
  Next();
  Return();
  for (int i = 0; i < 6; ++i) {
    const v1::KeyInventory keys = Next();
    EXPECT_TRUE(IsWithheld(keys)) << i;
    EXPECT_THAT(keys.withheld(), HasSubstr("can be reached again")) << i;
  }
  const v1::KeyInventory keys = Next();
  EXPECT_EQ(keys.withheld(), "");
  EXPECT_EQ(keys.usable().value(), 63u);
}

TEST_F(AttestationConditionTest, AServiceThatComesAndGoesStaysWithheld) {
  Lose();
  Next();
  for (int i = 0; i < 10; ++i) {
    Return();
    for (int yes = 0; yes < 5; ++yes) EXPECT_TRUE(IsWithheld(Next()));
    Lose();
    EXPECT_TRUE(IsWithheld(Next()));
  }
}

TEST_F(AttestationConditionTest, WhatIsUnknownIsNoReasonToWithholdNorToGiveBack) {
  Next();
  SetService(absl::UnavailableError("out of files"));
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(IsWithheld(Next()));
  Lose();
  for (int i = 0; i < 3; ++i) Next();
  SetService(absl::PermissionDeniedError("denied"));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(IsWithheld(Next()));
}

TEST_F(AttestationConditionTest, UntilSomethingIsKnownTheFiguresAreUnknown) {
  SetService(absl::PermissionDeniedError("denied"));
  for (int i = 0; i < 5; ++i) {
    const v1::KeyInventory keys = Next();
    EXPECT_TRUE(IsUndecided(keys));
    EXPECT_FALSE(keys.reserved().has_value());
    EXPECT_FALSE(keys.free().has_value());
    EXPECT_EQ(keys.total().value(), 63u);
    EXPECT_THAT(keys.withheld(), HasSubstr("whether guests can be attested is not known: denied"));
  }
  Return();
  EXPECT_EQ(Next().withheld(), "");
}

TEST_F(AttestationConditionTest, ThatSomebodyListensDecidesNothingBeforeLibvirtSaysAsWhomQemuRuns) {
  EXPECT_TRUE(IsUndecided(Next(kInterval, /*libvirt=*/false)));
  // The same files, and libvirt's answer beside them.
  EXPECT_EQ(Built(readings_).withheld(), "");
}

TEST_F(AttestationConditionTest, ASocketThatQemuMayNotOpenWithholdsToo) {
  host_.files.SetAccess(kSocket, {980, 980, 0660, false});
  const v1::KeyInventory keys = Next();
  EXPECT_TRUE(IsWithheld(keys));
  EXPECT_THAT(keys.withheld(), HasSubstr("libvirt-qemu may not connect"));
}

TEST_F(AttestationConditionTest, KeysThatTheKernelDoesNotCountAreWithheldByTheLimit) {
  host_.files.Remove("/sys/fs/cgroup/misc.capacity");
  host_.options.tdx_guest_limit = 16;
  Lose();
  const v1::KeyInventory keys = Next();
  EXPECT_EQ(keys.reserved().value(), 16u);
  EXPECT_EQ(keys.usable().value(), 0u);
}

TEST_F(AttestationConditionTest, GuestsThatRunAndTheVerdictStayAsTheyAre) {
  host_.AddDomain("td", "tdx", v1::DOMAIN_STATE_RUNNING);
  Lose();
  Snapshot snapshot = host_.Read();
  condition_.Apply(1, true, snapshot);
  EXPECT_EQ(TdxKeys(snapshot).running().value(), 1u);
  EXPECT_EQ(ModelOf(snapshot, kTdx).verdict(), v1::SUPPORT_SUPPORTED);
}

}  // namespace
}  // namespace ccplace
