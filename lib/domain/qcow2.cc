#include "lib/domain/qcow2.h"

#include <cstdint>

namespace ccplace {
namespace {

// QEMU, docs/interop/qcow2.txt, "Header": big-endian fields at these offsets.
constexpr absl::string_view kMagic("QFI\xfb", 4);
constexpr size_t kVersionOffset = 4;
constexpr size_t kBackingFileOffset = 8;
constexpr size_t kIncompatibleFeaturesOffset = 72;
constexpr uint64_t kExternalDataFile = 0x4;
// Dirty, corrupt, external data file, compression type, extended L2 entries.
constexpr uint64_t kKnownFeatures = 0x1f;
// Version 2 ends before the feature bits.
constexpr size_t kVersion2Bytes = 72;

uint64_t BigEndian(absl::string_view head, size_t offset, size_t bytes) {
  uint64_t value = 0;
  for (char byte : head.substr(offset, bytes)) {
    value = (value << 8) | static_cast<unsigned char>(byte);
  }
  return value;
}

absl::Status Refuse(absl::string_view why) { return absl::FailedPreconditionError(why); }

}  // namespace

absl::Status CheckQcow2Head(absl::string_view head) {
  if (head.size() < kVersion2Bytes || head.substr(0, kMagic.size()) != kMagic) {
    return Refuse("is no QCOW2 image; state the format it has");
  }
  const uint64_t version = BigEndian(head, kVersionOffset, 4);
  if (version != 2 && version != 3) {
    return Refuse("is a QCOW2 image of an unknown version; convert it with qemu-img convert");
  }
  if (BigEndian(head, kBackingFileOffset, 8) != 0) {
    return Refuse("has a backing file; flatten it with qemu-img convert");
  }
  if (version == 2) return absl::OkStatus();
  if (head.size() < kQcow2HeadBytes) return Refuse("has a QCOW2 header that is cut short");
  const uint64_t features = BigEndian(head, kIncompatibleFeaturesOffset, 8);
  if ((features & kExternalDataFile) != 0) {
    return Refuse("has an external data file; convert it with qemu-img convert");
  }
  if ((features & ~kKnownFeatures) != 0) {
    return Refuse(
        "has incompatible features that this daemon does not know, which may name other files; "
        "convert it with qemu-img convert");
  }
  return absl::OkStatus();
}

}  // namespace ccplace
