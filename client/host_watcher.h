// WatchHost that survives restarts of ccplaced.
#ifndef CCPLACE_CLIENT_HOST_WATCHER_H_
#define CCPLACE_CLIENT_HOST_WATCHER_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "client/client.h"
#include "lib/base/backoff.h"

namespace ccplace {

// Follows one host and connects again when the stream breaks. Run is for one thread, once; Stop is
// for any, before, during or after it.
class HostWatcher {
 public:
  struct Events {
    // A state came. False: enough, Run ends with OK.
    std::function<bool(const v1::WatchHostResponse&)> on_state;
    // The stream broke for this reason, and is tried again after `wait`. May be empty.
    std::function<void(const absl::Status& why, std::chrono::milliseconds wait)> on_lost;
  };

  // `client` must outlive the watcher. `backoff`: the waits between attempts; it restarts once a
  // state came.
  HostWatcher(HostClient* client, Backoff backoff)
      : client_(client), backoff_(std::move(backoff)) {}
  HostWatcher(const HostWatcher&) = delete;
  HostWatcher& operator=(const HostWatcher&) = delete;

  // Blocks, and calls `events` on the calling thread. OK after Stop or on_state's false; else the
  // status that no retry repairs: INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED, UNAUTHENTICATED,
  // FAILED_PRECONDITION, UNIMPLEMENTED.
  absl::Status Run(const Events& events);

  // Ends Run soon.
  void Stop();

 private:
  // Opens a stream that Stop can cancel; null when stopped already.
  std::shared_ptr<WatchStream> Open();
  // Reads one stream to its end. True: enough.
  bool Follow(WatchStream& stream, const Events& events);
  bool stopped();
  // Sleeps; false when stopped meanwhile.
  bool Wait(std::chrono::milliseconds wait);

  HostClient* const client_;
  Backoff backoff_;
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;                 // Guarded by mutex_.
  std::shared_ptr<WatchStream> stream_;  // The open one; guarded by mutex_.
};

}  // namespace ccplace

#endif  // CCPLACE_CLIENT_HOST_WATCHER_H_
