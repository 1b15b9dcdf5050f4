#include <future>
#include <numeric>
#include <thread>
#include <vector>

#include "tests/unit/server/retry_info.h"
#include "tests/unit/server/server_fixture.h"

namespace ccplace {
namespace {

using std::chrono::milliseconds;
using v1::HostService;

// A libvirtd that is stopped, or gone, while calls come in.
class StallTest : public ServerTest {
 protected:
  void TearDown() override {
    hypervisor_->Resume();
    ServerTest::TearDown();
  }

  static v1::DefineTdxDomainRequest Definition(int number) {
    auto request = GoodDefinition();
    const std::string digits = std::to_string(100000000000 + number);
    request.mutable_domain()->set_uuid("2f1c0f5e-7c0a-4b0e-9a57-" + digits);
    request.mutable_domain()->set_name("td-" + std::to_string(number));
    return request;
  }
  grpc::Status Define(int number, milliseconds within = milliseconds(10000)) const {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + within);
    v1::DefineTdxDomainResponse answer;
    return Operator()->DefineTdxDomain(&context, Definition(number), &answer);
  }
  v1::TdxInventoryResponse Inventory() const {
    v1::TdxInventoryResponse answer;
    EXPECT_TRUE(Call(Reader(), &HostService::Stub::TdxInventory, {}, &answer).ok());
    return answer;
  }
  uint64_t EndedDefines() const {
    const RpcCounts counts = dependencies_.calls->Read(Rpc::kDefineTdxDomain);
    return std::accumulate(counts.by_code.begin(), counts.by_code.end(), uint64_t{0});
  }
  int CountDomains() const {
    v1::HostCapabilitiesRequest refresh;
    refresh.set_refresh(true);
    v1::HostCapabilitiesResponse refreshed;
    EXPECT_TRUE(Call(Reader(), &HostService::Stub::HostCapabilities, refresh, &refreshed).ok());
    v1::ListTdxDomainsResponse answer;
    EXPECT_TRUE(Call(Reader(), &HostService::Stub::ListTdxDomains, {}, &answer).ok());
    return answer.domains_size();
  }
};

TEST_F(StallTest, EndsADefineAtTheTimeLimitWhileReadsGoOn) {
  options_.hypervisor.timeout = milliseconds(300);
  Start();
  hypervisor_->Stall();
  EXPECT_EQ(Define(1).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  const uint64_t age_ms = Inventory().freshness().hypervisor().age_ms();
  EXPECT_GE(age_ms, 250u);
  EXPECT_EQ(Inventory().keys().total().value(), 63u);
}

TEST_F(StallTest, MakesOneDomainOfADefineThatTimedOutAndWasRepeated) {
  Start();
  hypervisor_->Stall();
  EXPECT_EQ(Define(1, milliseconds(300)).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  hypervisor_->Resume();
  EXPECT_TRUE(Define(1).ok());
  EXPECT_TRUE(Define(1).ok());
  EXPECT_EQ(CountDomains(), 1);
}

TEST_F(StallTest, BeginsNothingThatWaitedPastItsCallersDeadline) {
  options_.hypervisor.threads = 2;
  Start();
  hypervisor_->Stall();
  std::vector<std::future<grpc::Status>> calls;
  for (int i = 0; i < 2; ++i) {
    calls.push_back(std::async(std::launch::async, [this, i] { return Define(i); }));
  }
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (dependencies_.pool->running() < 2 && std::chrono::steady_clock::now() < patience) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_EQ(Define(2, milliseconds(200)).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  // The server's clock of the call starts when it came in, a little after the caller's.
  while (EndedDefines() < 1 && std::chrono::steady_clock::now() < patience) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  hypervisor_->Resume();
  for (auto& call : calls) EXPECT_TRUE(call.get().ok());
  EXPECT_TRUE(Define(3).ok());  // After whatever had waited before it.
  EXPECT_EQ(CountDomains(), 3);
}

TEST_F(StallTest, RefusesWhatTheQueueCannotHoldAndSaysWhenToRetry) {
  options_.hypervisor.threads = 2;
  options_.hypervisor.queue = 2;
  options_.hypervisor.timeout = milliseconds(4000);
  Start();
  hypervisor_->Stall();
  std::vector<std::future<grpc::Status>> calls;
  for (int i = 0; i < 12; ++i) {
    calls.push_back(std::async(std::launch::async, [this, i] { return Define(i); }));
  }
  int refused = 0;
  for (auto& call : calls) {
    const grpc::Status status = call.get();
    if (status.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED) {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
      continue;
    }
    ++refused;
    EXPECT_TRUE(SaysWhenToRetry(status));
    EXPECT_EQ(Inventory().keys().total().value(), 63u);
  }
  // Two under way and two waiting at most.
  EXPECT_GE(refused, 8);
  hypervisor_->Resume();
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(Define(i).ok()) << i;
  EXPECT_EQ(CountDomains(), 12);
}

TEST_F(StallTest, TellsOfALostConnectionAndWhenToRetry) {
  Start();
  hypervisor_->Disconnect();
  const grpc::Status status = Define(1);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(SaysWhenToRetry(status));
  EXPECT_EQ(Inventory().keys().total().value(), 63u);
  hypervisor_->Reconnect();
  EXPECT_TRUE(Define(1).ok());
}

}  // namespace
}  // namespace ccplace
