#include "client/host_watcher.h"

#include <optional>

namespace ccplace {
namespace {

// A refusal that the next attempt would meet again.
bool IsFinal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kUnimplemented:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::Status HostWatcher::Run(const Events& events) {
  while (const std::shared_ptr<WatchStream> stream = Open()) {
    if (Follow(*stream, events)) return absl::OkStatus();
    absl::Status why = stream->status();
    if (IsFinal(why)) return why;
    const std::chrono::milliseconds wait = backoff_.Next();
    if (events.on_lost && !stopped()) events.on_lost(why, wait);
    if (!Wait(wait)) break;
  }
  return absl::OkStatus();
}

void HostWatcher::Stop() {
  const std::lock_guard<std::mutex> lock(mutex_);
  stopped_ = true;
  if (stream_ != nullptr) stream_->Cancel();
  stopping_.notify_all();
}

std::shared_ptr<WatchStream> HostWatcher::Open() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stopped_) return nullptr;
  stream_ = client_->WatchHost(v1::WatchHostRequest());
  return stream_;
}

bool HostWatcher::Follow(WatchStream& stream, const Events& events) {
  while (const std::optional<v1::WatchHostResponse> state = stream.Next()) {
    backoff_.Reset();
    if (events.on_state(*state)) continue;
    stream.Cancel();
    return true;
  }
  return false;
}

bool HostWatcher::stopped() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return stopped_;
}

bool HostWatcher::Wait(std::chrono::milliseconds wait) {
  std::unique_lock<std::mutex> lock(mutex_);
  return !stopping_.wait_for(lock, wait, [this] { return stopped_; });
}

}  // namespace ccplace
