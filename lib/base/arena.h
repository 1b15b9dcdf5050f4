// Messages on an arena, by either of protobuf's names for it. Thread-safe: a pure function.
#ifndef CCPLACE_LIB_BASE_ARENA_H_
#define CCPLACE_LIB_BASE_ARENA_H_

#include <google/protobuf/arena.h>
#include <google/protobuf/stubs/common.h>

namespace ccplace {

// A new message, which ends with `arena`.
template <typename T>
T* OnArena(google::protobuf::Arena& arena) {
#if GOOGLE_PROTOBUF_VERSION >= 5026000  // By its newer name, from protobuf 26 on.
  return google::protobuf::Arena::Create<T>(&arena);
#else
  return google::protobuf::Arena::CreateMessage<T>(&arena);
#endif
}

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_ARENA_H_
