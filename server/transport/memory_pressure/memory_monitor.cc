#include "server/transport/memory_pressure/memory_monitor.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace ccplace {
namespace {

constexpr std::chrono::seconds kGiveBackTime{30};
// Giving back walks the whole heap.
constexpr std::chrono::seconds kGiveBackInterval{1};

}  // namespace

size_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  size_t all_pages = 0;
  size_t resident_pages = 0;
  if (!(statm >> all_pages >> resident_pages)) return 0;
  return resident_pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

MemoryMonitor::MemoryMonitor(size_t limit_bytes, size_t step_bytes,
                             std::function<size_t()> resident)
    : limit_bytes_(limit_bytes),
      step_bytes_(step_bytes),
      resident_(std::move(resident)),
      allowed_bytes_(limit_bytes) {}

MemoryUse MemoryMonitor::Poll(std::chrono::steady_clock::time_point now) {
  resident_bytes_ = resident_();
  allowed_bytes_ = std::max(limit_bytes_, std::min(allowed_bytes_, resident_bytes_ + step_bytes_));
  TrimHeap(now);
  if (resident_bytes_ <= allowed_bytes_) return MemoryUse::kEnough;
  allowed_bytes_ = resident_bytes_ + step_bytes_;
  give_back_until_ = now + kGiveBackTime;
  return resident_bytes_ > 2 * limit_bytes_ ? MemoryUse::kFarTooMuch : MemoryUse::kTooMuch;
}

void MemoryMonitor::TrimHeap(std::chrono::steady_clock::time_point now) {
  if (now > give_back_until_ || now < next_give_back_) return;
  malloc_trim(0);
  next_give_back_ = now + kGiveBackInterval;
}

}  // namespace ccplace
