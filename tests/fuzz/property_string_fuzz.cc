// Whatever properties the older clients print as "k='v', k2='v2'": they are read back as they were,
// and any other text is read or refused in words.
#include <fuzzer/FuzzedDataProvider.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/ctl/input/openstack_json.h"
#include "tests/fuzz/expect.h"

namespace {

using ccplace::fuzz::Expect;
using Properties = std::map<std::string, std::string>;

const char* const kKeys[] = {"a", "hw:mem_encryption", "hw_firmware_type", "trait:CUSTOM_A", "x.y"};
const char* const kPieces[] = {"true", "'", "', ", "', a", "=", ",", " ", "\"", "\n", "\xC3\xA9"};

std::string Value(FuzzedDataProvider& data) {
  std::string value;
  for (int i = data.ConsumeIntegralInRange<int>(0, 5); i > 0; --i) {
    value += data.PickValueInArray(kPieces);
  }
  return value;
}

// As osc_lib's format_dict does.
std::string Format(const Properties& properties) {
  return absl::StrJoin(properties, ", ", [](std::string* out, const auto& entry) {
    absl::StrAppend(out, entry.first, "='", entry.second, "'");
  });
}

// The one text that reads as two things: a value that holds the end of an entry and another's key.
bool IsAmbiguous(const std::string& value) {
  for (size_t at = value.find("', "); at != std::string::npos; at = value.find("', ", at + 1)) {
    const size_t end = value.find_first_of("= ,'\n\xC3", at + 3);
    if (end != std::string::npos && value[end] == '=' && end > at + 3) return true;
  }
  return false;
}

void CheckRoundTrip(FuzzedDataProvider& data) {
  Properties properties;
  while (data.remaining_bytes() > 0 && properties.size() < std::size(kKeys)) {
    const std::string value = Value(data);
    if (!IsAmbiguous(value)) properties[data.PickValueInArray(kKeys)] = value;
  }
  const auto read = ccplace::ctl::ParsePropertyString(Format(properties));
  Expect(read.ok() && *read == properties);
}

void CheckRaw(const std::string& text) {
  const auto read = ccplace::ctl::ParsePropertyString(text);
  if (!read.ok()) ccplace::fuzz::ExpectSaysWhy(read.status());
  const auto device = ccplace::ctl::ParseBlockDeviceOption(text);
  if (!device.ok()) return ccplace::fuzz::ExpectSaysWhy(device.status());
  ccplace::v1::BlockDevice arrived;
  Expect(arrived.ParseFromString(device->SerializeAsString()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  CheckRaw(std::string(reinterpret_cast<const char*>(bytes), size));
  FuzzedDataProvider data(bytes, size);
  CheckRoundTrip(data);
  return 0;
}
