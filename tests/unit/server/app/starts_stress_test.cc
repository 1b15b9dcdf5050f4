// Many starts at once, on a host whose operator holds all keys but two back.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/domain/domain_xml.h"
#include "lib/host/simulated_host.h"
#include "lib/hypervisor/domain_state.h"
#include "server/app/daemon_wiring.h"
#include "tests/support/good_definition.h"

namespace ccplace {
namespace {

constexpr int kKeysLeft = 2;
constexpr int kCallers = 4;
constexpr int kRounds = 50;

std::chrono::steady_clock::time_point Soon() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(30);
}

class StartsStressTest : public testing::Test {
 protected:
  StartsStressTest() {
    options_.host.simulate = true;
    options_.host.disk_prefixes = {"/var/lib/libvirt/images"};
    options_.host.tdx_reserved_keys = kSimulatedKeys - kKeysLeft;
    backends_ = *OpenBackends(options_.host);
    dependencies_ = BuildServices(options_, backends_);
  }

  // Starts and removes a guest of its own again and again.
  void Call(int number) {
    v1::DefineTdxDomainRequest request = GoodDefinition();
    request.mutable_domain()->set_uuid(absl::StrCat("2f1c0f5e-7c0a-4b0e-9a57-1b1f3f3f0d1", number));
    request.mutable_domain()->set_name(absl::StrCat("td-", number));
    request.set_start(true);
    const std::string digest = *RequestDigest(request);
    for (int round = 0; round < kRounds; ++round) {
      const auto made = dependencies_.lifecycle->Define(request, digest, Soon());
      EXPECT_LE(Running(), kKeysLeft);
      if (made.ok()) {
        ++started_;
        Remove(request.domain().uuid());
      } else if (!absl::IsResourceExhausted(made.status())) {
        ADD_FAILURE() << made.status();
      }
      AwaitCount();
    }
  }

 private:
  void Remove(const std::string& uuid) {
    v1::UndefineTdxDomainRequest request;
    request.set_uuid(uuid);
    request.set_stop(true);
    const auto removed = dependencies_.lifecycle->Undefine(request, Soon());
    EXPECT_TRUE(removed.ok()) << removed.status();
  }

  void AwaitCount() {
    std::promise<void> counted;
    dependencies_.state->RefreshDomains(Soon(), [&](const absl::Status&) { counted.set_value(); });
    counted.get_future().wait();
  }

  int Running() const {
    int running = 0;
    const auto domains = backends_.hypervisor->ListDomains();
    for (const DomainDescription& domain : *domains) {
      running += RowOf(domain.state).holds_key ? 1 : 0;
    }
    return running;
  }

  Options options_;
  HostBackends backends_;
  ServiceDependencies dependencies_;

 protected:
  std::atomic<int> started_{0};
};

TEST_F(StartsStressTest, NeverTakeAKeyThatIsHeldBack) {
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) callers.emplace_back([this, i] { Call(i); });
  for (std::thread& caller : callers) caller.join();
  EXPECT_GT(started_, kRounds / 10);
}

}  // namespace
}  // namespace ccplace
