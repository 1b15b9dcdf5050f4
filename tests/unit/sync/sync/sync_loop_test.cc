#include "client/sync/sync/sync_loop.h"

#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/sync/placement/placement_fake.h"
#include "tests/unit/sync/sync/host_states.h"

namespace ccplace::sync {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// Remembers rounds, and lets a test wait for one.
class Rounds : public SyncObserver {
 public:
  void OnRound(const SyncReport& report, std::chrono::steady_clock::time_point) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    statuses_.push_back(report.status);
    changed_.notify_all();
  }

  // Waits, ten seconds at most, until that many rounds ended. The latest one's status.
  absl::Status WaitFor(size_t count) {
    std::unique_lock<std::mutex> lock(mutex_);
    const bool came = changed_.wait_for(lock, std::chrono::seconds(10),
                                        [&] { return statuses_.size() >= count; });
    return came ? statuses_.back() : absl::DeadlineExceededError("no such round");
  }

  size_t count() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return statuses_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<absl::Status> statuses_;
};

class SyncLoopTest : public ::testing::Test {
 protected:
  SyncLoopTest() { fake_.AddProvider(kRootUuid, "node-1"); }
  ~SyncLoopTest() override {
    if (loop_ != nullptr) loop_->Stop();
    if (thread_.joinable()) thread_.join();
  }

  void Start(LoopOptions options) {
    loop_ = std::make_unique<SyncLoop>(&sync_, &rounds_, options);
    thread_ = std::thread([this] { loop_->Run(); });
  }

  uint64_t Reserved() {
    return fake_.Provider("node-1_intel_tdx")
        .inventories.value("MEM_ENCRYPTION_CONTEXT", nlohmann::json::object())
        .value("reserved", uint64_t{999});
  }

  PlacementFake fake_;
  OpenTokens tokens_;
  PlacementRest rest_{&fake_, &tokens_};
  HostSync sync_{&rest_, HostSyncOptions()};
  Rounds rounds_;
  std::unique_ptr<SyncLoop> loop_;
  std::thread thread_;
};

TEST_F(SyncLoopTest, MakesOneRoundOfABurst) {
  LoopOptions options;
  options.debounce = std::chrono::milliseconds(500);  // However slowly this machine offers.
  Start(options);
  for (uint64_t in_use = 0; in_use < 30; ++in_use) loop_->Offer(State(in_use));
  EXPECT_TRUE(rounds_.WaitFor(1).ok());
  EXPECT_EQ(Reserved(), 29u);
  EXPECT_EQ(loop_->waiting(), 0u);
  EXPECT_EQ(rounds_.count(), 1u);
}

TEST_F(SyncLoopTest, KeepsOnlyTheLatestWhilePlacementIsDownAndTellsItAfterwards) {
  LoopOptions options;
  options.first_retry = options.max_retry_interval = std::chrono::milliseconds(100);
  fake_.FailWith(503);
  Start(options);
  for (uint64_t in_use = 0; in_use < 1000; ++in_use) loop_->Offer(State(in_use % 60));
  EXPECT_TRUE(absl::IsUnavailable(rounds_.WaitFor(2)));
  EXPECT_LE(loop_->waiting(), 1u);
  loop_->Offer(State(7));
  fake_.FailWith(0);
  // The first round that ends well can have begun with an earlier state.
  for (size_t round = 3; Reserved() != 7 && round < 20; ++round) {
    rounds_.WaitFor(round).IgnoreError();
  }
  EXPECT_EQ(Reserved(), 7u);
}

TEST_F(SyncLoopTest, LooksAgainAtAnInterval) {
  LoopOptions options;
  options.interval = std::chrono::milliseconds(50);
  Start(options);
  loop_->Offer(State(1));
  EXPECT_TRUE(rounds_.WaitFor(3).ok());
  EXPECT_EQ(Reserved(), 1u);
}

TEST_F(SyncLoopTest, TellsNothingOfASimulatedHostUnlessAllowed) {
  Start(LoopOptions());
  v1::WatchHostResponse state = State(1);
  state.set_simulated(true);
  loop_->Offer(state);
  EXPECT_TRUE(absl::IsFailedPrecondition(rounds_.WaitFor(1)));
  EXPECT_THAT(fake_.TakeRequests(), IsEmpty());
}

TEST_F(SyncLoopTest, DoesNothingBeforeTheFirstState) {
  Start(LoopOptions());
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_THAT(fake_.TakeRequests(), SizeIs(0));
}

}  // namespace
}  // namespace ccplace::sync
