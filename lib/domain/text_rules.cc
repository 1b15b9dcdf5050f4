#include "lib/domain/text_rules.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/base/number.h"
#include "lib/base/uuid.h"
#include "lib/domain/xml_writer.h"

namespace ccplace {
namespace {

// Whether `text` is made of letters, digits and the characters in `others`.
bool IsMadeOf(absl::string_view text, absl::string_view others) {
  return std::all_of(text.begin(), text.end(), [others](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains(others, c);
  });
}

bool IsLowerHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool IsName(absl::string_view text) {
  return IsMadeOf(text, "_-.") && absl::ascii_isalnum(static_cast<unsigned char>(text[0]));
}

bool IsPlainName(absl::string_view text) { return IsMadeOf(text, "_-."); }

// Distributions put names for numbers: "pc-q35-rhel9.4.0", "pc-q35-noble".
bool IsMachineType(absl::string_view text) {
  if (text == "q35") return true;
  return absl::ConsumePrefix(&text, "pc-q35-") && !text.empty() && IsMadeOf(text, "_-.");
}

// "3" or "0-3". libvirt's own limit (VIR_DOMAIN_CPUMASK_LEN, src/conf/domain_conf.h) is 16384.
bool IsNumberRange(absl::string_view text) {
  constexpr uint64_t kLimit = 16384;
  const std::pair<absl::string_view, absl::string_view> ends =
      absl::StrSplit(text, absl::MaxSplits('-', 1));
  const std::optional<uint64_t> first = ParseDecimal(ends.first);
  if (!absl::StrContains(text, '-')) return first.has_value() && *first < kLimit;
  const std::optional<uint64_t> last = ParseDecimal(ends.second);
  return first.has_value() && last.has_value() && *first <= *last && *last < kLimit;
}

bool IsNumberList(absl::string_view text) {
  const auto ranges = absl::StrSplit(text, ',');
  return std::all_of(ranges.begin(), ranges.end(), IsNumberRange);
}

bool IsAbsolutePath(absl::string_view text) {
  return text[0] == '/' && text.size() > 1 && IsXmlText(text);
}

// libvirt throws away, without a word, a stated name that looks like one of those it makes itself.
bool IsTargetDevice(absl::string_view text) {
  return IsName(text) && !absl::StartsWith(text, "vnet");
}

// Unicast, so that the group bit is 0 (IEEE 802, bit 0 of the first byte); not zero; not 0xFE
// first, which libvirt keeps for the host's end.
bool IsMac(absl::string_view text) {
  constexpr absl::string_view kShape = "xx:xx:xx:xx:xx:xx";
  const std::string lower = absl::AsciiStrToLower(text);
  const bool shaped =
      std::equal(lower.begin(), lower.end(), kShape.begin(), kShape.end(),
                 [](char c, char shape) { return shape == ':' ? c == ':' : IsLowerHex(c); });
  return shaped && absl::StrContains("02468ace", lower[1]) && lower != "00:00:00:00:00:00" &&
         !absl::StartsWith(lower, "fe:");
}

bool IsHostName(absl::string_view text) {
  if (!absl::StrContains(text, ':')) return IsMadeOf(text, ".-") && text[0] != '-';
  in6_addr address;
  return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

// RFC 3721, section 1.1; "_" is not in it but occurs.
bool IsIscsiTarget(absl::string_view text) {
  const bool typed = absl::StartsWith(text, "iqn.") || absl::StartsWith(text, "eui.") ||
                     absl::StartsWith(text, "naa.");
  return typed && text.size() > 4 && IsMadeOf(text, ".-:_");
}

// The alphabet of libvirt's schema (genericName), which takes no other.
bool IsUserName(absl::string_view text) { return IsMadeOf(text, "_+-"); }

bool IsSerial(absl::string_view text) { return IsMadeOf(text, "_-"); }

}  // namespace

const TextRule kUuidText = {36, "a lower-case UUID as \"5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3d\"",
                            IsUuid};
const TextRule kDomainNameText = {
    64, "letters, digits, \"_\", \"-\" and \".\", a letter or a digit first", IsName};
const TextRule kMachineTypeText = {64, "\"q35\" or \"pc-q35-<version>\"", IsMachineType};
const TextRule kPrintableText = {255, "printable UTF-8", IsXmlText};
const TextRule kCpuListText = {255, "numbers and rising ranges below 16384, as \"0-3,8\"",
                               IsNumberList};
const TextRule kFilePathText = {4096, "an absolute path in printable UTF-8", IsAbsolutePath};
// sun_path less its terminator (Linux, unix(7)).
const TextRule kSocketPathText = {107, "an absolute path in printable UTF-8", IsAbsolutePath};
// IFNAMSIZ less its terminator (Linux, include/uapi/linux/if.h).
const TextRule kNetworkDeviceText = {
    15, "letters, digits, \"_\", \"-\" and \".\", a letter or a digit first", IsName};
const TextRule kTargetDeviceText = {
    15, "letters, digits, \"_\", \"-\" and \".\", a letter or a digit first, \"vnet\" not in front",
    IsTargetDevice};
const TextRule kNetworkNameText = {64, "letters, digits, \"_\", \"-\" and \".\"", IsPlainName};
const TextRule kMacText = {
    17, "a unicast MAC address as \"52:54:00:12:34:56\", not zero, not \"fe\" first", IsMac};
const TextRule kHostNameText = {253, "a DNS name, an IPv4 or an IPv6 address without brackets",
                                IsHostName};
const TextRule kRbdNameText = {128, "letters, digits, \"_\", \"-\" and \".\"", IsPlainName};
const TextRule kIscsiTargetText = {
    223, "\"iqn.\", \"eui.\" or \"naa.\" and then letters, digits, \".\", \"-\", \":\" and \"_\"",
    IsIscsiTarget};
const TextRule kUserNameText = {128, "letters, digits, \"_\", \"+\" and \"-\"", IsUserName};
const TextRule kSerialText = {20, "letters, digits, \"_\" and \"-\"", IsSerial};

}  // namespace ccplace
