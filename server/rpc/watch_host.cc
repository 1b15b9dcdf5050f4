// WatchHost: the present state, then every change.
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "server/rpc/grpc_status.h"
#include "server/rpc/host_service.h"
#include "server/rpc/snapshot_bytes.h"

namespace ccplace {
namespace {

using Writer = grpc::ServerWriteReactor<grpc::ByteBuffer>;

// One stream. Keeps no snapshot: when notified, it sends the latest one, the only one whose age is
// known. At most one write, or the end, is under way at a time; the thread that sets `busy_` begins
// it, outside of the lock.
class WatchStream final : public Writer,
                          public Watcher,
                          public std::enable_shared_from_this<WatchStream> {
 public:
  // `authorize` says whether the caller may watch; until OnDone.
  WatchStream(const ServiceDependencies& dependencies, std::function<absl::Status()> authorize)
      : state_(dependencies.state),
        watchers_(dependencies.watchers),
        calls_(*dependencies.calls),
        authorize_(std::move(authorize)) {}

  // gRPC holds the stream until OnDone.
  void Begin(QuotaKey quota_key) {
    self_ = shared_from_this();
    const absl::Status entered = watchers_->Register(self_, std::move(quota_key));
    if (!entered.ok()) return EndWith(entered);
    handle_ = state_->Watch([weak = weak_from_this()](const auto&) {
      if (const auto stream = weak.lock()) stream->Offer();
    });
  }

  void End() override { EndWith(StoppingError()); }

  void Recheck() override {
    absl::Status authorized;
    {
      const std::lock_guard<std::mutex> lock(admission_mutex_);
      if (authorize_ != nullptr) authorized = authorize_();
    }
    if (!authorized.ok()) EndWith(std::move(authorized));
  }

  void OnCancel() override { EndWith(absl::CancelledError("the caller ended the call")); }

  void OnWriteDone(bool ok) override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      busy_ = false;
      if (!ok && end_.ok()) end_ = absl::UnavailableError("the connection is gone");
    }
    Proceed();
  }

  void OnDone() override {
    handle_.reset();
    watchers_->Unregister(*this);
    {
      // gRPC's context of the call goes next.
      const std::lock_guard<std::mutex> lock(admission_mutex_);
      authorize_ = nullptr;
    }
    const std::shared_ptr<WatchStream> last = std::move(self_);
  }

 private:
  void Offer() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      due_ = true;
    }
    Proceed();
  }

  void EndWith(absl::Status status) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (end_.ok()) end_ = std::move(status);
    }
    Proceed();
  }

  // Begins what is due: the end, else the next write.
  void Proceed() {
    absl::Status end;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (busy_ || (end_.ok() && !due_)) return;
      busy_ = true;
      end = end_;
      due_ = false;
    }
    if (!end.ok()) {
      calls_.CountStream(Rpc::kWatchHost, end.code());
      return Finish(ToGrpcStatus(end));
    }
    const LatestFacts facts(*state_);
    PutWithFreshness(SnapshotBytes::Of(facts.snapshot()).watch(), facts.freshness(), message_);
    StartWrite(&message_);
  }

  const std::shared_ptr<HostState> state_;
  const std::shared_ptr<Watchers> watchers_;
  CallCounts& calls_;  // The service's: it outlives its calls.
  std::shared_ptr<WatchStream> self_;
  std::unique_ptr<WatchHandle> handle_;
  grpc::ByteBuffer message_;  // Belongs to the write that is under way.

  std::mutex admission_mutex_;
  std::function<absl::Status()> authorize_;

  std::mutex mutex_;
  bool busy_ = false;  // Stays true once the end has begun.
  absl::Status end_;   // OK: goes on.
  bool due_ = false;   // A state is still to be sent.
};

class RefusedStream final : public Writer {
 public:
  explicit RefusedStream(const absl::Status& status) { Finish(ToGrpcStatus(status)); }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* HostService::WatchHost(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* /*request*/) {
  auto authorize = [this, context] { return Authorize(*context, Role::kReader, Rpc::kWatchHost); };
  const absl::Status authorized = authorize();
  if (!authorized.ok()) {
    dependencies_.calls->CountStream(Rpc::kWatchHost, authorized.code());
    return new RefusedStream(authorized);
  }
  const auto stream = std::make_shared<WatchStream>(dependencies_, std::move(authorize));
  stream->Begin(authenticator_.QuotaKeyOf(*context));
  return stream.get();
}

}  // namespace ccplace
