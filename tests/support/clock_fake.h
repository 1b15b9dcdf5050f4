// Clocks that stand still until a test moves them.
#ifndef CCPLACE_TESTS_SUPPORT_CLOCK_FAKE_H_
#define CCPLACE_TESTS_SUPPORT_CLOCK_FAKE_H_

#include <atomic>
#include <chrono>

#include "lib/base/clock.h"

namespace ccplace {

// Thread-safe. Starts at 1000 s monotonic, 1,000,000 s wall.
class ClockFake final : public Clock {
 public:
  std::chrono::steady_clock::time_point Monotonic() const override {
    return std::chrono::steady_clock::time_point(std::chrono::milliseconds(monotonic_ms_));
  }
  std::chrono::system_clock::time_point Wall() const override {
    return std::chrono::system_clock::time_point(std::chrono::milliseconds(wall_ms_));
  }

  void Advance(std::chrono::milliseconds time) {
    monotonic_ms_ += time.count();
    wall_ms_ += time.count();
  }
  // Somebody sets the host's clock.
  void JumpWall(std::chrono::milliseconds time) { wall_ms_ += time.count(); }

 private:
  std::atomic<int64_t> monotonic_ms_{1000000};
  std::atomic<int64_t> wall_ms_{1000000000};
};

}  // namespace ccplace

#endif  // CCPLACE_TESTS_SUPPORT_CLOCK_FAKE_H_
