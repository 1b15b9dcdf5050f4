#include "lib/base/clock.h"

namespace ccplace {
namespace {

class SystemClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point Monotonic() const override {
    return std::chrono::steady_clock::now();
  }
  std::chrono::system_clock::time_point Wall() const override {
    return std::chrono::system_clock::now();
  }
};

}  // namespace

const Clock& Clock::System() {
  // Never destroyed: threads may outlive main.
  static const SystemClock& clock = *new SystemClock;
  return clock;
}

}  // namespace ccplace
