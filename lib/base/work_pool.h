// A small bounded pool of threads for calls that may block.
#ifndef CCPLACE_LIB_BASE_WORK_POOL_H_
#define CCPLACE_LIB_BASE_WORK_POOL_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "lib/base/deadline_timer.h"

namespace ccplace {

// Runs work on a fixed number of threads, from a queue of bounded length, each task with a
// deadline. A task whose deadline passes while it waits is never started. One that is under way
// goes on, because a blocked libvirt call cannot be cancelled; its caller gets DEADLINE_EXCEEDED at
// the deadline, and its own result is dropped. Thread-safe. Built on std synchronisation alone, so
// that the thread sanitizer sees all of it.
//
//   WorkPool pool(/*threads=*/8, /*queue_limit=*/64);
//   pool.Run(std::chrono::steady_clock::now() + std::chrono::seconds(10),
//            [hypervisor] { return hypervisor->Start(uuid); },
//            [call](absl::Status status) { call->Finish(status); });
//   ...
//   pool.Stop(std::chrono::steady_clock::now() + std::chrono::seconds(5));
class WorkPool {
 public:
  using Work = std::function<absl::Status()>;
  using Done = DeadlineTimer::Done;

  // `threads` and `queue_limit` from 1 up.
  WorkPool(size_t threads, size_t queue_limit);
  // Waits for nothing that is blocked: see Stop.
  ~WorkPool();
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  // Queues `work`. `done` is called exactly once, on a thread of the pool or its timer: with the
  // work's own status, or DEADLINE_EXCEEDED at `deadline`, or RESOURCE_EXHAUSTED (at once, on the
  // calling thread) when the queue is full, or UNAVAILABLE when the pool stops. `done` must not
  // block. What `work` uses must be owned by it: it can outlive `done` and the pool. A `work` that
  // has ended, or will never run, is destroyed before `done` is called.
  void Run(std::chrono::steady_clock::time_point deadline, Work work, Done done);

  // The deadlines of this pool, for calls that others answer. Stops when the pool does.
  DeadlineTimer& timer();

  // Takes no more work, answers what is queued with UNAVAILABLE, and waits until `deadline` for
  // what is under way. False: some work is still blocked; its callers are answered UNAVAILABLE and
  // its threads are left behind. A second call does nothing and answers the same. Not for a thread
  // of the pool, nor for two threads at once.
  bool Stop(std::chrono::steady_clock::time_point deadline);

  // Tasks waiting, and under way, now.
  size_t queued() const;
  size_t running() const;

 private:
  class State;
  const std::shared_ptr<State> state_;
  std::vector<std::thread> threads_;
  bool stopped_ = false;
  bool stopped_idle_ = true;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_WORK_POOL_H_
