#include "lib/measurement/mrtd.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "lib/base/digest.h"
#include "lib/measurement/little_endian.h"

namespace ccplace {
namespace {

// Intel TDX Module Base Architecture Specification, "Measurement of the Initial Contents of the
// TD": TDH.MEM.PAGE.ADD hashes 128 bytes (its name at 0, the guest address at 16, zeroes);
// TDH.MR.EXTEND the same with its own name, and then 256 bytes of the page.
constexpr size_t kRecordBytes = 128;
constexpr size_t kAddressAt = 16;
constexpr size_t kChunkBytes = 256;
constexpr size_t kExtendBytes = kRecordBytes + kChunkBytes;
constexpr size_t kChunks = kTdxPageBytes / kChunkBytes;
constexpr size_t kPageRecordsBytes = kRecordBytes + kChunks * kExtendBytes;
constexpr absl::string_view kPageAdd = "MEM.PAGE.ADD";
constexpr absl::string_view kExtend = "MR.EXTEND";

// What is hashed of one page, made in place so that each page costs one call of OpenSSL.
class MrtdDigest {
 public:
  MrtdDigest() {
    std::memcpy(records_.data(), kPageAdd.data(), kPageAdd.size());
    for (size_t chunk = 0; chunk < kChunks; ++chunk) {
      std::memcpy(ExtendRecord(chunk), kExtend.data(), kExtend.size());
    }
  }

  void AddPage(uint64_t address) {
    WriteLittle64(address, records_.data() + kAddressAt);
    digest_.Add({records_.data(), kRecordBytes});
  }

  // `content`: at most a page; what is missing is zero.
  void ExtendPage(uint64_t address, absl::string_view content) {
    SetContent(address, content);
    digest_.Add({records_.data() + kRecordBytes, kPageRecordsBytes - kRecordBytes});
  }

  void AddAndExtendPage(uint64_t address, absl::string_view content) {
    WriteLittle64(address, records_.data() + kAddressAt);
    SetContent(address, content);
    digest_.Add({records_.data(), kPageRecordsBytes});
  }

  absl::StatusOr<std::string> Finish() { return digest_.Finish(); }

 private:
  char* ExtendRecord(size_t chunk) { return records_.data() + kRecordBytes + chunk * kExtendBytes; }

  void SetContent(uint64_t address, absl::string_view content) {
    for (size_t chunk = 0; chunk < kChunks; ++chunk) {
      const absl::string_view piece = content.substr(0, kChunkBytes);
      content.remove_prefix(piece.size());
      char* const record = ExtendRecord(chunk);
      WriteLittle64(address + chunk * kChunkBytes, record + kAddressAt);
      std::copy(piece.begin(), piece.end(), record + kRecordBytes);
      std::fill(record + kRecordBytes + piece.size(), record + kExtendBytes, '\0');
    }
  }

  Digest digest_{DigestAlgorithm::kSha384};
  std::array<char, kPageRecordsBytes> records_ = {};
};

// The part of the section's data that lies in its page `page`.
absl::string_view PageContent(absl::string_view raw, uint64_t page) {
  const uint64_t at = page * kTdxPageBytes;
  return at < raw.size() ? raw.substr(at, kTdxPageBytes) : absl::string_view();
}

void MeasureInOnePass(MrtdDigest& digest, const TdvfSection& section, absl::string_view raw) {
  for (uint64_t page = 0; page < section.memory_bytes / kTdxPageBytes; ++page) {
    const uint64_t address = section.memory_address + page * kTdxPageBytes;
    if (section.measured()) {
      digest.AddAndExtendPage(address, PageContent(raw, page));
    } else {
      digest.AddPage(address);
    }
  }
}

void MeasureInTwoPasses(MrtdDigest& digest, const TdvfSection& section, absl::string_view raw) {
  const uint64_t pages = section.memory_bytes / kTdxPageBytes;
  for (uint64_t page = 0; page < pages; ++page) {
    digest.AddPage(section.memory_address + page * kTdxPageBytes);
  }
  if (!section.measured()) return;
  for (uint64_t page = 0; page < pages; ++page) {
    digest.ExtendPage(section.memory_address + page * kTdxPageBytes, PageContent(raw, page));
  }
}

}  // namespace

absl::StatusOr<std::string> ComputeMrtd(absl::string_view image, const Tdvf& tdvf,
                                        MrtdOrder order) {
  MrtdDigest digest;
  for (const TdvfSection& section : tdvf.sections) {
    if (section.augmented()) continue;
    const absl::string_view raw = image.substr(section.raw_offset, section.raw_bytes);
    if (order == MrtdOrder::kSinglePass) {
      MeasureInOnePass(digest, section, raw);
    } else {
      MeasureInTwoPasses(digest, section, raw);
    }
  }
  return digest.Finish();
}

absl::StatusOr<std::string> MrtdOfImage(absl::string_view image) {
  const absl::StatusOr<Tdvf> tdvf = ParseTdvf(image);
  if (!tdvf.ok()) return tdvf.status();
  return ComputeMrtd(image, *tdvf);
}

}  // namespace ccplace
