#include "server/auth/revocations.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "lib/base/text.h"
#include "server/auth/role.h"

namespace ccplace {
namespace {

constexpr absl::string_view kSerialPrefix = "serial:";
constexpr absl::string_view kAddressPrefix = "ip:";
constexpr absl::string_view kOpensslAddressPrefix = "ip address:";
// RFC 5280, section 4.1.2.2: 20 bytes at most.
constexpr size_t kSerialDigits = 40;

bool IsHexadecimal(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return absl::ascii_isxdigit(c); });
}

std::string SerialEntry(absl::string_view digits) {
  const size_t first = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  return absl::AsciiStrToLower(absl::StrCat(kSerialPrefix, digits.substr(first)));
}

// The one way to write an address that is written in so many; nothing: it is no address.
std::optional<std::string> CanonicalAddress(const std::string& text) {
  for (const int family : {AF_INET, AF_INET6}) {
    in6_addr address = {};
    std::array<char, INET6_ADDRSTRLEN> canonical = {};
    if (inet_pton(family, text.c_str(), &address) != 1) continue;
    if (inet_ntop(family, &address, canonical.data(), canonical.size()) == nullptr) continue;
    return std::string(canonical.data());
  }
  return std::nullopt;
}

// A subject alternative name in the one form that is compared. Empty: no certificate has it.
std::string NameEntry(absl::string_view name) {
  std::string entry = absl::AsciiStrToLower(name);
  // As openssl(1) prints that kind.
  if (absl::StartsWith(entry, kOpensslAddressPrefix)) {
    entry = absl::StrCat(kAddressPrefix, entry.substr(kOpensslAddressPrefix.size()));
  }
  if (entry == "*" || !IsCertificateName(entry)) return "";
  if (absl::StartsWith(entry, kAddressPrefix)) {
    const auto address = CanonicalAddress(entry.substr(kAddressPrefix.size()));
    return address.has_value() ? absl::StrCat(kAddressPrefix, *address) : "";
  }
  // The root's dot may end a host's name, and means nothing.
  if (absl::StartsWith(entry, "dns:")) entry.erase(entry.find_last_not_of('.') + 1);
  return IsCertificateName(entry) ? entry : "";
}

// What `line` revokes. Empty: nothing that could be meant.
std::string EntryOf(absl::string_view line) {
  if (!absl::StartsWithIgnoreCase(line, kSerialPrefix)) return NameEntry(line);
  const std::string digits =
      absl::StrReplaceAll(line.substr(kSerialPrefix.size()), {{":", ""}, {" ", ""}});
  return IsHexadecimal(digits) && digits.size() <= kSerialDigits ? SerialEntry(digits) : "";
}

absl::Status Unclear(int number, absl::string_view line) {
  return absl::InvalidArgumentError(absl::StrCat(
      "line ", number, ": ", Quoted(line), " names no certificate; give serial:HEX, or a name as ",
      "dns:NAME, uri:URI, ip:ADDRESS or email:ADDRESS"));
}

}  // namespace

absl::StatusOr<Revocations> Revocations::Parse(absl::string_view text) {
  Revocations parsed;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    // A URI may have a "#" in it: a remark begins its line, or follows a blank.
    const size_t remark = absl::StartsWith(line, "#") ? 0 : line.find(" #");
    line = absl::StripAsciiWhitespace(line.substr(0, remark));
    if (line.empty()) continue;
    std::string entry = EntryOf(line);
    if (entry.empty()) return Unclear(number, line);
    parsed.entries_.insert(std::move(entry));
  }
  return parsed;
}

bool Revocations::HasSerial(absl::string_view serial) const {
  return !serial.empty() && entries_.count(SerialEntry(serial)) > 0;
}

const std::string* Revocations::FindName(const std::vector<std::string>& names) const {
  const auto found = std::find_if(names.begin(), names.end(), [this](const std::string& name) {
    return entries_.count(NameEntry(name)) > 0;
  });
  return found == names.end() ? nullptr : &*found;
}

Revocations Revocations::Plus(const Revocations& other) const {
  Revocations both = *this;
  both.entries_.insert(other.entries_.begin(), other.entries_.end());
  return both;
}

}  // namespace ccplace
