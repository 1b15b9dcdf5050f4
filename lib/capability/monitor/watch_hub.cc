#include "lib/capability/monitor/watch_hub.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <unordered_set>
#include <utility>

namespace ccplace {

struct WatchHub::Watcher {
  explicit Watcher(WatchCallback function) : callback(std::move(function)) {}
  const WatchCallback callback;
  bool pending = false;  // In the queue. Guarded by the hub's mutex, as is `ended`.
  bool ended = false;
};

// Owned by the hub and its handles together.
class WatchHub::State {
 public:
  explicit State(std::shared_ptr<const Snapshot> present) : latest_(std::move(present)) {}

  void Notify(std::shared_ptr<const Snapshot> snapshot);
  void Add(const std::shared_ptr<Watcher>& watcher);
  void Remove(const std::shared_ptr<Watcher>& watcher);
  void CallWatchers();
  void Stop();

 private:
  void Enqueue(const std::shared_ptr<Watcher>& watcher);
  void CallOne(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable work_came_;
  std::condition_variable call_ended_;
  std::shared_ptr<const Snapshot> latest_;
  std::unordered_set<std::shared_ptr<Watcher>> watchers_;
  std::deque<std::shared_ptr<Watcher>> queue_;
  const Watcher* called_ = nullptr;  // Whose callback is under way; written by the hub's thread.
  std::thread::id caller_;
  bool stopping_ = false;
};

void WatchHub::State::Enqueue(const std::shared_ptr<Watcher>& watcher) {
  if (watcher->pending) return;
  watcher->pending = true;
  queue_.push_back(watcher);
}

void WatchHub::State::Notify(std::shared_ptr<const Snapshot> snapshot) {
  const std::lock_guard<std::mutex> lock(mutex_);
  latest_.swap(snapshot);
  for (const auto& watcher : watchers_) Enqueue(watcher);
  work_came_.notify_one();
}

void WatchHub::State::Add(const std::shared_ptr<Watcher>& watcher) {
  const std::lock_guard<std::mutex> lock(mutex_);
  watchers_.insert(watcher);
  Enqueue(watcher);
  work_came_.notify_one();
}

void WatchHub::State::Remove(const std::shared_ptr<Watcher>& watcher) {
  std::unique_lock<std::mutex> lock(mutex_);
  watcher->ended = true;
  watchers_.erase(watcher);
  if (caller_ == std::this_thread::get_id()) return;
  call_ended_.wait(lock, [this, &watcher] { return called_ != watcher.get(); });
}

void WatchHub::State::CallOne(std::unique_lock<std::mutex>& lock) {
  std::shared_ptr<Watcher> watcher = std::move(queue_.front());
  queue_.pop_front();
  watcher->pending = false;
  std::shared_ptr<const Snapshot> latest = latest_;
  if (!watcher->ended) called_ = watcher.get();
  lock.unlock();
  if (called_ != nullptr) watcher->callback(latest);
  lock.lock();
  called_ = nullptr;
  call_ended_.notify_all();
  // What callback and snapshot own may take locks of its own when it goes.
  lock.unlock();
  watcher = nullptr;
  latest = nullptr;
  lock.lock();
}

void WatchHub::State::CallWatchers() {
  std::unique_lock<std::mutex> lock(mutex_);
  caller_ = std::this_thread::get_id();
  while (!stopping_) {
    if (queue_.empty()) {
      work_came_.wait(lock);
    } else {
      CallOne(lock);
    }
  }
}

void WatchHub::State::Stop() {
  std::deque<std::shared_ptr<Watcher>> dropped;
  const std::lock_guard<std::mutex> lock(mutex_);
  stopping_ = true;
  dropped.swap(queue_);
  work_came_.notify_one();
}

class WatchHub::Handle final : public WatchHandle {
 public:
  Handle(std::shared_ptr<State> state, std::shared_ptr<Watcher> watcher)
      : state_(std::move(state)), watcher_(std::move(watcher)) {}
  ~Handle() override { state_->Remove(watcher_); }

 private:
  const std::shared_ptr<State> state_;
  const std::shared_ptr<Watcher> watcher_;
};

WatchHub::WatchHub(std::shared_ptr<const Snapshot> present)
    : state_(std::make_shared<State>(std::move(present))),
      thread_([state = state_] { state->CallWatchers(); }) {}

WatchHub::~WatchHub() {
  state_->Stop();
  thread_.join();
}

void WatchHub::Notify(std::shared_ptr<const Snapshot> snapshot) {
  state_->Notify(std::move(snapshot));
}

std::unique_ptr<WatchHandle> WatchHub::Watch(WatchCallback callback) {
  auto watcher = std::make_shared<Watcher>(std::move(callback));
  state_->Add(watcher);
  return std::make_unique<Handle>(state_, std::move(watcher));
}

}  // namespace ccplace
