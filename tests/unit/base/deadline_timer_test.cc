#include "lib/base/deadline_timer.h"

#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ccplace {
namespace {

DeadlineTimer::TimePoint After(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

constexpr std::chrono::minutes kNeverInThisTest{10};

// What a call came to. A second call of Done() throws.
class Outcome {
 public:
  DeadlineTimer::Done Done() {
    return [promise = promise_](absl::Status status) { promise->set_value(std::move(status)); };
  }
  absl::Status Wait() {
    if (future_.wait_for(std::chrono::seconds(10)) != std::future_status::ready) {
      return absl::InternalError("nothing in ten seconds");
    }
    return future_.get();
  }

 private:
  const std::shared_ptr<std::promise<absl::Status>> promise_ =
      std::make_shared<std::promise<absl::Status>>();
  std::future<absl::Status> future_ = promise_->get_future();
};

TEST(DeadlineTimerTest, AnswersACallThatHangsAtItsDeadline) {
  DeadlineTimer timer;
  Outcome outcome;
  const auto done = timer.WithDeadline(After(std::chrono::milliseconds(10)), outcome.Done(),
                                       absl::DataLossError("late"));
  EXPECT_EQ(outcome.Wait(), absl::DataLossError("late"));
  done(absl::OkStatus());
}

TEST(DeadlineTimerTest, PassesOnTheAnswerThatComesInTime) {
  Outcome outcome;
  {
    DeadlineTimer timer;
    const auto done =
        timer.WithDeadline(After(kNeverInThisTest), outcome.Done(), absl::DataLossError("late"));
    done(absl::AbortedError("in time"));
    done(absl::OkStatus());
  }
  EXPECT_EQ(outcome.Wait(), absl::AbortedError("in time"));
}

TEST(DeadlineTimerTest, EndsWhatWaitsWhenItStops) {
  DeadlineTimer timer;
  Outcome outcome;
  const auto done =
      timer.WithDeadline(After(kNeverInThisTest), outcome.Done(), absl::DataLossError("late"));
  timer.Stop();
  EXPECT_TRUE(absl::IsUnavailable(outcome.Wait()));
  done(absl::OkStatus());
}

TEST(DeadlineTimerTest, AnswersAtOnceWhenItHasStopped) {
  DeadlineTimer timer;
  timer.Stop();
  Outcome outcome;
  const auto done =
      timer.WithDeadline(After(kNeverInThisTest), outcome.Done(), absl::DataLossError("late"));
  EXPECT_TRUE(absl::IsUnavailable(outcome.Wait()));
  done(absl::OkStatus());
  EXPECT_EQ(timer.Add(After(kNeverInThisTest), [](bool) {}), nullptr);
}

TEST(DeadlineTimerTest, KeepsNothingOfACallThatWasAnswered) {
  DeadlineTimer timer;
  const auto held = std::make_shared<int>(0);
  const auto done = timer.WithDeadline(
      After(kNeverInThisTest), [held](const absl::Status&) {}, absl::DataLossError("late"));
  done(absl::OkStatus());
  EXPECT_EQ(held.use_count(), 1);
}

TEST(DeadlineTimerTest, WakesForADeadlineBeforeTheOneItSleepsFor) {
  DeadlineTimer timer;
  std::vector<Outcome> outcomes(2);
  const auto later =
      timer.WithDeadline(After(kNeverInThisTest), outcomes[0].Done(), absl::DataLossError("late"));
  const auto sooner = timer.WithDeadline(After(std::chrono::milliseconds(20)), outcomes[1].Done(),
                                         absl::DataLossError("sooner"));
  EXPECT_EQ(outcomes[1].Wait(), absl::DataLossError("sooner"));
}

TEST(DeadlineTimerTest, CallsWhatWasRemovedNever) {
  DeadlineTimer timer;
  std::promise<void> called;
  const auto token = timer.Add(After(kNeverInThisTest), [&called](bool) { called.set_value(); });
  EXPECT_TRUE(timer.Remove(token));
  EXPECT_FALSE(timer.Remove(token));
  timer.Stop();
  EXPECT_EQ(called.get_future().wait_for(std::chrono::seconds(0)), std::future_status::timeout);
}

}  // namespace
}  // namespace ccplace
