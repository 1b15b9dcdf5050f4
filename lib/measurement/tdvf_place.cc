#include "lib/measurement/tdvf_place.h"

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/measurement/little_endian.h"

namespace ccplace {
namespace {

constexpr size_t kGuidBytes = 16;
// An entry of OVMF's table ends with its length (with this trailer) and its GUID, and is read
// backwards from the table's footer, which lies 32 bytes before the image's end (edk2,
// OvmfPkg/ResetVector/Ia16/ResetVectorVtf0.asm).
constexpr size_t kTrailerBytes = 2 + kGuidBytes;
constexpr size_t kTableEndBytes = 32;
// td-shim: a 32-bit offset from the image's start, so many bytes before its end.
constexpr size_t kTdShimBytes = 32;

// As they lie in memory: the first three fields of a GUID are little-endian.
// 96b582de-1fb2-45f7-baea-a366c55a082d
constexpr absl::string_view kTableFooter(
    "\xde\x82\xb5\x96\xb2\x1f\xf7\x45\xba\xea\xa3\x66\xc5\x5a\x08\x2d", kGuidBytes);
// e47a6535-984a-4798-865e-4685a7bf8ec2
constexpr absl::string_view kMetadataEntry(
    "\x35\x65\x7a\xe4\x4a\x98\x98\x47\x86\x5e\x46\x85\xa7\xbf\x8e\xc2", kGuidBytes);
// e9eaf9f3-168e-44d5-a8eb-7f4d8738f6ae: before the descriptor itself.
constexpr absl::string_view kMetadataGuid(
    "\xf3\xf9\xea\xe9\x8e\x16\xd5\x44\xa8\xeb\x7f\x4d\x87\x38\xf6\xae", kGuidBytes);

absl::Status NotTdvf(absl::string_view why) {
  return absl::FailedPreconditionError(absl::StrCat("not a TDVF: ", why));
}

// The data of the entry that names the metadata's offset; `table` ends where its footer begins.
absl::StatusOr<absl::string_view> FindEntry(absl::string_view table) {
  while (table.size() >= kTrailerBytes) {
    const size_t trailer = table.size() - kTrailerBytes;
    const size_t length = ReadLittle16(table, trailer);
    if (length < kTrailerBytes || length > table.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("an entry of ", length, " bytes in the table of GUIDed entries; ",
                       kTrailerBytes, " to ", table.size(), " bytes are possible there"));
    }
    if (table.substr(trailer + 2) == kMetadataEntry) {
      return table.substr(table.size() - length, length - kTrailerBytes);
    }
    table.remove_suffix(length);
  }
  return NotTdvf("its table of GUIDed entries names no TDX metadata");
}

absl::StatusOr<TdvfPlace> PlaceOfEntry(absl::string_view image, absl::string_view data) {
  if (data.size() != 4) {
    return absl::InvalidArgumentError(absl::StrCat("the entry for TDX metadata holds ", data.size(),
                                                   " bytes; an offset takes 4"));
  }
  const uint32_t from_end = ReadLittle32(data, 0);
  if (from_end == 0 || from_end > image.size()) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "TDX metadata %u bytes before the end of an image of %u bytes", from_end, image.size()));
  }
  return TdvfPlace{TdvfOrigin::kOvmfTable, image.size() - from_end};
}

// Nothing where the image has no such table.
std::optional<absl::StatusOr<TdvfPlace>> FindByTable(absl::string_view image) {
  absl::string_view table = image.substr(0, image.size() - kTableEndBytes);
  if (table.size() < kTrailerBytes || !absl::EndsWith(table, kTableFooter)) return std::nullopt;
  const size_t length = ReadLittle16(table, table.size() - kTrailerBytes);
  if (length < kTrailerBytes || length > table.size()) {
    return absl::InvalidArgumentError(absl::StrCat("a table of GUIDed entries of ", length,
                                                   " bytes; ", kTrailerBytes, " to ", table.size(),
                                                   " bytes are possible"));
  }
  table = table.substr(table.size() - length, length - kTrailerBytes);
  const absl::StatusOr<absl::string_view> data = FindEntry(table);
  if (!data.ok()) return data.status();
  return PlaceOfEntry(image, *data);
}

std::optional<TdvfPlace> FindByTdShimOffset(absl::string_view image) {
  const size_t offset = ReadLittle32(image, image.size() - kTdShimBytes);
  if (offset < kGuidBytes || offset >= image.size()) return std::nullopt;
  if (image.substr(offset - kGuidBytes, kGuidBytes) != kMetadataGuid) return std::nullopt;
  return TdvfPlace{TdvfOrigin::kTdShimOffset, offset};
}

}  // namespace

absl::StatusOr<TdvfPlace> FindTdvfMetadata(absl::string_view image) {
  if (image.size() > kTdvfImageLimitBytes) {
    return absl::InvalidArgumentError(absl::StrCat("an image of ", image.size(), " bytes; at most ",
                                                   kTdvfImageLimitBytes, " are accepted"));
  }
  if (absl::StartsWith(image, "IGVM")) {
    return NotTdvf("an IGVM file, whose directives decide on its measurement");
  }
  if (image.size() < kTableEndBytes) return NotTdvf("too short to hold TDX metadata");
  if (auto by_table = FindByTable(image)) return *std::move(by_table);
  if (const auto by_offset = FindByTdShimOffset(image)) return *by_offset;
  return NotTdvf("it holds no TDX metadata");
}

}  // namespace ccplace
