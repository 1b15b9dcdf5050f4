// Waiting times between attempts at something that keeps failing.
#ifndef CCPLACE_LIB_BASE_BACKOFF_H_
#define CCPLACE_LIB_BASE_BACKOFF_H_

#include <chrono>
#include <cstdint>
#include <random>

namespace ccplace {

// Doubling waits with jitter, so that many daemons that lost one peer do not come back as one.
// Not thread-safe.
class Backoff {
 public:
  // Waits grow from `first` to `most`; both above zero. `seed` makes a sequence repeatable.
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds most, uint64_t seed);

  // How long to wait after one more failure: between half of the present step and the whole of it.
  std::chrono::milliseconds Next();

  // It worked: the next failure waits the first step again.
  void Reset();

 private:
  const std::chrono::milliseconds first_;
  const std::chrono::milliseconds most_;
  std::chrono::milliseconds step_;
  std::mt19937_64 random_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_BACKOFF_H_
