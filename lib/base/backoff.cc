#include "lib/base/backoff.h"

#include <algorithm>

namespace ccplace {

using std::chrono::milliseconds;

Backoff::Backoff(milliseconds first, milliseconds most, uint64_t seed)
    : first_(std::min(first, most)), most_(most), step_(first_), random_(seed) {}

milliseconds Backoff::Next() {
  std::uniform_int_distribution<milliseconds::rep> within(step_.count() / 2, step_.count());
  const milliseconds wait(within(random_));
  step_ = step_ > most_ / 2 ? most_ : step_ * 2;
  return wait;
}

void Backoff::Reset() { step_ = first_; }

}  // namespace ccplace
