// How many starts may be under way at one time.
#ifndef CCPLACE_LIB_LIFECYCLE_START_SLOTS_H_
#define CCPLACE_LIB_LIFECYCLE_START_SLOTS_H_

#include <atomic>
#include <cstddef>

#include "absl/status/statusor.h"

namespace ccplace {

// A start can take as long as QEMU likes (one that waits for a vhost-user switch never ends by
// itself), and holds a thread meanwhile: bounded, starts never take all of them. Thread-safe. Must
// outlive every slot it gave.
class StartSlots {
 public:
  // One start's slot, free again when destroyed.
  class Held {
   public:
    explicit Held(StartSlots* slots) : slots_(slots) {}
    Held(Held&& other) noexcept : slots_(other.slots_) { other.slots_ = nullptr; }
    ~Held() {
      if (slots_ != nullptr) --slots_->taken_;
    }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    Held& operator=(Held&&) = delete;

   private:
    StartSlots* slots_;
  };

  // `limit` from 1 up.
  explicit StartSlots(size_t limit) : limit_(limit) {}

  // Waits for nothing. RESOURCE_EXHAUSTED, with reasons::kStartsBusy, when all are taken.
  absl::StatusOr<Held> Take();

 private:
  const size_t limit_;
  std::atomic<size_t> taken_{0};
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_LIFECYCLE_START_SLOTS_H_
