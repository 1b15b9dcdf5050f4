#include "lib/placement/uuid_v5.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
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

int HexValue(char digit) {
  return absl::ascii_isdigit(digit) ? digit - '0' : absl::ascii_tolower(digit) - 'a' + 10;
}

// absl's own way to do this was replaced by another of the same name since Debian 12's release.
std::string BytesOfHex(absl::string_view digits) {
  std::string bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<char>(HexValue(digits[i]) * 16 + HexValue(digits[i + 1])));
  }
  return bytes;
}

absl::StatusOr<std::string> UuidBytes(absl::string_view text) {
  const std::string digits =
      HasUsualDashes(text) ? absl::StrReplaceAll(text, {{"-", ""}}) : std::string(text);
  const bool is_hex = std::all_of(digits.begin(), digits.end(),
                                  [](unsigned char c) { return absl::ascii_isxdigit(c); });
  if (digits.size() == kHexDigits && is_hex) return BytesOfHex(digits);
  return absl::InvalidArgumentError(
      absl::StrCat("UUID ", Quoted(text), ": must be 32 hex digits, as Placement prints them"));
}

absl::StatusOr<std::string> Sha1(absl::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) {
    return absl::InternalError("OpenSSL offers no SHA-1: UUIDs cannot be made from names");
  }
  return std::string(digest.begin(), digest.begin() + size);
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
  absl::StatusOr<std::string> bytes = Sha1(absl::StrCat(*space, name));
  if (!bytes.ok()) return bytes;
  bytes->resize(kUuidBytes);
  (*bytes)[6] = static_cast<char>(((*bytes)[6] & 0x0f) | 0x50);  // Version 5.
  (*bytes)[8] = static_cast<char>(((*bytes)[8] & 0x3f) | 0x80);  // The RFC's variant.
  return Format(*bytes);
}

}  // namespace ccplace
