// One row of the table, one test: what libvirt's documentation of virDomainState says of each.
#include "lib/hypervisor/domain_state.h"

#include <libvirt/libvirt.h>

#include <ostream>

#include "gtest/gtest.h"

namespace ccplace {
namespace {

struct Expected {
  const char* name;
  int libvirt;
  v1::DomainState state;
  bool active;
  bool runs;
  bool holds_key;
  const char* word;
};

void PrintTo(const Expected& expected, std::ostream* out) { *out << expected.name; }

class DomainStateTest : public testing::TestWithParam<Expected> {};

TEST_P(DomainStateTest, IsWhatLibvirtMeansByIt) {
  const DomainStateRow& row = RowOfLibvirt(GetParam().libvirt);
  EXPECT_EQ(row.state, GetParam().state);
  EXPECT_EQ(row.active, GetParam().active);
  EXPECT_EQ(row.runs, GetParam().runs);
  EXPECT_EQ(row.holds_key, GetParam().holds_key);
  EXPECT_EQ(row.word, GetParam().word);
}

TEST_P(DomainStateTest, IsTheSameByTheContractsState) {
  const DomainStateRow& row = RowOf(GetParam().state);
  EXPECT_EQ(row.active, GetParam().active);
  EXPECT_EQ(row.runs, GetParam().runs);
  EXPECT_EQ(row.holds_key, GetParam().holds_key);
  EXPECT_EQ(row.word, GetParam().word);
}

INSTANTIATE_TEST_SUITE_P(
    Every, DomainStateTest,
    testing::Values(Expected{"NoState", VIR_DOMAIN_NOSTATE, v1::DOMAIN_STATE_UNSPECIFIED, true,
                             false, true, "unknown state"},
                    Expected{"Running", VIR_DOMAIN_RUNNING, v1::DOMAIN_STATE_RUNNING, true, true,
                             true, "running"},
                    Expected{"Blocked", VIR_DOMAIN_BLOCKED, v1::DOMAIN_STATE_RUNNING, true, true,
                             true, "running"},
                    Expected{"Paused", VIR_DOMAIN_PAUSED, v1::DOMAIN_STATE_PAUSED, true, false,
                             true, "paused"},
                    Expected{"Shutdown", VIR_DOMAIN_SHUTDOWN, v1::DOMAIN_STATE_SHUTTING_DOWN, true,
                             false, true, "shutting down"},
                    Expected{"Shutoff", VIR_DOMAIN_SHUTOFF, v1::DOMAIN_STATE_SHUT_OFF, false, false,
                             false, "shut off"},
                    Expected{"Crashed", VIR_DOMAIN_CRASHED, v1::DOMAIN_STATE_CRASHED, true, false,
                             true, "crashed"},
                    Expected{"PmSuspended", VIR_DOMAIN_PMSUSPENDED, v1::DOMAIN_STATE_PAUSED, true,
                             false, true, "paused"},
                    Expected{"OfALaterLibvirt", VIR_DOMAIN_PMSUSPENDED + 1,
                             v1::DOMAIN_STATE_UNSPECIFIED, true, false, true, "unknown state"}),
    [](const auto& expected) { return expected.param.name; });

TEST(DomainStatesTest, EveryStateOfTheContractHasARow) {
  const auto* states = v1::DomainState_descriptor();
  for (int i = 0; i < states->value_count(); ++i) {
    const auto state = static_cast<v1::DomainState>(states->value(i)->number());
    EXPECT_EQ(RowOf(state).state, state) << states->value(i)->name();
  }
}

}  // namespace
}  // namespace ccplace
