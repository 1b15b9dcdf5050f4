// When the host's monitor says that its first facts are there.
#include <chrono>
#include <future>
#include <string>

#include "gtest/gtest.h"
#include "tests/unit/capability/monitor/monitored_host.h"

namespace ccplace {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Whether a host in this state says so within ten seconds; what it said by then, and its readings.
struct FirstFacts {
  bool came = false;
  std::string said;
  int readings = 0;
};

FirstFacts Await(MonitoredHost::Libvirt libvirt, milliseconds wait) {
  std::promise<void> told;
  HostMonitorOptions options = MonitoredHost::QuickOptions();
  options.first_retry = seconds(60);
  options.first_facts = [&told] { told.set_value(); };
  options.first_facts_wait = wait;
  MonitoredHost host(options, libvirt);
  FirstFacts facts;
  facts.came = told.get_future().wait_for(seconds(10)) == std::future_status::ready;
  facts.said = host.Said();
  facts.readings = host.readings();
  return facts;
}

TEST(FirstFactsTest, ComeWithTheFirstReadingAndNoOther) {
  const FirstFacts facts = Await(MonitoredHost::Libvirt::kAnswers, seconds(60));
  EXPECT_TRUE(facts.came);
  EXPECT_EQ(facts.said, "firmware 1 kernel 1 libvirt 0");
  EXPECT_EQ(facts.readings, 1);
}

TEST(FirstFactsTest, AreWhatThereIsWhereLibvirtIsGone) {
  const FirstFacts facts = Await(MonitoredHost::Libvirt::kGone, seconds(60));
  EXPECT_TRUE(facts.came);
  EXPECT_EQ(facts.said, "firmware 1 kernel 1 libvirt ?");
}

TEST(FirstFactsTest, DoNotWaitLongForALibvirtThatIsSilent) {
  const FirstFacts facts = Await(MonitoredHost::Libvirt::kStalled, milliseconds(50));
  EXPECT_TRUE(facts.came);
  EXPECT_EQ(facts.said, "firmware 1 kernel 1 libvirt ?");
}

}  // namespace
}  // namespace ccplace
