// Little-endian numbers in bytes. Thread-safe: pure functions. The caller has checked that the
// bytes are there.
#ifndef CCPLACE_LIB_MEASUREMENT_LITTLE_ENDIAN_H_
#define CCPLACE_LIB_MEASUREMENT_LITTLE_ENDIAN_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace ccplace {

inline uint64_t ReadLittle(absl::string_view bytes, size_t at, size_t width) {
  uint64_t number = 0;
  for (size_t i = width; i > 0; --i) {
    number = number << 8 | static_cast<unsigned char>(bytes[at + i - 1]);
  }
  return number;
}

inline uint16_t ReadLittle16(absl::string_view bytes, size_t at) {
  return static_cast<uint16_t>(ReadLittle(bytes, at, 2));
}

inline uint32_t ReadLittle32(absl::string_view bytes, size_t at) {
  return static_cast<uint32_t>(ReadLittle(bytes, at, 4));
}

inline uint64_t ReadLittle64(absl::string_view bytes, size_t at) {
  return ReadLittle(bytes, at, 8);
}

inline void WriteLittle64(uint64_t number, char* to) {
  for (size_t i = 0; i < 8; ++i) to[i] = static_cast<char>(number >> (8 * i));
}

}  // namespace ccplace

#endif  // CCPLACE_LIB_MEASUREMENT_LITTLE_ENDIAN_H_
