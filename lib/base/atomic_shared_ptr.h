// One value that few write and many read without a lock.
#ifndef CCPLACE_LIB_BASE_ATOMIC_SHARED_PTR_H_
#define CCPLACE_LIB_BASE_ATOMIC_SHARED_PTR_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

namespace ccplace {

// Names one AtomicSharedPtr for as long as the program runs; never given out twice, so that what a
// thread remembers of a destroyed one is never taken for a new one at the same address.
inline uint64_t NextAtomicSharedPtrId() {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

// Holds the latest immutable T. Thread-safe.
//
// C++17's std::atomic_load of a shared_ptr takes a mutex from a pool that all readers share. Here
// each thread remembers what it read last, and looks at one atomic counter to see whether that is
// still the latest: a lock is taken only by a thread's first read after a Publish. What a thread
// remembers is weak, so an idle thread keeps no old value alive.
template <typename T>
class AtomicSharedPtr {
 public:
  // `value` is never null, nor is what Publish is given.
  explicit AtomicSharedPtr(std::shared_ptr<const T> value) : value_(std::move(value)) {}
  AtomicSharedPtr(const AtomicSharedPtr&) = delete;
  AtomicSharedPtr& operator=(const AtomicSharedPtr&) = delete;

  // The latest value; never null. A value that was published before the call (as seen by any
  // synchronisation between the two threads) or a later one.
  std::shared_ptr<const T> Current() const {
    Remembered& mine = Mine();
    if (mine.id == id_ && mine.version == version_.load(std::memory_order_acquire)) {
      if (std::shared_ptr<const T> value = mine.value.lock()) return value;
    }
    return ReadAnew(mine);
  }

  void Publish(std::shared_ptr<const T> value) {
    const std::lock_guard<std::mutex> lock(mutex_);
    value_.swap(value);
    version_.fetch_add(1, std::memory_order_release);
  }

 private:
  struct Remembered {
    uint64_t id = 0;
    uint64_t version = 0;
    std::weak_ptr<const T> value;
  };

  // A few places a thread, so that two or three objects of one T do not displace each other.
  Remembered& Mine() const {
    constexpr size_t kPlaces = 4;
    thread_local std::array<Remembered, kPlaces> mine;
    return mine[id_ % kPlaces];
  }

  std::shared_ptr<const T> ReadAnew(Remembered& mine) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    mine = {id_, version_.load(std::memory_order_relaxed), value_};
    return value_;
  }

  const uint64_t id_ = NextAtomicSharedPtrId();
  mutable std::mutex mutex_;
  std::atomic<uint64_t> version_{0};
  std::shared_ptr<const T> value_;  // Guarded by mutex_.
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_ATOMIC_SHARED_PTR_H_
