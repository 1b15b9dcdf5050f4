#include "lib/placement/uuid_v5.h"

#include <algorithm>
#include <array>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "lib/base/digest.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

constexpr size_t kHexDigits = 32;
constexpr size_t kUuidBytes = 16;
constexpr std::array<size_t, 4> kDashes = {8, 13, 18, 23};

bool HasUsualDashes(absl::string_view text) {
  return text.size() == kHexDigits + kDashes.size() &&
         std::all_of(kDashes.begin(), kDashes.end(),
                     [text](size_t position) { return text[position] == '-'; });
}

absl::StatusOr<std::string> UuidBytes(absl::string_view text) {
  const std::string digits =
      HasUsualDashes(text) ? absl::StrReplaceAll(text, {{"-", ""}}) : std::string(text);
  std::string bytes = BytesFromHex(digits);
  if (bytes.size() == kUuidBytes) return bytes;
  return absl::InvalidArgumentError(
      absl::StrCat("UUID ", Quoted(text), ": must be 32 hex digits, as Placement prints them"));
}

std::string Format(absl::string_view bytes) {
  std::string text = absl::BytesToHexString(bytes);
  for (const size_t position : kDashes) text.insert(position, 1, '-');
  return text;
}

}  // namespace

absl::StatusOr<std::string> UuidV5(absl::string_view namespace_uuid, absl::string_view name) {
  const absl::StatusOr<std::string> space = UuidBytes(namespace_uuid);
  if (!space.ok()) return space.status();
  absl::StatusOr<std::string> bytes = DigestOf(DigestAlgorithm::kSha1, absl::StrCat(*space, name));
  if (!bytes.ok()) return bytes;
  bytes->resize(kUuidBytes);
  (*bytes)[6] = static_cast<char>(((*bytes)[6] & 0x0f) | 0x50);  // Version 5.
  (*bytes)[8] = static_cast<char>(((*bytes)[8] & 0x3f) | 0x80);  // The RFC's variant.
  return Format(*bytes);
}

}  // namespace ccplace
