// A WatchHost call of a test.
#ifndef CCPLACE_TESTS_UNIT_SERVER_WATCHING_H_
#define CCPLACE_TESTS_UNIT_SERVER_WATCHING_H_

#include <grpcpp/client_context.h>

#include <chrono>
#include <memory>

#include "ccplace/v1/host_service.grpc.pb.h"

namespace ccplace {

// One WatchHost call, which has `patience` to end, and ends with this. Not thread-safe.
class Watching {
 public:
  // `stub` must outlive this.
  explicit Watching(v1::HostService::Stub& stub,
                    std::chrono::seconds patience = std::chrono::seconds(10)) {
    context_.set_deadline(std::chrono::system_clock::now() + patience);
    reading_ = stub.WatchHost(&context_, {});
  }
  ~Watching() {
    if (ended_) return;
    Cancel();
    End();
  }
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;

  // Waits for the next state; false when the stream has ended.
  bool Next() { return reading_->Read(&state); }
  void Cancel() { context_.TryCancel(); }
  // How the call ended; waits for it.
  grpc::Status End() {
    ended_ = true;
    return reading_->Finish();
  }

  v1::WatchHostResponse state;

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchHostResponse>> reading_;
  bool ended_ = false;
};

}  // namespace ccplace

#endif  // CCPLACE_TESTS_UNIT_SERVER_WATCHING_H_
