// Deadlines of many calls, watched by one thread.
#ifndef CCPLACE_LIB_BASE_DEADLINE_TIMER_H_
#define CCPLACE_LIB_BASE_DEADLINE_TIMER_H_

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "absl/status/status.h"

namespace ccplace {

// Calls functions at their deadlines. Thread-safe. Copies of what it returned may outlive it.
class DeadlineTimer {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Done = std::function<void(absl::Status)>;
  // Called on the timer's thread at the deadline, or with `stopping` on the one that calls Stop.
  // Must not block.
  using Expire = std::function<void(bool stopping)>;

  // What Add returns; null: the timer has stopped.
  class Entry;
  using Token = std::shared_ptr<Entry>;

  DeadlineTimer();
  ~DeadlineTimer();
  DeadlineTimer(const DeadlineTimer&) = delete;
  DeadlineTimer& operator=(const DeadlineTimer&) = delete;

  // Has `expire` called at `deadline`, unless Remove comes first. Null once stopped; `expire` is
  // then never called.
  Token Add(TimePoint deadline, Expire expire);
  // True: `expire` was not called, and never will be. True once at most for each token.
  bool Remove(const Token& token);

  // Returns a function that calls `done` with its argument. Exactly one call of `done` is made: by
  // the first call of that function, at `deadline` with `late`, or with UNAVAILABLE when the timer
  // stops, whichever is first. If the timer has stopped, `done` is called before this returns.
  Done WithDeadline(TimePoint deadline, Done done, absl::Status late);

  // Ends all that waits, with `stopping`, and accepts no more. A second call does nothing. Not from
  // the timer's thread.
  void Stop();

 private:
  class State;
  const std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_DEADLINE_TIMER_H_
