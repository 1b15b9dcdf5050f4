// Bounds on how much of something is held at one time: at each door, and by each caller there.
#ifndef CCPLACE_SERVER_COMMON_QUOTA_H_
#define CCPLACE_SERVER_COMMON_QUOTA_H_

#include <cstddef>
#include <string>
#include <unordered_map>

#include "absl/strings/string_view.h"

namespace ccplace {

// Whose place it is. Doors share no places: who fills one keeps nobody out of another.
struct PlaceHolder {
  std::string door;    // "read-only socket".
  std::string caller;  // "user 1000". Empty: bounded with all others of the door alone.
};

// Both from 1 up.
struct PlaceLimits {
  size_t per_door = 1;
  size_t per_caller = 1;
};

enum class Room { kFree, kDoorFull, kCallerFull };

// Counts places. Not thread-safe.
class Places {
 public:
  explicit Places(PlaceLimits limits) : limits_(limits) {}

  // Whether `holder` may take one more place; kCallerFull where both bounds are reached.
  Room RoomFor(const PlaceHolder& holder) const;

  // Take counts a place, whether there is room or not; each must be followed by one Give.
  void Take(const PlaceHolder& holder);
  void Give(const PlaceHolder& holder);

  const PlaceLimits& limits() const { return limits_; }

 private:
  struct Door {
    size_t taken = 0;
    std::unordered_map<std::string, size_t> by_caller;  // None of them 0.
  };

  const PlaceLimits limits_;
  std::unordered_map<std::string, Door> doors_;
};

// "user 1000 has 128 watchers on the read-only socket", for `room` that is not free.
std::string ToText(const PlaceHolder& holder, Room room, const PlaceLimits& limits,
                   absl::string_view what);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_COMMON_QUOTA_H_
