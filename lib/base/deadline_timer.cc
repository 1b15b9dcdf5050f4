#include "lib/base/deadline_timer.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>

#include "lib/base/status.h"

namespace ccplace {

class DeadlineTimer::Entry {
 public:
  using Map = std::multimap<TimePoint, Token>;

  explicit Entry(Expire expire_in) : expire(std::move(expire_in)) {}

  Expire expire;
  Map::iterator place;  // Valid while `waits`.
  bool waits = true;
};

// Shared with functions that WithDeadline returned, which may outlive the timer.
class DeadlineTimer::State {
 public:
  Token Add(TimePoint deadline, Expire expire);
  bool Remove(const Token& token);
  void Watch();
  void Stop();

 private:
  // Takes one out and calls it; the lock is released meanwhile.
  void ExpireFirst(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable changed_;
  Entry::Map entries_;
  TimePoint wakes_at_ = TimePoint::max();
  bool stopped_ = false;
};

DeadlineTimer::Token DeadlineTimer::State::Add(TimePoint deadline, Expire expire) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stopped_) return nullptr;
  auto entry = std::make_shared<Entry>(std::move(expire));
  entry->place = entries_.emplace(deadline, entry);
  // Wake the thread only if it would otherwise wake too late.
  if (deadline < wakes_at_) {
    wakes_at_ = deadline;
    changed_.notify_one();
  }
  return entry;
}

bool DeadlineTimer::State::Remove(const Token& token) {
  Expire never_called;  // Destroyed without the lock.
  const std::lock_guard<std::mutex> lock(mutex_);
  if (token == nullptr || !token->waits) return false;
  token->waits = false;
  entries_.erase(token->place);
  never_called = std::exchange(token->expire, nullptr);
  return true;
}

void DeadlineTimer::State::ExpireFirst(std::unique_lock<std::mutex>& lock) {
  const Token token = entries_.begin()->second;
  token->waits = false;
  entries_.erase(token->place);
  Expire expire = std::exchange(token->expire, nullptr);
  const bool stopping = stopped_;
  lock.unlock();
  expire(stopping);
  expire = nullptr;
  lock.lock();
}

void DeadlineTimer::State::Watch() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopped_) {
    wakes_at_ = entries_.empty() ? TimePoint::max() : entries_.begin()->first;
    if (std::chrono::steady_clock::now() >= wakes_at_) {
      ExpireFirst(lock);
    } else if (entries_.empty()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, wakes_at_);
    }
  }
}

void DeadlineTimer::State::Stop() {
  std::unique_lock<std::mutex> lock(mutex_);
  stopped_ = true;
  changed_.notify_one();
  while (!entries_.empty()) ExpireFirst(lock);
}

DeadlineTimer::DeadlineTimer()
    : state_(std::make_shared<State>()), thread_([state = state_] { state->Watch(); }) {}

DeadlineTimer::~DeadlineTimer() { Stop(); }

DeadlineTimer::Token DeadlineTimer::Add(TimePoint deadline, Expire expire) {
  return state_->Add(deadline, std::move(expire));
}

bool DeadlineTimer::Remove(const Token& token) { return state_->Remove(token); }

DeadlineTimer::Done DeadlineTimer::WithDeadline(TimePoint deadline, Done done, absl::Status late) {
  // Moved out by the one side that wins.
  const auto owned = std::make_shared<Done>(std::move(done));
  const Token token = Add(deadline, [owned, late = std::move(late)](bool stopping) {
    const Done taken = std::exchange(*owned, nullptr);
    taken(stopping ? StoppingError() : late);
  });
  if (token == nullptr) {
    (*owned)(StoppingError());
    return [](const absl::Status&) {};
  }
  return [state = state_, token, owned](absl::Status status) {
    if (!state->Remove(token)) return;
    const Done taken = std::exchange(*owned, nullptr);
    taken(std::move(status));
  };
}

void DeadlineTimer::Stop() {
  state_->Stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace ccplace
