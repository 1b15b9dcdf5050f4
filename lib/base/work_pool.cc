#include "lib/base/work_pool.h"

#include <condition_variable>
#include <list>
#include <map>
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

  absl::Status Enqueue(TimePoint deadline, Work work, Done& done);
  static Done WithDeadline(std::shared_ptr<State> state, TimePoint deadline, Done done,
                           absl::Status late);
  void RunTasks(size_t thread);
  void WatchDeadlines();
  bool Stop(TimePoint deadline);

  size_t AddThread();
  bool HasExited(size_t thread) const;
  size_t queued() const;
  size_t running() const;

 private:
  struct Task;
  using Tasks = std::list<std::shared_ptr<Task>>;
  using Deadlines = std::multimap<TimePoint, std::shared_ptr<Task>>;

  struct Task {
    Work work;
    Done done;
    absl::Status late;                // What it is answered at its deadline.
    Tasks::iterator place;            // Valid while `queued`.
    Deadlines::iterator deadline_at;  // Valid until `answered`.
    bool queued = true;
    bool answered = false;
  };

  // All need the lock.
  std::shared_ptr<Task> NextTask(std::unique_lock<std::mutex>& lock);
  void Dequeue(Task& task);
  Done TakeDone(Task& task);
  // Whether the timer, which sleeps, must be told.
  bool SetDeadline(TimePoint deadline, const std::shared_ptr<Task>& task);

  void RunTask(std::unique_lock<std::mutex>& lock, Task& task);
  void Expire(std::unique_lock<std::mutex>& lock);
  void AnswerAll(std::unique_lock<std::mutex>& lock, bool queued_only);

  const size_t queue_limit_;
  mutable std::mutex mutex_;
  std::condition_variable work_came_;
  std::condition_variable deadlines_changed_;
  std::condition_variable task_ended_;
  Tasks queue_;
  Deadlines deadlines_;  // Every task that was not answered yet.
  TimePoint timer_wakes_at_ = TimePoint::max();
  std::vector<bool> exited_;
  size_t running_ = 0;
  bool stopping_ = false;
  bool timer_stopping_ = false;
};

absl::Status WorkPool::State::Enqueue(TimePoint deadline, Work work, Done& done) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (stopping_) return StoppingError();
  // A task that a free thread is about to take does not count as waiting.
  if (queue_.size() + running_ >= queue_limit_ + exited_.size())
    return QueueFullError(queue_limit_);
  auto task = std::make_shared<Task>();
  task->work = std::move(work);
  task->done = std::move(done);
  task->late = NotStartedError();
  task->place = queue_.insert(queue_.end(), task);
  const bool too_late = SetDeadline(deadline, task);
  // Without the lock: a thread that wakes finds it free.
  lock.unlock();
  work_came_.notify_one();
  if (too_late) deadlines_changed_.notify_one();
  return absl::OkStatus();
}

bool WorkPool::State::SetDeadline(TimePoint deadline, const std::shared_ptr<Task>& task) {
  task->deadline_at = deadlines_.emplace(deadline, task);
  // It sleeps on when it wakes soon enough by itself.
  if (deadline >= timer_wakes_at_) return false;
  timer_wakes_at_ = deadline;
  return true;
}

WorkPool::Done WorkPool::State::WithDeadline(std::shared_ptr<State> state, TimePoint deadline,
                                             Done done, absl::Status late) {
  const auto task = std::make_shared<Task>();
  task->queued = false;
  task->done = std::move(done);
  task->late = std::move(late);
  bool stopping = false;
  {
    const std::lock_guard<std::mutex> lock(state->mutex_);
    stopping = state->stopping_;
    if (!stopping && state->SetDeadline(deadline, task)) state->deadlines_changed_.notify_one();
  }
  if (stopping) {
    task->done(StoppingError());
    return [](const absl::Status&) {};
  }
  return [state = std::move(state), task](absl::Status status) {
    Done taken;
    {
      const std::lock_guard<std::mutex> lock(state->mutex_);
      taken = state->TakeDone(*task);
    }
    if (taken) taken(std::move(status));
  };
}

std::shared_ptr<WorkPool::State::Task> WorkPool::State::NextTask(
    std::unique_lock<std::mutex>& lock) {
  work_came_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  if (queue_.empty()) return nullptr;
  std::shared_ptr<Task> task = queue_.front();
  Dequeue(*task);
  return task;
}

void WorkPool::State::Dequeue(Task& task) {
  if (!task.queued) return;
  task.queued = false;
  queue_.erase(task.place);
}

WorkPool::Done WorkPool::State::TakeDone(Task& task) {
  if (task.answered) return nullptr;
  task.answered = true;
  deadlines_.erase(task.deadline_at);
  return std::move(task.done);
}

void WorkPool::State::RunTask(std::unique_lock<std::mutex>& lock, Task& task) {
  Work work = std::exchange(task.work, nullptr);
  task.late = NotFinishedError();
  const TimePoint deadline = task.deadline_at->first;
  lock.unlock();
  const bool late = std::chrono::steady_clock::now() >= deadline;
  absl::Status status = late ? NotStartedError() : work();
  work = nullptr;  // What the work owned is gone before its caller hears of the end.
  lock.lock();
  Done done = TakeDone(task);
  lock.unlock();
  if (done) done(std::move(status));
  done = nullptr;
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

void WorkPool::State::Expire(std::unique_lock<std::mutex>& lock) {
  const std::shared_ptr<Task> task = deadlines_.begin()->second;
  Dequeue(*task);
  Done done = TakeDone(*task);
  Work never_run = std::exchange(task->work, nullptr);
  absl::Status late = std::move(task->late);
  lock.unlock();
  never_run = nullptr;
  done(std::move(late));
  done = nullptr;
  lock.lock();
}

void WorkPool::State::WatchDeadlines() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!timer_stopping_) {
    timer_wakes_at_ = deadlines_.empty() ? TimePoint::max() : deadlines_.begin()->first;
    if (std::chrono::steady_clock::now() >= timer_wakes_at_) {
      Expire(lock);
    } else if (deadlines_.empty()) {
      deadlines_changed_.wait(lock);
    } else {
      deadlines_changed_.wait_until(lock, timer_wakes_at_);
    }
  }
}

void WorkPool::State::AnswerAll(std::unique_lock<std::mutex>& lock, bool queued_only) {
  std::vector<std::pair<Work, Done>> ended;
  for (auto next = deadlines_.begin(); next != deadlines_.end();) {
    const std::shared_ptr<Task> task = (next++)->second;
    if (queued_only && !task->queued) continue;
    Dequeue(*task);
    Done done = TakeDone(*task);
    ended.emplace_back(std::move(task->work), std::move(done));
  }
  lock.unlock();
  for (auto& [work, done] : ended) {
    work = nullptr;
    done(StoppingError());
  }
  lock.lock();
}

bool WorkPool::State::Stop(TimePoint deadline) {
  std::unique_lock<std::mutex> lock(mutex_);
  stopping_ = true;
  work_came_.notify_all();
  AnswerAll(lock, /*queued_only=*/true);
  const bool idle = task_ended_.wait_until(lock, deadline, [this] { return running_ == 0; });
  AnswerAll(lock, /*queued_only=*/false);
  timer_stopping_ = true;
  deadlines_changed_.notify_all();
  // A thread that runs nothing is on its way out.
  task_ended_.wait(lock, [this] {
    size_t alive = 0;
    for (const bool exited : exited_) alive += exited ? 0 : 1;
    return alive <= running_;
  });
  return idle;
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
  timer_ = std::thread([state = state_] { state->WatchDeadlines(); });
}

WorkPool::~WorkPool() { Stop(std::chrono::steady_clock::now()); }

void WorkPool::Run(TimePoint deadline, Work work, Done done) {
  const absl::Status refusal = state_->Enqueue(deadline, std::move(work), done);
  if (!refusal.ok()) done(refusal);
}

WorkPool::Done WorkPool::WithDeadline(TimePoint deadline, Done done, absl::Status late) {
  return State::WithDeadline(state_, deadline, std::move(done), std::move(late));
}

bool WorkPool::Stop(TimePoint deadline) {
  if (!timer_.joinable()) return stopped_idle_;
  stopped_idle_ = state_->Stop(deadline);
  timer_.join();
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
