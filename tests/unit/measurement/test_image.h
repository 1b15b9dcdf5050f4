// The images of tests/data/tdvf, which tests/support/tdvf_image.py writes, and changes to them.
#ifndef CCPLACE_TESTS_UNIT_MEASUREMENT_TEST_IMAGE_H_
#define CCPLACE_TESTS_UNIT_MEASUREMENT_TEST_IMAGE_H_

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

namespace ccplace {

inline std::string TestImage(const std::string& name) {
  std::ifstream file(std::string(CCPLACE_TEST_DATA "/tdvf/") + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Where ovmf.fd has its descriptor, and the fields of a section in it.
inline constexpr size_t kDescriptorAt = 0x3010;
inline constexpr size_t kRawOffset = 0;
inline constexpr size_t kRawBytes = 4;
inline constexpr size_t kAddress = 8;
inline constexpr size_t kMemoryBytes = 16;
inline constexpr size_t kType = 24;
inline constexpr size_t kAttributes = 28;

inline std::string With(std::string image, size_t at, uint64_t value, size_t width) {
  for (size_t i = 0; i < width; ++i) image.at(at + i) = static_cast<char>(value >> (8 * i));
  return image;
}

// ovmf.fd with one field of one section set to `value`.
inline std::string WithField(size_t section, size_t field, uint64_t value) {
  const size_t width = field == kAddress || field == kMemoryBytes ? 8 : 4;
  return With(TestImage("ovmf.fd"), kDescriptorAt + 16 + 32 * section + field, value, width);
}

}  // namespace ccplace

#endif  // CCPLACE_TESTS_UNIT_MEASUREMENT_TEST_IMAGE_H_
