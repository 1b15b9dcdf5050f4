// Against a real libvirtd: losing it, and getting it back.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <future>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/status.h"
#include "lib/hypervisor/libvirt_error.h"
#include "lib/hypervisor/libvirt_hypervisor.h"
#include "tests/unit/hypervisor/listener_fake.h"
#include "tests/unit/hypervisor/private_libvirtd.h"

namespace ccplace {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

// What would wait for a stopped daemon does so for ever.
constexpr seconds kPatience{30};

class LibvirtDaemonTest : public testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);  // As the daemon does: libvirt writes to peers that are gone.
    ASSERT_TRUE(daemon_.Start()) << "needs root and Debian's libvirt-daemon";
  }

  LibvirtOptions Options() const {
    LibvirtOptions options;
    options.uri = daemon_.uri();
    options.connect_wait = milliseconds(100);
    return options;
  }

  PrivateLibvirtd daemon_;
};

TEST_F(LibvirtDaemonTest, HearsOfADaemonThatDiedAndComesBackWithTheNext) {
  LibvirtHypervisor hypervisor(Options());
  ListenerFake listener;
  hypervisor.SetListener(listener.Function());
  ASSERT_TRUE(hypervisor.ListDomains().ok());
  daemon_.Kill();
  EXPECT_TRUE(listener.WaitFor(HypervisorEvent::kConnectionLost));
  EXPECT_TRUE(absl::IsUnavailable(hypervisor.ListDomains().status()));
  ASSERT_TRUE(daemon_.Start());
  const auto domains = hypervisor.ListDomains();
  EXPECT_TRUE(domains.ok()) << domains.status();
  hypervisor.SetListener(nullptr);
}

TEST_F(LibvirtDaemonTest, AReadOnlySocketIsReadAndNamedWhereSomethingIsToChange) {
  LibvirtOptions options = Options();
  options.uri = daemon_.read_only_uri();
  LibvirtHypervisor hypervisor(options);
  EXPECT_TRUE(hypervisor.ListDomains().ok());
  const auto refused = hypervisor.Define(
      "<domain type='test'><name>a</name><memory>8192</memory><os><type>hvm</type></os></domain>");
  EXPECT_TRUE(absl::IsPermissionDenied(refused.status())) << refused.status();
  EXPECT_EQ(ReasonOf(refused.status()), "LIBVIRT_READ_ONLY");
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("read-only socket (libvirt-sock-ro, virtqemud-sock-ro)"));
}

TEST(LibvirtSaslTest, AnotherLoginThanTheUsersOwnIsNamedWithItsRemedy) {
  PrivateLibvirtd daemon("sasl");
  ASSERT_TRUE(daemon.Start()) << "needs root and Debian's libvirt-daemon";
  LibvirtOptions options;
  options.uri = daemon.uri();
  LibvirtHypervisor hypervisor(options);
  const auto refused = hypervisor.Versions();
  EXPECT_TRUE(absl::IsUnavailable(refused.status())) << refused.status();
  EXPECT_EQ(ReasonOf(refused.status()), "LIBVIRT_WANTS_SASL");
  EXPECT_THAT(std::string(AccessRemedy(refused.status())), HasSubstr("auth_unix_rw"));
}

// Quotes grow sixfold in XML: libvirtd takes this definition, and cannot send it back.
std::string DefinitionTooLongForItsAnswer() {
  return absl::StrCat("<domain type='test'><name>long</name><description>",
                      std::string(900'000, '"'),
                      "</description><memory>8192</memory><os><type>hvm</type></os></domain>");
}

TEST_F(LibvirtDaemonTest, ADomainThatCannotBeDescribedFailsNothingButItself) {
  LibvirtHypervisor hypervisor(Options());
  EXPECT_TRUE(absl::IsInternal(hypervisor.Define(DefinitionTooLongForItsAnswer()).status()));
  const auto domains = hypervisor.ListDomains();
  ASSERT_TRUE(domains.ok()) << domains.status();
  ASSERT_EQ(domains->size(), 2u);
  for (const DomainDescription& domain : *domains) {
    EXPECT_EQ(domain.unread.ok(), domain.name == "test") << domain.unread;
    EXPECT_EQ(domain.xml.empty(), domain.name == "long");
  }
}

TEST_F(LibvirtDaemonTest, HearsOfDomainsAfterAReconnectToo) {
  LibvirtHypervisor hypervisor(Options());
  ASSERT_TRUE(hypervisor.ListDomains().ok());
  daemon_.Kill();
  ASSERT_TRUE(daemon_.Start());
  while (!hypervisor.ListDomains().ok()) {
  }
  ListenerFake listener;
  hypervisor.SetListener(listener.Function());
  const auto domain = hypervisor.FindByName("test");
  ASSERT_TRUE(domain.ok());
  EXPECT_TRUE(hypervisor.Stop(domain->uuid).ok());
  EXPECT_TRUE(listener.WaitFor(HypervisorEvent::kDomainChanged));
  EXPECT_EQ(hypervisor.ListDomains()->at(0).state, v1::DOMAIN_STATE_SHUT_OFF);
  hypervisor.SetListener(nullptr);
}

size_t OpenDescriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return std::distance(begin(all), end(all));
}

TEST_F(LibvirtDaemonTest, ReadingsCloseTheLostConnectionsOfEarlierCalls) {
  LibvirtHypervisor hypervisor(Options());
  ASSERT_TRUE(hypervisor.ListDomains().ok());
  const size_t with_one = OpenDescriptors();
  ASSERT_TRUE(hypervisor.FindByName("test").ok());
  const size_t of_one = OpenDescriptors() - with_one;
  ASSERT_GT(of_one, 0u);
  daemon_.Kill();
  const auto enough = steady_clock::now() + seconds(10);
  while (OpenDescriptors() > with_one - of_one && steady_clock::now() < enough) {
    EXPECT_FALSE(hypervisor.ListDomains().ok());
  }
  EXPECT_LE(OpenDescriptors(), with_one - of_one);
}

TEST_F(LibvirtDaemonTest, ACallIntoADaemonThatDiesIsUnavailable) {
  LibvirtHypervisor hypervisor(Options());
  ASSERT_TRUE(hypervisor.ListDomains().ok());
  daemon_.Pause();
  auto listed = std::async(std::launch::async, [&] { return hypervisor.ListDomains().status(); });
  EXPECT_EQ(listed.wait_for(milliseconds(200)), std::future_status::timeout);
  daemon_.Kill();
  EXPECT_TRUE(absl::IsUnavailable(listed.get()));
}

TEST_F(LibvirtDaemonTest, AStallShorterThanKeepaliveIsOnlyADelay) {
  LibvirtHypervisor hypervisor(Options());
  ASSERT_TRUE(hypervisor.ListDomains().ok());
  daemon_.Pause();
  auto listed = std::async(std::launch::async, [&] { return hypervisor.ListDomains().status(); });
  EXPECT_EQ(listed.wait_for(milliseconds(500)), std::future_status::timeout);
  daemon_.Continue();
  EXPECT_TRUE(listed.get().ok());
}

TEST_F(LibvirtDaemonTest, KeepaliveEndsACallIntoADaemonThatAnswersNothing) {
  LibvirtOptions options = Options();
  options.keepalive_interval = seconds(1);
  options.keepalive_count = 1;
  LibvirtHypervisor hypervisor(options);
  ASSERT_TRUE(hypervisor.ListDomains().ok());
  daemon_.Pause();
  const auto began = steady_clock::now();
  EXPECT_TRUE(absl::IsUnavailable(hypervisor.ListDomains().status()));
  EXPECT_LT(steady_clock::now() - began, kPatience);
}

TEST_F(LibvirtDaemonTest, OneCallAtMostIsCaughtInAConnectThatHangs) {
  LibvirtHypervisor hypervisor(Options());
  daemon_.Pause();
  auto caught = std::async(std::launch::async, [&] { return hypervisor.ListDomains().status(); });
  EXPECT_EQ(caught.wait_for(milliseconds(200)), std::future_status::timeout);
  const auto began = steady_clock::now();
  const absl::Status other = hypervisor.ListDomains().status();
  EXPECT_LT(steady_clock::now() - began, kPatience);
  EXPECT_TRUE(absl::IsUnavailable(other));
  EXPECT_THAT(std::string(other.message()), HasSubstr("another call's connect"));
  daemon_.Continue();
  EXPECT_TRUE(caught.get().ok());
  EXPECT_TRUE(hypervisor.ListDomains().ok());
}

TEST_F(LibvirtDaemonTest, GoingAwayDoesNotWaitForAStoppedDaemon) {
  steady_clock::time_point began;
  {
    LibvirtHypervisor hypervisor(Options());
    ASSERT_TRUE(hypervisor.ListDomains().ok());
    daemon_.Pause();
    began = steady_clock::now();
  }
  EXPECT_LT(steady_clock::now() - began, kPatience);
}

}  // namespace
}  // namespace ccplace
