#include <future>
#include <thread>

#include "tests/unit/server/retry_info.h"
#include "tests/unit/server/server_fixture.h"

namespace ccplace {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using v1::HostService;

constexpr seconds kPatience{10};

// The daemon's end, step by step, while callers are connected.
class StopTest : public ServerTest {
 protected:
  // No reading of the host is under way beside the calls.
  StopTest() { options_.hypervisor.refresh_interval = std::chrono::hours(1); }

  // Connected already: once the end has begun there are no new connections.
  Stub Connected(const UnixSocketOptions& socket) const {
    const auto channel = ChannelTo(socket);
    EXPECT_TRUE(channel->WaitForConnected(std::chrono::system_clock::now() + kPatience));
    return v1::HostService::NewStub(channel);
  }
  static grpc::Status Ask(const Stub& stub) {
    v1::TdxInventoryResponse answer;
    return Call(stub, &HostService::Stub::TdxInventory, {}, &answer);
  }
  void AwaitPool(size_t running) const {
    const auto patience = steady_clock::now() + kPatience;
    while (dependencies_.pool->running() != running && steady_clock::now() < patience) {
      std::this_thread::yield();
    }
    EXPECT_EQ(dependencies_.pool->running(), running);
  }
  // Gives the rooms up, and waits for a thread of the stopped pool to do so that was left behind.
  void EndRoomsInUse() {
    servers_.reset();
    dependencies_ = {};
    const auto patience = steady_clock::now() + kPatience;
    while (hypervisor_.use_count() > 1 && steady_clock::now() < patience) {
      std::this_thread::yield();
    }
    EXPECT_EQ(hypervisor_.use_count(), 1);
  }
  // A define that libvirt holds up until Resume.
  std::future<grpc::Status> BeginDefine(const Stub& stub) {
    AwaitPool(0);  // The first reading is over.
    hypervisor_->Stall();
    auto define = std::async(std::launch::async, [&stub] {
      v1::DefineTdxDomainResponse answer;
      return Call(stub, &HostService::Stub::DefineTdxDomain, GoodDefinition(), &answer);
    });
    AwaitPool(1);
    return define;
  }
};

TEST_F(StopTest, AnswersACallUnderWayAndRefusesThoseThatComeMeanwhile) {
  Start();
  const Stub definer = Connected(options_.listen.operator_socket);
  const Stub reader = Connected(options_.listen.readonly_socket);
  auto define = BeginDefine(definer);
  std::thread stopping([this] { servers_->EndCalls(steady_clock::now() + kPatience); });
  grpc::Status refused;
  const auto patience = steady_clock::now() + kPatience;
  while (refused.ok() && steady_clock::now() < patience) refused = Ask(reader);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(refused.error_message(), ::testing::HasSubstr("the daemon is stopping"));
  EXPECT_TRUE(SaysWhenToRetry(refused));
  hypervisor_->Resume();
  EXPECT_TRUE(define.get().ok());
  stopping.join();
  EXPECT_EQ(dependencies_.calls->under_way(), 0u);
  servers_->Close();
}

TEST_F(StopTest, WaitsForACallUnderWayUntilItsDeadlineAndNoLonger) {
  Start();
  const Stub definer = Connected(options_.listen.operator_socket);
  auto define = BeginDefine(definer);
  const auto deadline = steady_clock::now() + std::chrono::milliseconds(200);
  servers_->EndCalls(deadline);
  EXPECT_GE(steady_clock::now(), deadline);
  EXPECT_EQ(dependencies_.calls->under_way(), 1u);
  hypervisor_->Resume();
  EXPECT_TRUE(define.get().ok());
}

TEST_F(StopTest, LetsTheAnswerOfACallThatLibvirtHoldsUpReachItsCaller) {
  Start();
  const Stub definer = Connected(options_.listen.operator_socket);
  auto define = BeginDefine(definer);
  servers_->EndCalls(steady_clock::now());
  EXPECT_FALSE(dependencies_.pool->Stop(steady_clock::now()));
  servers_->Close();
  const grpc::Status status = define.get();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), ::testing::HasSubstr("the daemon is stopping"));
  hypervisor_->Resume();
  EndRoomsInUse();
}

TEST_F(StopTest, ClosesTheConnectionsOfCallersThatOnlyHoldThem) {
  Start();
  const auto channel = ChannelTo(options_.listen.readonly_socket);
  ASSERT_TRUE(channel->WaitForConnected(std::chrono::system_clock::now() + kPatience));
  servers_->EndCalls(steady_clock::now() + kPatience);
  servers_->Close();
  EXPECT_TRUE(channel->WaitForStateChange(GRPC_CHANNEL_READY,
                                          std::chrono::system_clock::now() + kPatience));
}

}  // namespace
}  // namespace ccplace
