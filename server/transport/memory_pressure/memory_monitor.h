// Whether the process has grown past what its callers may make it take.
#ifndef CCPLACE_SERVER_TRANSPORT_MEMORY_PRESSURE_MEMORY_MONITOR_H_
#define CCPLACE_SERVER_TRANSPORT_MEMORY_PRESSURE_MEMORY_MONITOR_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <utility>

namespace ccplace {

// Resident memory of this process in bytes (/proc/self/statm, proc(5)). 0 where it cannot be read.
size_t ResidentBytes();

enum class MemoryUse { kEnough, kTooMuch, kFarTooMuch };

// gRPC 1.51 bounds what it receives, and not what it keeps for requests that are reset as soon as
// they are begun (CVE-2023-44487), for headers that never end (CVE-2023-33953), and for callers
// that never acknowledge its settings: that shows in the process's memory alone. For one thread;
// look several times a second.
class MemoryMonitor {
 public:
  // Growth past `limit_bytes` is too much, past twice that far too much, and then each further
  // growth by `step_bytes`: memory that does not come back is no reason to find it too much for
  // ever. `resident` as ResidentBytes.
  MemoryMonitor(size_t limit_bytes, size_t step_bytes, std::function<size_t()> resident);

  // Whether it is time to end what makes the process grow. For half a minute after that, looks give
  // free memory back to the system, once a second at most.
  MemoryUse Poll(std::chrono::steady_clock::time_point now);

  // As the latest look found it.
  size_t resident_bytes() const { return resident_bytes_; }

 private:
  void TrimHeap(std::chrono::steady_clock::time_point now);

  const size_t limit_bytes_;
  const size_t step_bytes_;
  const std::function<size_t()> resident_;
  size_t resident_bytes_ = 0;
  size_t allowed_bytes_;
  std::chrono::steady_clock::time_point give_back_until_ = {};
  std::chrono::steady_clock::time_point next_give_back_ = {};
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_TRANSPORT_MEMORY_PRESSURE_MEMORY_MONITOR_H_
