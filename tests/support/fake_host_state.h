// A host whose facts the test changes.
#ifndef CCPLACE_TESTS_SUPPORT_FAKE_HOST_STATE_H_
#define CCPLACE_TESTS_SUPPORT_FAKE_HOST_STATE_H_

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "lib/capability/monitor/host_state.h"

namespace ccplace {

// For one thread: watchers are called by Publish, on the calling thread. Must outlive its handles.
class FakeHostState final : public HostState {
 public:
  std::shared_ptr<const Snapshot> Current() const override {
    return std::make_shared<const Snapshot>(snapshot);
  }
  v1::Freshness FreshnessNow() const override { return freshness; }
  void Refresh(std::chrono::steady_clock::time_point,
               std::function<void(absl::Status)> done) override {
    if (reads) return done(absl::OkStatus());
    waiting_.push_back(std::move(done));
  }
  std::unique_ptr<WatchHandle> Watch(WatchCallback callback) override {
    auto watcher = std::make_shared<const WatchCallback>(std::move(callback));
    watchers_.push_back(watcher);
    (*watcher)(Current());
    return std::make_unique<Handle>(std::move(watcher));
  }

  // Tells the watchers of what `snapshot` and `freshness` say now.
  void Publish() {
    for (const auto& held : watchers_) {
      if (const auto watcher = held.lock()) (*watcher)(Current());
    }
  }

  // Answers the callers of Refresh that wait.
  void Read() {
    for (const auto& done : std::exchange(waiting_, {})) done(absl::OkStatus());
  }

  bool reads = true;  // False: callers of Refresh wait for Read.
  Snapshot snapshot;
  v1::Freshness freshness;

 private:
  // The callback goes with its handle, as it does in the real one.
  class Handle final : public WatchHandle {
   public:
    explicit Handle(std::shared_ptr<const WatchCallback> watcher) : watcher_(std::move(watcher)) {}

   private:
    const std::shared_ptr<const WatchCallback> watcher_;
  };

  std::vector<std::weak_ptr<const WatchCallback>> watchers_;
  std::vector<std::function<void(absl::Status)>> waiting_;
};

// A model with one gate, for `state`'s snapshot.
inline v1::ModelCapability& AddModel(FakeHostState& state, v1::EncryptionModel model,
                                     v1::Support verdict, v1::CheckKind kind,
                                     v1::CheckResult result) {
  v1::ModelCapability& added = *state.snapshot.capabilities.add_models();
  added.set_model(model);
  added.set_verdict(verdict);
  v1::Check& check = *added.add_checks();
  check.set_kind(kind);
  check.set_result(result);
  check.set_gate(true);
  return added;
}

}  // namespace ccplace

#endif  // CCPLACE_TESTS_SUPPORT_FAKE_HOST_STATE_H_
