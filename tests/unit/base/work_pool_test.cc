#include "lib/base/work_pool.h"

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ccplace {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

steady_clock::time_point In(milliseconds time) { return steady_clock::now() + time; }

// Work that blocks until Open, and where a caller hears of its end.
class Gate {
 public:
  void Open() { opened_.set_value(); }
  WorkPool::Work Work() {
    return [gate = gate_] {
      gate.wait();
      return absl::OkStatus();
    };
  }

 private:
  std::promise<void> opened_;
  std::shared_future<void> gate_ = opened_.get_future().share();
};

class Answer {
 public:
  WorkPool::Done Done() {
    return [promise = promise_](absl::Status status) { promise->set_value(std::move(status)); };
  }
  bool HasCome() { return future_.wait_for(seconds(0)) == std::future_status::ready; }
  absl::Status Wait() {
    if (future_.wait_for(seconds(10)) != std::future_status::ready) {
      return absl::InternalError("no answer in ten seconds");
    }
    return future_.get();
  }

 private:
  std::shared_ptr<std::promise<absl::Status>> promise_ =
      std::make_shared<std::promise<absl::Status>>();
  std::future<absl::Status> future_ = promise_->get_future();
};

void WaitUntilRunning(const WorkPool& pool, size_t count) {
  const auto deadline = In(seconds(10));
  while (pool.running() != count && steady_clock::now() < deadline) std::this_thread::yield();
  ASSERT_EQ(pool.running(), count);
}

TEST(WorkPoolTest, GivesTheWorksOwnStatus) {
  WorkPool pool(2, 4);
  Answer good;
  Answer bad;
  pool.Run(
      In(seconds(10)), [] { return absl::OkStatus(); }, good.Done());
  pool.Run(
      In(seconds(10)), [] { return absl::AbortedError("no"); }, bad.Done());
  EXPECT_TRUE(good.Wait().ok());
  EXPECT_EQ(bad.Wait(), absl::AbortedError("no"));
}

TEST(WorkPoolTest, TellsTheCallerAtTheDeadlineWhileTheWorkIsBlocked) {
  Gate gate;
  WorkPool pool(1, 4);
  Answer answer;
  const auto began = steady_clock::now();
  pool.Run(In(milliseconds(30)), gate.Work(), answer.Done());
  EXPECT_EQ(answer.Wait().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_GE(steady_clock::now() - began, milliseconds(30));
  EXPECT_EQ(pool.running(), 1u);
  gate.Open();
}

TEST(WorkPoolTest, DeadlinesAreKeptWhateverThoseOfEarlierWorkWere) {
  for (const auto earlier : {milliseconds(10000), milliseconds(10)}) {
    Gate gate;
    WorkPool pool(1, 4);
    Answer quick;
    Answer blocked;
    pool.Run(
        In(earlier), [] { return absl::OkStatus(); }, quick.Done());
    quick.Wait().IgnoreError();
    pool.Run(In(milliseconds(50)), gate.Work(), blocked.Done());
    EXPECT_EQ(blocked.Wait().code(), absl::StatusCode::kDeadlineExceeded);
    gate.Open();
  }
}

TEST(WorkPoolTest, WorkThatWaitedPastItsDeadlineIsNeverStarted) {
  Gate gate;
  Answer first;
  Answer second;
  std::atomic<bool> started{false};
  WorkPool pool(1, 4);
  pool.Run(In(seconds(10)), gate.Work(), first.Done());
  pool.Run(
      In(milliseconds(20)),
      [&started] {
        started = true;
        return absl::OkStatus();
      },
      second.Done());
  const absl::Status status = second.Wait();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("not started"));
  EXPECT_EQ(pool.queued(), 0u);
  gate.Open();
  EXPECT_TRUE(first.Wait().ok());
  EXPECT_FALSE(started);
}

TEST(WorkPoolTest, AFullQueueRefusesAtOnceEvenWhenEveryThreadIsBlocked) {
  Gate gate;
  WorkPool pool(2, 1);
  Answer blocked[2];
  for (Answer& answer : blocked) pool.Run(In(seconds(10)), gate.Work(), answer.Done());
  WaitUntilRunning(pool, 2);
  Answer queued;
  Answer refused;
  pool.Run(In(seconds(10)), gate.Work(), queued.Done());
  pool.Run(In(seconds(10)), gate.Work(), refused.Done());
  EXPECT_TRUE(refused.HasCome());
  EXPECT_EQ(refused.Wait().code(), absl::StatusCode::kResourceExhausted);
  gate.Open();
  EXPECT_TRUE(queued.Wait().ok());
  for (Answer& answer : blocked) EXPECT_TRUE(answer.Wait().ok());
}

TEST(WorkPoolTest, AQueuePlaceIsFreeAgainAfterADeadline) {
  Gate gate;
  WorkPool pool(1, 1);
  Answer blocked;
  pool.Run(In(seconds(10)), gate.Work(), blocked.Done());
  WaitUntilRunning(pool, 1);
  Answer first;
  pool.Run(In(milliseconds(10)), gate.Work(), first.Done());
  EXPECT_EQ(first.Wait().code(), absl::StatusCode::kDeadlineExceeded);
  Answer second;
  pool.Run(
      In(seconds(10)), [] { return absl::OkStatus(); }, second.Done());
  gate.Open();
  EXPECT_TRUE(second.Wait().ok());
}

TEST(WorkPoolTest, DestroysWorkBeforeItAnswers) {
  WorkPool pool(1, 1);
  auto owned = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = owned;
  std::promise<bool> gone;
  pool.Run(
      In(seconds(10)), [owned = std::move(owned)] { return absl::OkStatus(); },
      [&](const absl::Status&) { gone.set_value(watched.expired()); });
  EXPECT_TRUE(gone.get_future().get());
}

TEST(WorkPoolTest, StopAnswersWhatWaitsAndFinishesWhatRuns) {
  Gate gate;
  WorkPool pool(1, 4);
  Answer running;
  Answer waiting;
  pool.Run(In(seconds(10)), gate.Work(), running.Done());
  WaitUntilRunning(pool, 1);
  pool.Run(In(seconds(10)), gate.Work(), waiting.Done());
  std::thread opener([&] {
    EXPECT_EQ(waiting.Wait().code(), absl::StatusCode::kUnavailable);
    gate.Open();
  });
  EXPECT_TRUE(pool.Stop(In(seconds(10))));
  opener.join();
  EXPECT_TRUE(running.Wait().ok());
}

TEST(WorkPoolTest, StopLeavesBlockedWorkBehindAndAnswersItsCaller) {
  Gate gate;
  Answer blocked;
  {
    WorkPool pool(2, 4);
    pool.Run(In(seconds(60)), gate.Work(), blocked.Done());
    WaitUntilRunning(pool, 1);
    EXPECT_FALSE(pool.Stop(In(milliseconds(20))));
    EXPECT_FALSE(pool.Stop(In(seconds(10))));
  }
  EXPECT_EQ(blocked.Wait().code(), absl::StatusCode::kUnavailable);
  gate.Open();
}

TEST(WorkPoolTest, StopEndsWhatItsTimerWaitsFor) {
  WorkPool pool(1, 1);
  Answer answer;
  const auto done =
      pool.timer().WithDeadline(In(seconds(60)), answer.Done(), absl::DataLossError("late"));
  EXPECT_TRUE(pool.Stop(In(seconds(10))));
  EXPECT_TRUE(absl::IsUnavailable(answer.Wait()));
  done(absl::OkStatus());
}

TEST(WorkPoolTest, AStoppedPoolRefuses) {
  WorkPool pool(1, 4);
  EXPECT_TRUE(pool.Stop(In(seconds(10))));
  Answer late;
  pool.Run(
      In(seconds(10)), [] { return absl::OkStatus(); }, late.Done());
  EXPECT_EQ(late.Wait().code(), absl::StatusCode::kUnavailable);
}

TEST(WorkPoolTest, AnswersEachOfManyCallersExactlyOnce) {
  constexpr int kCallers = 4;
  constexpr int kCalls = 2000;
  std::atomic<int> answers{0};
  std::atomic<int> twice{0};
  {
    WorkPool pool(3, 64);
    std::vector<std::thread> callers;
    for (int i = 0; i < kCallers; ++i) {
      callers.emplace_back([&, i] {
        for (int call = 0; call < kCalls; ++call) {
          auto answered = std::make_shared<std::atomic<bool>>(false);
          pool.Run(
              In(milliseconds((call + i) % 3)), [] { return absl::OkStatus(); },
              [&answers, &twice, answered](const absl::Status&) {
                twice += answered->exchange(true) ? 1 : 0;
                ++answers;
              });
        }
      });
    }
    for (std::thread& caller : callers) caller.join();
    EXPECT_TRUE(pool.Stop(In(seconds(10))));
  }
  EXPECT_EQ(answers, kCallers * kCalls);
  EXPECT_EQ(twice, 0);
}

}  // namespace
}  // namespace ccplace
