#include "lib/host/simulated_firmware.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kImageBytes = size_t{64} * 1024;  // QEMU loads whole pieces of 64 KiB.
constexpr size_t kDescriptorAt = kImageBytes - 0x800;
constexpr size_t kTableEnd = 32;

// GUIDs as they lie in memory, of the table's footer, of its entry for the metadata, of the
// metadata.
constexpr absl::string_view kTableFooter = "de82b596b21ff745baeaa366c55a082d";
constexpr absl::string_view kMetadataEntry = "35657ae44a989847865e4685a7bf8ec2";
constexpr absl::string_view kMetadata = "f3f9eae98e16d544a8eb7f4d8738f6ae";

std::string Little(uint64_t number, size_t width) {
  std::string bytes;
  for (size_t i = 0; i < width; ++i) bytes.push_back(static_cast<char>(number >> (8 * i)));
  return bytes;
}

// One page of the image at its place below 4 GiB.
std::string Section(uint64_t raw_offset, uint64_t type, uint64_t attributes) {
  const uint64_t address = (uint64_t{1} << 32) - kImageBytes + raw_offset;
  return absl::StrCat(Little(raw_offset, 4), Little(kPage, 4), Little(address, 8), Little(kPage, 8),
                      Little(type, 4), Little(attributes, 4));
}

std::string Descriptor() {
  constexpr uint64_t kVariables = 1;
  constexpr uint64_t kFirmware = 0;
  constexpr uint64_t kMeasured = 1;
  const std::string sections =
      absl::StrCat(Section(kImageBytes - kPage, kFirmware, kMeasured), Section(0, kVariables, 0));
  return absl::StrCat("TDVF", Little(16 + sections.size(), 4), Little(1, 4), Little(2, 4),
                      sections);
}

std::string Entry(const std::string& data, absl::string_view guid) {
  return absl::StrCat(data, Little(data.size() + 2 + guid.size() / 2, 2), BytesFromHex(guid));
}

}  // namespace

std::string SimulatedTdxFirmware() {
  std::string image(kImageBytes, '\0');
  const auto put = [&image](size_t at, const std::string& bytes) {
    image.replace(at, bytes.size(), bytes);
  };
  const std::string guid = BytesFromHex(kMetadata);
  put(kDescriptorAt - guid.size(), guid);
  put(kDescriptorAt, Descriptor());
  const std::string entry = Entry(Little(image.size() - kDescriptorAt, 4), kMetadataEntry);
  // The footer's length counts the whole table.
  const std::string table = Entry(entry, kTableFooter);
  put(image.size() - kTableEnd - table.size(), table);
  return image;
}

}  // namespace ccplace
