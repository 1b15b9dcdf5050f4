// The figures of the key inventory, and what is unknown when.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/capability/host_under_test.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;

MATCHER_P(Is, value, "") { return arg.has_value() && arg.value() == uint64_t{value}; }
MATCHER(IsUnknown, "") { return !arg.has_value() && !arg.source().empty(); }

class TdxInventoryTest : public ::testing::Test {
 protected:
  TdxInventoryTest() { MakeTdxHost(host_); }
  v1::KeyInventory Keys() { return host_.Model(kTdx).keys(); }
  void SetCurrent(absl::string_view content) {
    host_.files.WriteFile("/sys/fs/cgroup/misc.current", content);
  }
  void SetCapacity(absl::string_view content) {
    host_.files.WriteFile("/sys/fs/cgroup/misc.capacity", content);
  }

  HostUnderTest host_;
};

class SevInventoryTest : public ::testing::Test {
 protected:
  SevInventoryTest() { MakeSevHost(host_); }
  v1::KeyInventory Keys(v1::EncryptionModel model) { return host_.Model(model).keys(); }

  HostUnderTest host_;
};

TEST_F(TdxInventoryTest, EveryFigureOfABusyHost) {
  host_.options.tdx_guest_limit = 40;
  host_.options.tdx_reserved_keys = 4;
  host_.AddDomain("a", "tdx", v1::DOMAIN_STATE_RUNNING);
  host_.AddDomain("b", "tdx", v1::DOMAIN_STATE_SHUT_OFF);
  host_.AddDomain("c", "", v1::DOMAIN_STATE_RUNNING);
  SetCurrent("tdx 3\n");
  const v1::KeyInventory keys = Keys();
  EXPECT_THAT(keys.total(), Is(63u));
  EXPECT_EQ(keys.total().source(), "/sys/fs/cgroup/misc.capacity tdx");
  EXPECT_THAT(keys.limit(), Is(40u));
  EXPECT_EQ(keys.limit().source(), "--tdx_guest_limit");
  EXPECT_THAT(keys.reserved(), Is(4u));
  EXPECT_THAT(keys.usable(), Is(36u));
  EXPECT_EQ(keys.usable().source(), "min(total, limit) - reserved");
  EXPECT_THAT(keys.in_use(), Is(3u));
  EXPECT_THAT(keys.defined(), Is(2u));
  EXPECT_THAT(keys.running(), Is(1u));
  EXPECT_THAT(keys.unaccounted(), Is(2u));
  EXPECT_THAT(keys.free(), Is(33u));
}

TEST_F(TdxInventoryTest, TheLowerOfFileAndLimitWins) {
  host_.options.tdx_guest_limit = 100;
  EXPECT_THAT(Keys().usable(), Is(63u));
  host_.options.tdx_guest_limit = 10;
  EXPECT_THAT(Keys().usable(), Is(10u));
  host_.options.tdx_guest_limit = 0;
  EXPECT_THAT(Keys().usable(), Is(0u));
}

TEST_F(TdxInventoryTest, NoLimitIsAnUnknownLimitAndNoObstacle) {
  EXPECT_THAT(Keys().limit(), IsUnknown());
  EXPECT_THAT(Keys().usable(), Is(63u));
  EXPECT_THAT(Keys().reserved(), Is(0u));
}

TEST_F(TdxInventoryTest, NothingGoesBelowZero) {
  host_.options.tdx_reserved_keys = UINT64_MAX;
  EXPECT_THAT(Keys().usable(), Is(0u));
  EXPECT_THAT(Keys().free(), Is(0u));
  host_.options.tdx_reserved_keys = 0;
  host_.AddDomain("a", "tdx", v1::DOMAIN_STATE_RUNNING);
  EXPECT_THAT(Keys().unaccounted(), Is(0u));
  SetCurrent("tdx 18446744073709551615\n");
  EXPECT_THAT(Keys().free(), Is(0u));
}

TEST_F(TdxInventoryTest, WhateverIsActiveHoldsItsKey) {
  host_.AddDomain("a", "tdx", v1::DOMAIN_STATE_PAUSED);
  host_.AddDomain("b", "tdx", v1::DOMAIN_STATE_SHUTTING_DOWN);
  host_.AddDomain("c", "tdx", v1::DOMAIN_STATE_CRASHED);
  host_.AddDomain("d", "tdx", v1::DOMAIN_STATE_SHUT_OFF);
  EXPECT_THAT(Keys().defined(), Is(4u));
  EXPECT_THAT(Keys().running(), Is(3u));
  SetCurrent("tdx 3\n");
  EXPECT_THAT(Keys().unaccounted(), Is(0u));
}

TEST_F(TdxInventoryTest, ALineThatTheKernelLeavesOutIsZero) {
  host_.files.WriteFile("/sys/module/kvm_intel/parameters/tdx", "N\n");
  SetCapacity("");
  EXPECT_THAT(Keys().total(), Is(0u));
  EXPECT_THAT(Keys().total().source(), HasSubstr("no line"));
  EXPECT_THAT(Keys().free(), Is(0u));
}

TEST_F(TdxInventoryTest, AControllerThatDoesNotKnowTdxCountsNothing) {
  SetCapacity("sev 4\n");
  SetCurrent("");
  EXPECT_THAT(Keys().total(), IsUnknown());
  EXPECT_THAT(Keys().total().source(), HasSubstr("no line for tdx though kvm_intel.tdx is on"));
  EXPECT_THAT(Keys().in_use(), IsUnknown());
  EXPECT_THAT(Keys().free(), IsUnknown());
}

TEST_F(TdxInventoryTest, WithoutTheFileTheConfiguredLimitIsTheOperatorsCount) {
  host_.files.Remove("/sys/fs/cgroup");
  EXPECT_THAT(Keys().usable(), IsUnknown());
  host_.options.tdx_guest_limit = 16;
  host_.options.tdx_reserved_keys = 2;
  const v1::KeyInventory keys = Keys();
  EXPECT_THAT(keys.total(), IsUnknown());
  EXPECT_THAT(keys.usable(), Is(14u));
  EXPECT_THAT(keys.usable().source(), HasSubstr("the kernel does not count these keys"));
  EXPECT_THAT(keys.free(), IsUnknown());
}

TEST_F(TdxInventoryTest, AFileThatCannotBeUnderstoodLeavesAllBehindItUnknown) {
  host_.options.tdx_guest_limit = 16;
  for (const absl::string_view content :
       {"tdx -1\n", "tdx 99999999999999999999\n", "tdx 63\ntdx 63\n", "tdx\n", "\xff\xfe\n"}) {
    SetCapacity(content);
    EXPECT_THAT(Keys().total(), IsUnknown()) << content;
    EXPECT_THAT(Keys().usable(), IsUnknown()) << content;
    EXPECT_THAT(Keys().free(), IsUnknown()) << content;
  }
}

TEST_F(TdxInventoryTest, AnUnknownUseIsNotZero) {
  host_.files.Remove("/sys/fs/cgroup/misc.current");
  EXPECT_THAT(Keys().usable(), Is(63u));
  EXPECT_THAT(Keys().in_use(), IsUnknown());
  EXPECT_THAT(Keys().unaccounted(), IsUnknown());
  EXPECT_THAT(Keys().free(), IsUnknown());
  EXPECT_THAT(Keys().free().source(), HasSubstr("misc.current"));
}

TEST_F(TdxInventoryTest, WithoutLibvirtItsFiguresAreUnknownAndTheKernelsAreNot) {
  SetCurrent("tdx 5\n");
  host_.hypervisor.domains = absl::UnavailableError("connection lost");
  const v1::KeyInventory keys = Keys();
  EXPECT_THAT(keys.defined(), IsUnknown());
  EXPECT_THAT(keys.running(), IsUnknown());
  EXPECT_THAT(keys.running().source(), HasSubstr("connection lost"));
  EXPECT_THAT(keys.unaccounted(), IsUnknown());
  EXPECT_THAT(keys.free(), Is(58u));
}

TEST_F(TdxInventoryTest, ADomainThatCannotBeReadCouldBeOne) {
  host_.AddDomain("a", "tdx", v1::DOMAIN_STATE_RUNNING);
  host_.hypervisor.domains->push_back({"u", "odd", v1::DOMAIN_STATE_RUNNING, "<domain"});
  EXPECT_THAT(Keys().defined(), IsUnknown());
  EXPECT_THAT(Keys().running().source(), HasSubstr("definition of domain 'odd'"));
}

TEST_F(TdxInventoryTest, ADomainThatLibvirtCannotDescribeLeavesWhatTheKernelCounts) {
  SetCurrent("tdx 1\n");
  host_.hypervisor.domains->push_back(
      {"u-1", "odd", v1::DOMAIN_STATE_RUNNING, "", absl::InternalError("no memory")});
  const v1::KeyInventory keys = Keys();
  for (const v1::Figure& figure : {keys.defined(), keys.running(), keys.unaccounted()}) {
    EXPECT_THAT(figure, IsUnknown());
    EXPECT_THAT(figure.source(), HasSubstr("domain 'odd' (u-1)"));
    EXPECT_THAT(figure.source(), HasSubstr("no memory"));
  }
  EXPECT_THAT(keys.free(), Is(62u));
}

TEST_F(TdxInventoryTest, ADomainInNoKnownStateMakesRunningUnknown) {
  host_.AddDomain("a", "tdx", v1::DOMAIN_STATE_UNSPECIFIED);
  EXPECT_THAT(Keys().defined(), Is(1u));
  EXPECT_THAT(Keys().running(), IsUnknown());
}

TEST_F(TdxInventoryTest, ThePeakIsTheKernelsOwnOrUnknown) {
  EXPECT_THAT(Keys().peak(), IsUnknown());
  host_.files.WriteFile("/sys/fs/cgroup/misc.peak", "tdx 17\n");
  EXPECT_THAT(Keys().peak(), Is(17u));
  EXPECT_EQ(Keys().peak().source(), "/sys/fs/cgroup/misc.peak tdx");
}

TEST_F(TdxInventoryTest, ReadsCgroupV1) {
  host_.files.Remove("/sys/fs/cgroup");
  host_.files.WriteFile("/sys/fs/cgroup/misc/misc.capacity", "tdx 31");
  host_.files.WriteFile("/sys/fs/cgroup/misc/misc.current", "tdx 1");
  EXPECT_THAT(Keys().free(), Is(30u));
}

TEST_F(SevInventoryTest, TotalsComeFromKernelAndLibvirt) {
  EXPECT_THAT(Keys(kSev).total(), Is(410u));
  EXPECT_THAT(Keys(kSevEs).total(), Is(99u));
  EXPECT_THAT(Keys(kSevSnp).total(), Is(99u));
  EXPECT_THAT(Keys(kTdx).total(), Is(0u));
}

TEST_F(SevInventoryTest, WithoutTheKernelsCountLibvirtsMaximaStand) {
  host_.files.Remove("/sys/fs/cgroup/misc.capacity");
  EXPECT_THAT(Keys(kSev).total(), Is(410u));
  EXPECT_EQ(Keys(kSev).total().source(), "libvirt domain capabilities <sev><maxGuests>");
  EXPECT_THAT(Keys(kSevSnp).total(), Is(99u));
  EXPECT_EQ(Keys(kSevSnp).total().source(), "libvirt domain capabilities <sev><maxESGuests>");
}

TEST_F(SevInventoryTest, WithoutLibvirtTheKernelsCountStands) {
  host_.hypervisor.versions = absl::UnavailableError("no");
  EXPECT_THAT(Keys(kSev).total(), Is(410u));
  EXPECT_EQ(Keys(kSev).total().source(), "/sys/fs/cgroup/misc.capacity sev");
}

TEST_F(SevInventoryTest, WithoutBothTheTotalIsUnknownAndNamesBothReasons) {
  host_.hypervisor.versions = absl::UnavailableError("libvirt is gone");
  host_.files.Remove("/sys/fs/cgroup");
  EXPECT_THAT(Keys(kSev).total(), IsUnknown());
  EXPECT_THAT(Keys(kSev).total().source(), HasSubstr("misc.capacity"));
  EXPECT_THAT(Keys(kSev).total().source(), HasSubstr("libvirt is gone"));
  EXPECT_THAT(Keys(kSev).usable(), IsUnknown());
}

TEST_F(SevInventoryTest, TheLowerWinsWhereBothSpeak) {
  host_.files.WriteFile("/sys/fs/cgroup/misc.capacity", "sev 500\nsev_es 50\n");
  EXPECT_THAT(Keys(kSev).total(), Is(410u));
  EXPECT_THAT(Keys(kSev).total().source(), HasSubstr("misc.capacity sev says 500"));
  EXPECT_THAT(Keys(kSevEs).total(), Is(50u));
}

TEST_F(SevInventoryTest, TdxOptionsDoNotTouchSev) {
  host_.options.tdx_guest_limit = 1;
  host_.options.tdx_reserved_keys = 1;
  EXPECT_THAT(Keys(kSev).limit(), IsUnknown());
  EXPECT_THAT(Keys(kSev).usable(), Is(410u));
}

TEST_F(SevInventoryTest, CiphertextHidingSplitsThePool) {
  host_.files.WriteFile("/sys/module/kvm_amd/parameters/ciphertext_hiding_asids", "40\n");
  host_.AddDomain("es", "sev", v1::DOMAIN_STATE_RUNNING, "0x0007");
  host_.AddDomain("snp", "sev-snp", v1::DOMAIN_STATE_RUNNING, "0x00030000");
  host_.files.WriteFile("/sys/fs/cgroup/misc.current", "sev 0\nsev_es 3\n");
  EXPECT_THAT(Keys(kSevSnp).total(), Is(40u));
  EXPECT_THAT(Keys(kSevEs).total(), Is(59u));
  EXPECT_THAT(Keys(kSevSnp).total().source(), HasSubstr("ciphertext_hiding_asids=40"));
  EXPECT_THAT(Keys(kSevSnp).in_use(), Is(2u));  // Its own, and one that is nobody's known.
  EXPECT_THAT(Keys(kSevSnp).free(), Is(38u));
  EXPECT_THAT(Keys(kSevEs).free(), Is(57u));
  host_.files.WriteFile("/sys/module/kvm_amd/parameters/ciphertext_hiding_asids", "0\n");
  EXPECT_THAT(Keys(kSevSnp).total(), Is(99u));
}

TEST_F(SevInventoryTest, EachPoolHasItsOwnLimit) {
  host_.options.sev_guest_limit = 15;
  host_.options.sev_es_guest_limit = 7;
  EXPECT_THAT(Keys(kSev).usable(), Is(15u));
  EXPECT_THAT(Keys(kSevEs).usable(), Is(7u));
  EXPECT_THAT(Keys(kSevSnp).usable(), Is(7u));
  EXPECT_EQ(Keys(kSevSnp).limit().source(), "--sev_es_guest_limit");
}

TEST_F(SevInventoryTest, EsAndSnpGuestsShareOnePool) {
  host_.AddDomain("plain", "sev", v1::DOMAIN_STATE_RUNNING, "0x0003");
  host_.AddDomain("es", "sev", v1::DOMAIN_STATE_RUNNING, "0x0007");
  host_.AddDomain("snp", "sev-snp", v1::DOMAIN_STATE_RUNNING, "0x00030000");
  host_.files.WriteFile("/sys/fs/cgroup/misc.current", "sev 1\nsev_es 5\n");
  EXPECT_THAT(Keys(kSev).running(), Is(1u));
  EXPECT_THAT(Keys(kSev).unaccounted(), Is(0u));
  EXPECT_THAT(Keys(kSevEs).running(), Is(1u));
  EXPECT_THAT(Keys(kSevSnp).running(), Is(1u));
  EXPECT_THAT(Keys(kSevEs).unaccounted(), Is(3u));
  EXPECT_THAT(Keys(kSevSnp).unaccounted(), Is(3u));
  EXPECT_THAT(Keys(kSevSnp).free(), Is(94u));
}

}  // namespace
}  // namespace ccplace
