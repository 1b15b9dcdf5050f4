#include "lib/measurement/tdvf.h"

#include <algorithm>
#include <array>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/measurement/little_endian.h"
#include "lib/measurement/tdvf_place.h"

namespace ccplace {
namespace {

constexpr size_t kDescriptorBytes = 16;  // Signature, length, version, number of sections.
constexpr size_t kSectionBytes = 32;
constexpr uint32_t kVersion = 1;
constexpr uint32_t kKnownAttributes = 3;
constexpr uint64_t kAddressLimit = uint64_t{1} << 52;  // Most that any x86 processor addresses.

constexpr uint32_t kBfv = 0;
constexpr std::array<const char*, 9> kTypeNames = {"BFV",          "CFV",     "TD_HOB",
                                                   "TempMem",      "PermMem", "Payload",
                                                   "PayloadParam", "TD_INFO", "TD_PARAMS"};

std::string Named(size_t index, const TdvfSection& section) {
  return absl::StrCat("section ", index, " (", TdvfSectionTypeName(section.type), "): ");
}

absl::Status Broken(size_t index, const TdvfSection& section, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(Named(index, section), why));
}

TdvfSection ReadSection(absl::string_view entry) {
  TdvfSection section;
  section.raw_offset = ReadLittle32(entry, 0);
  section.raw_bytes = ReadLittle32(entry, 4);
  section.memory_address = ReadLittle64(entry, 8);
  section.memory_bytes = ReadLittle64(entry, 16);
  section.type = ReadLittle32(entry, 24);
  section.attributes = ReadLittle32(entry, 28);
  return section;
}

absl::Status CheckRaw(size_t index, const TdvfSection& section, size_t image_bytes) {
  if (section.raw_offset > image_bytes || section.raw_bytes > image_bytes - section.raw_offset) {
    return Broken(index, section,
                  absl::StrFormat("its data, %u bytes at %#x, ends after the image's %u bytes",
                                  section.raw_bytes, section.raw_offset, image_bytes));
  }
  if (section.raw_bytes > section.memory_bytes) {
    return Broken(index, section,
                  absl::StrFormat("its data, %u bytes, is larger than its memory, %u bytes",
                                  section.raw_bytes, section.memory_bytes));
  }
  return absl::OkStatus();
}

absl::Status CheckMemory(size_t index, const TdvfSection& section) {
  if (section.memory_address % kTdxPageBytes != 0 || section.memory_bytes % kTdxPageBytes != 0) {
    return Broken(index, section,
                  absl::StrFormat("its memory, %u bytes at %#x, is not in whole pages of %u bytes",
                                  section.memory_bytes, section.memory_address, kTdxPageBytes));
  }
  if (section.memory_bytes == 0) return Broken(index, section, "its memory has no bytes");
  if (section.memory_address >= kAddressLimit ||
      section.memory_bytes > kAddressLimit - section.memory_address) {
    return Broken(index, section,
                  absl::StrFormat("its memory, %u bytes at %#x, ends after address 2^52",
                                  section.memory_bytes, section.memory_address));
  }
  return absl::OkStatus();
}

// Whether the monitor, not the image, decides on the content of such a section (design guide: the
// hand-off block lists the host's memory; payload and its parameters may come from the host).
bool IsFilledByHost(const TdvfSection& section) {
  constexpr uint32_t kTdHob = 2;
  constexpr uint32_t kPayload = 5;
  constexpr uint32_t kPayloadParam = 6;
  if (section.type == kTdHob || section.type >= kTypeNames.size()) return true;
  return section.raw_bytes == 0 && (section.type == kPayload || section.type == kPayloadParam);
}

absl::Status CheckAttributes(size_t index, const TdvfSection& section) {
  if ((section.attributes & ~kKnownAttributes) != 0) {
    return Broken(index, section,
                  absl::StrFormat("attributes %#x; only MR.EXTEND (1) and PAGE.AUG (2) are known",
                                  section.attributes));
  }
  if (section.measured() && section.augmented()) {
    return Broken(index, section, "memory that the guest accepts itself cannot be measured");
  }
  if (section.measured() && IsFilledByHost(section)) {
    return Broken(index, section, "measured, and its content is not in the image");
  }
  return absl::OkStatus();
}

absl::Status CheckSection(size_t index, const TdvfSection& section, size_t image_bytes) {
  absl::Status status = CheckMemory(index, section);
  if (status.ok()) status = CheckRaw(index, section, image_bytes);
  if (status.ok()) status = CheckAttributes(index, section);
  return status;
}

// A page is added once (TDH.MEM.PAGE.ADD fails on one that is there).
absl::Status CheckOverlaps(const std::vector<TdvfSection>& sections) {
  std::vector<size_t> order(sections.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return sections[a].memory_address < sections[b].memory_address;
  });
  for (size_t i = 1; i < order.size(); ++i) {
    const TdvfSection& below = sections[order[i - 1]];
    const TdvfSection& above = sections[order[i]];
    if (above.memory_address - below.memory_address < below.memory_bytes) {
      return Broken(order[i], above,
                    absl::StrFormat("its memory at %#x overlaps that of section %u, %u bytes at "
                                    "%#x",
                                    above.memory_address, order[i - 1], below.memory_bytes,
                                    below.memory_address));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckTogether(const std::vector<TdvfSection>& sections) {
  uint64_t added_bytes = 0;
  bool has_bfv = false;
  for (size_t i = 0; i < sections.size(); ++i) {
    has_bfv = has_bfv || sections[i].type == kBfv;
    if (sections[i].augmented()) continue;
    if (sections[i].memory_bytes > kTdvfAddedLimitBytes - added_bytes) {
      return Broken(i, sections[i],
                    absl::StrFormat("with its memory of %u bytes, more than %u bytes are added "
                                    "before the start",
                                    sections[i].memory_bytes, kTdvfAddedLimitBytes));
    }
    added_bytes += sections[i].memory_bytes;
  }
  if (!has_bfv) return absl::InvalidArgumentError("no section is the boot firmware volume (BFV)");
  return CheckOverlaps(sections);
}

absl::Status CheckDescriptor(uint32_t length, uint32_t version, uint32_t count) {
  if (version != kVersion) {
    return absl::InvalidArgumentError(
        absl::StrCat("TDX metadata of version ", version, "; only version 1 is known"));
  }
  if (count == 0 || count > kTdvfSectionLimit) {
    return absl::InvalidArgumentError(absl::StrCat("TDX metadata of ", count, " sections; 1 to ",
                                                   kTdvfSectionLimit, " are accepted"));
  }
  if (length != kDescriptorBytes + count * kSectionBytes) {
    return absl::InvalidArgumentError(absl::StrCat("TDX metadata of ", length, " bytes; ", count,
                                                   " sections take ",
                                                   kDescriptorBytes + count * kSectionBytes));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<TdvfSection>> ReadSections(absl::string_view image, size_t at) {
  const absl::string_view metadata = image.substr(at);
  if (metadata.size() < kDescriptorBytes || metadata.substr(0, 4) != "TDVF") {
    return absl::InvalidArgumentError(
        absl::StrFormat("no TDX metadata (signature TDVF) at offset %#x, where the image says it "
                        "is",
                        at));
  }
  const uint32_t length = ReadLittle32(metadata, 4);
  const uint32_t count = ReadLittle32(metadata, 12);
  const absl::Status status = CheckDescriptor(length, ReadLittle32(metadata, 8), count);
  if (!status.ok()) return status;
  if (length > metadata.size()) {
    return absl::InvalidArgumentError(absl::StrCat("TDX metadata of ", length,
                                                   " bytes ends after the image; ", metadata.size(),
                                                   " bytes are left"));
  }
  std::vector<TdvfSection> sections;
  for (uint32_t i = 0; i < count; ++i) {
    sections.push_back(ReadSection(metadata.substr(kDescriptorBytes + i * kSectionBytes)));
  }
  return sections;
}

}  // namespace

std::string TdvfSectionTypeName(uint32_t type) {
  return type < kTypeNames.size() ? kTypeNames[type] : absl::StrCat("type ", type);
}

absl::StatusOr<Tdvf> ParseTdvf(absl::string_view image) {
  const absl::StatusOr<TdvfPlace> place = FindTdvfMetadata(image);
  if (!place.ok()) return place.status();
  absl::StatusOr<std::vector<TdvfSection>> sections = ReadSections(image, place->offset);
  if (!sections.ok()) return sections.status();
  for (size_t i = 0; i < sections->size(); ++i) {
    const absl::Status status = CheckSection(i, (*sections)[i], image.size());
    if (!status.ok()) return status;
  }
  const absl::Status status = CheckTogether(*sections);
  if (!status.ok()) return status;
  return Tdvf{place->origin, *std::move(sections)};
}

}  // namespace ccplace
