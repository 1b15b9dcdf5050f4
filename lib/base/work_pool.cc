#include "lib/base/work_pool.h"

#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

namespace ccplace {
namespace {

using TimePoint = std::chrono::steady_clock::time_point;

absl::Status NotStartedError() {
  return absl::DeadlineExceededError(
      "the deadline passed while the call waited for a free thread; it was not started");
}

absl::Status NotFinishedError() {
  return absl::DeadlineExceededError(
      "no answer before the deadline; the call is still under way and may yet take effect");
}

absl::Status QueueFullError(size_t limit) {
  return absl::ResourceExhaustedError(
      absl::StrCat(limit, " calls wait already, which is the limit; retry later"));
}

}  // namespace

// What the threads share. They own it together with the pool, so that one that is left behind in a
// blocked call finds everything in place when it comes back.
class WorkPool::State {
 public:
  explicit State(size_t queue_limit) : queue_limit_(queue_limit) {}

  // Queues the call for RunTasks; `state` is this.
  static absl::Status Enqueue(const std::shared_ptr<State>& state, TimePoint deadline, Work work,
                              Done& done);
  void RunTasks(size_t thread);
  bool Stop(TimePoint deadline);

  size_t AddThread();
  bool HasExited(size_t thread) const;
  size_t queued() const;
  size_t running() const;
  DeadlineTimer& timer() { return timer_; }

 private:
  struct Task;
  using Tasks = std::list<std::shared_ptr<Task>>;

  // Whoever removes the token from the timer, or is called by the timer, takes `done`.
  struct Task {
    Work work;
    Done done;
    TimePoint deadline;
    DeadlineTimer::Token token;
    Tasks::iterator place;  // Valid while `queued`.
    bool queued = true;
    bool started = false;
  };

  // The next task, taken out of the queue; null when the pool stops. Needs the lock.
  std::shared_ptr<Task> NextTask(std::unique_lock<std::mutex>& lock);
  void RunTask(std::unique_lock<std::mutex>& lock, Task& task);
  void Expire(Task& task, bool stopping);
  void RefuseQueued(std::unique_lock<std::mutex>& lock);

  const size_t queue_limit_;
  mutable std::mutex mutex_;
  std::condition_variable work_came_;
  std::condition_variable task_ended_;
  Tasks queue_;
  std::vector<bool> exited_;
  size_t running_ = 0;
  bool stopping_ = false;
  DeadlineTimer timer_;
};

absl::Status WorkPool::State::Enqueue(const std::shared_ptr<State>& state, TimePoint deadline,
                                      Work work, Done& done) {
  std::unique_lock<std::mutex> lock(state->mutex_);
  if (state->stopping_) return StoppingError();
  // A task that a free thread is about to take does not count as waiting.
  if (state->queue_.size() + state->running_ >= state->queue_limit_ + state->exited_.size())
    return QueueFullError(state->queue_limit_);
  auto task = std::make_shared<Task>();
  task->work = std::move(work);
  task->done = std::move(done);
  task->deadline = deadline;
  task->token =
      state->timer_.Add(deadline, [state, task](bool stopping) { state->Expire(*task, stopping); });
  task->place = state->queue_.insert(state->queue_.end(), task);
  // Without the lock: a thread that wakes finds it free.
  lock.unlock();
  state->work_came_.notify_one();
  return absl::OkStatus();
}

std::shared_ptr<WorkPool::State::Task> WorkPool::State::NextTask(
    std::unique_lock<std::mutex>& lock) {
  work_came_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  if (queue_.empty()) return nullptr;
  std::shared_ptr<Task> task = queue_.front();
  task->queued = false;
  queue_.pop_front();
  return task;
}

void WorkPool::State::RunTask(std::unique_lock<std::mutex>& lock, Task& task) {
  Work work = std::exchange(task.work, nullptr);
  task.started = std::chrono::steady_clock::now() < task.deadline;
  lock.unlock();
  absl::Status status = task.started ? work() : NotStartedError();
  work = nullptr;  // What the work owned is gone before its caller gets the result.
  if (timer_.Remove(task.token)) std::exchange(task.done, nullptr)(std::move(status));
  lock.lock();
}

void WorkPool::State::RunTasks(size_t thread) {
  std::unique_lock<std::mutex> lock(mutex_);
  while (const std::shared_ptr<Task> task = NextTask(lock)) {
    ++running_;
    RunTask(lock, *task);
    --running_;
    task_ended_.notify_all();
  }
  exited_[thread] = true;
  task_ended_.notify_all();
}

void WorkPool::State::Expire(Task& task, bool stopping) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (std::exchange(task.queued, false)) queue_.erase(task.place);
  const bool started = task.started;
  Work never_run = std::exchange(task.work, nullptr);
  lock.unlock();
  never_run = nullptr;
  const Done done = std::exchange(task.done, nullptr);
  done(stopping ? StoppingError() : started ? NotFinishedError() : NotStartedError());
}

void WorkPool::State::RefuseQueued(std::unique_lock<std::mutex>& lock) {
  const Tasks refused = std::exchange(queue_, {});
  for (const std::shared_ptr<Task>& task : refused) task->queued = false;
  lock.unlock();
  for (const std::shared_ptr<Task>& task : refused) {
    if (timer_.Remove(task->token)) Expire(*task, /*stopping=*/true);
  }
  lock.lock();
}

bool WorkPool::State::Stop(TimePoint deadline) {
  std::unique_lock<std::mutex> lock(mutex_);
  stopping_ = true;
  RefuseQueued(lock);
  work_came_.notify_all();
  const bool drained = task_ended_.wait_until(lock, deadline, [this] { return running_ == 0; });
  lock.unlock();
  timer_.Stop();
  lock.lock();
  // A thread that runs nothing is on its way out.
  task_ended_.wait(lock, [this] {
    size_t alive = 0;
    for (const bool exited : exited_) alive += exited ? 0 : 1;
    return alive <= running_;
  });
  return drained;
}

size_t WorkPool::State::AddThread() {
  const std::lock_guard<std::mutex> lock(mutex_);
  exited_.push_back(false);
  return exited_.size() - 1;
}

bool WorkPool::State::HasExited(size_t thread) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return exited_[thread];
}

size_t WorkPool::State::queued() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return queue_.size();
}

size_t WorkPool::State::running() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return running_;
}

WorkPool::WorkPool(size_t threads, size_t queue_limit)
    : state_(std::make_shared<State>(queue_limit)) {
  for (size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([state = state_, id = state_->AddThread()] { state->RunTasks(id); });
  }
}

WorkPool::~WorkPool() { Stop(std::chrono::steady_clock::now()); }

void WorkPool::Run(TimePoint deadline, Work work, Done done) {
  const absl::Status refusal = State::Enqueue(state_, deadline, std::move(work), done);
  if (!refusal.ok()) done(refusal);
}

DeadlineTimer& WorkPool::timer() { return state_->timer(); }

bool WorkPool::Stop(TimePoint deadline) {
  if (std::exchange(stopped_, true)) return stopped_idle_;
  stopped_idle_ = state_->Stop(deadline);
  for (size_t i = 0; i < threads_.size(); ++i) {
    if (state_->HasExited(i)) {
      threads_[i].join();
    } else {
      threads_[i].detach();
    }
  }
  return stopped_idle_;
}

size_t WorkPool::queued() const { return state_->queued(); }

size_t WorkPool::running() const { return state_->running(); }

}  // namespace ccplace
