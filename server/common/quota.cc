#include "server/common/quota.h"

#include "absl/strings/str_cat.h"

namespace ccplace {

Room Places::RoomFor(const PlaceHolder& holder) const {
  const auto door = doors_.find(holder.door);
  if (door == doors_.end()) return Room::kFree;
  const auto caller = door->second.by_caller.find(holder.caller);
  if (caller != door->second.by_caller.end() && caller->second >= limits_.per_caller) {
    return Room::kCallerFull;
  }
  return door->second.taken >= limits_.per_door ? Room::kDoorFull : Room::kFree;
}

void Places::Take(const PlaceHolder& holder) {
  Door& door = doors_[holder.door];
  ++door.taken;
  if (!holder.caller.empty()) ++door.by_caller[holder.caller];
}

void Places::Give(const PlaceHolder& holder) {
  Door& door = doors_[holder.door];
  --door.taken;
  const auto caller = door.by_caller.find(holder.caller);
  if (caller != door.by_caller.end() && --caller->second == 0) door.by_caller.erase(caller);
}

std::string ToText(const PlaceHolder& holder, Room room, const PlaceLimits& limits,
                   absl::string_view what) {
  if (room == Room::kCallerFull) {
    return absl::StrCat(holder.caller, " has ", limits.per_caller, " ", what, " on the ",
                        holder.door);
  }
  return absl::StrCat("the ", holder.door, " has ", limits.per_door, " ", what);
}

}  // namespace ccplace
