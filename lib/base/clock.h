// Time, so that tests can move it.
#ifndef CCPLACE_LIB_BASE_CLOCK_H_
#define CCPLACE_LIB_BASE_CLOCK_H_

#include <chrono>

namespace ccplace {

// The host's clocks. Thread-safe. Ages and deadlines use Monotonic, which no clock jump moves;
// Wall is for telling people when.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::steady_clock::time_point Monotonic() const = 0;
  virtual std::chrono::system_clock::time_point Wall() const = 0;

  // The machine's own clocks; lives as long as the program.
  static const Clock& System();
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_CLOCK_H_
