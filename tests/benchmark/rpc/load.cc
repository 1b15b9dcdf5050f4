#include "tests/benchmark/rpc/load.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <mutex>

namespace ccplace::benchmark {
namespace {

using SteadyClock = std::chrono::steady_clock;

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

// One chain of calls: each begins when the one before has ended.
struct Lane {
  std::unique_ptr<grpc::ClientContext> context;
  grpc::ByteBuffer answer;
  SteadyClock::time_point begun;
  std::vector<double> latencies_us;
};

class Driver {
 public:
  Driver(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
         const std::vector<std::string>& requests, size_t in_flight, size_t calls)
      : stub_(channel), method_(method), left_(static_cast<long>(calls)), lanes_(in_flight) {
    for (const std::string& request : requests) requests_.push_back(BufferOf(request));
  }

  LoadResult Run() {
    const auto begun = SteadyClock::now();
    running_ = lanes_.size();
    for (Lane& lane : lanes_) Begin(lane);
    std::unique_lock<std::mutex> lock(mutex_);
    ended_.wait(lock, [this] { return running_ == 0; });
    return Summary(SteadyClock::now() - begun);
  }

 private:
  void Begin(Lane& lane) {
    const long left = left_.fetch_sub(1);
    if (left <= 0) return End();
    const grpc::ByteBuffer& request = requests_[static_cast<size_t>(left) % requests_.size()];
    lane.context = std::make_unique<grpc::ClientContext>();
    lane.answer.Clear();
    lane.begun = SteadyClock::now();
    stub_.UnaryCall(lane.context.get(), method_, grpc::StubOptions(), &request, &lane.answer,
                    [this, &lane](const grpc::Status& status) { Ended(lane, status); });
  }

  void Ended(Lane& lane, const grpc::Status& status) {
    const std::chrono::duration<double, std::micro> took = SteadyClock::now() - lane.begun;
    lane.latencies_us.push_back(took.count());
    if (!status.ok()) failed_.fetch_add(1);
    Begin(lane);
  }

  void End() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--running_ == 0) ended_.notify_all();
  }

  LoadResult Summary(std::chrono::duration<double> took) const {
    std::vector<double> all;
    for (const Lane& lane : lanes_) {
      all.insert(all.end(), lane.latencies_us.begin(), lane.latencies_us.end());
    }
    std::sort(all.begin(), all.end());
    LoadResult result;
    result.calls_per_second = static_cast<double>(all.size()) / took.count();
    result.p50_us = all[all.size() / 2];
    result.p99_us = all[all.size() * 99 / 100];
    result.failed = failed_;
    return result;
  }

  grpc::GenericStub stub_;
  const std::string method_;
  std::vector<grpc::ByteBuffer> requests_;
  std::atomic<long> left_;
  std::atomic<size_t> failed_{0};
  std::vector<Lane> lanes_;
  std::mutex mutex_;
  std::condition_variable ended_;
  size_t running_ = 0;
};

}  // namespace

LoadResult Drive(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                 const std::string& request, size_t in_flight, size_t calls) {
  return Driver(channel, method, {request}, in_flight, calls).Run();
}

LoadResult DriveInTurn(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                       const std::vector<std::string>& requests, size_t in_flight, size_t calls) {
  return Driver(channel, method, requests, in_flight, calls).Run();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string CallOnce(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                     const std::string& request) {
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  const grpc::ByteBuffer sent = BufferOf(request);
  grpc::ByteBuffer answer;
  std::mutex mutex;
  std::condition_variable ended;
  bool done = false;
  grpc::Status result;
  grpc::GenericStub(channel).UnaryCall(&context, method, grpc::StubOptions(), &sent, &answer,
                                       [&](const grpc::Status& status) {
                                         const std::lock_guard<std::mutex> lock(mutex);
                                         result = status;
                                         done = true;
                                         ended.notify_all();
                                       });
  std::unique_lock<std::mutex> lock(mutex);
  ended.wait(lock, [&] { return done; });
  if (!result.ok()) {
    std::cerr << method << ": " << result.error_message() << "\n";
    std::exit(1);
  }
  grpc::Slice slice;
  if (!answer.DumpToSingleSlice(&slice).ok()) std::exit(1);
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

}  // namespace ccplace::benchmark
