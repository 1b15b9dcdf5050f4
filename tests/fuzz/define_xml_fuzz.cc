// Whatever trust domain is asked for: it is refused, or its XML parses, holds exactly one
// launchSecurity, and every string of the caller comes back out unchanged where it belongs.
#include <fuzzer/FuzzedDataProvider.h>

#include <string>

#include "lib/domain/domain_xml.h"
#include "tests/fuzz/expect.h"
#include "tests/support/faithful_xml.h"

namespace {

using ccplace::fuzz::Expect;
using ccplace::v1::DefineTdxDomainRequest;
using google::protobuf::FieldDescriptor;

const char* const kPieces[] = {"'",
                               "\"",
                               "<",
                               ">",
                               "&",
                               "]]>",
                               "<!--",
                               "&amp;",
                               "\n",
                               "\x01",
                               "\xC3\xA9",
                               "../",
                               "/var",
                               "<a b='c'>",
                               "%s",
                               "a",
                               "0",
                               "A",
                               "</owner><owner>",
                               "'/><launchSecurity type='none'/>"};

std::string Text(FuzzedDataProvider& data, const std::string& good) {
  switch (data.ConsumeIntegralInRange<int>(0, 3)) {
    case 0:
      return data.ConsumeRandomLengthString(64);
    case 1:
      return good + data.PickValueInArray(kPieces);
    case 2:
      return data.PickValueInArray(kPieces) + good;
    default:
      return "";
  }
}

std::string Bytes(FuzzedDataProvider& data) {
  std::string bytes = data.ConsumeBytesAsString(48);
  if (data.ConsumeBool()) bytes.resize(48);
  return bytes;
}

void ChangeString(FuzzedDataProvider& data, DefineTdxDomainRequest& request) {
  const auto places = ccplace::TextsOf(request);
  const auto& [message, field] = places[data.ConsumeIntegralInRange<size_t>(0, places.size() - 1)];
  const auto& reflection = *message->GetReflection();
  reflection.SetString(message, field,
                       field->type() == FieldDescriptor::TYPE_BYTES
                           ? Bytes(data)
                           : Text(data, reflection.GetString(*message, field)));
}

template <typename List>
void Shuffle(FuzzedDataProvider& data, List& list) {
  list.SwapElements(0, data.ConsumeIntegralInRange<int>(0, list.size() - 1));
  const int left = data.ConsumeIntegralInRange<int>(0, list.size());
  while (list.size() > left) list.RemoveLast();
}

DefineTdxDomainRequest Build(FuzzedDataProvider& data) {
  // Reading it from its text takes longer than all that is done with it.
  static const auto* const whole = new DefineTdxDomainRequest(ccplace::RequestWithEveryText());
  DefineTdxDomainRequest request = *whole;
  for (int i = data.ConsumeIntegralInRange<int>(0, 3); i > 0; --i) ChangeString(data, request);
  auto& spec = *request.mutable_domain();
  if (data.ConsumeBool()) spec.set_vcpus(data.ConsumeIntegralInRange<uint32_t>(0, 1100));
  if (data.ConsumeBool()) spec.set_memory_mib(data.ConsumeIntegralInRange<uint64_t>(0, 20000000));
  for (auto& disk : *spec.mutable_disks()) {
    if (!data.ConsumeBool()) continue;
    disk.set_bus(static_cast<ccplace::v1::DiskBus>(data.ConsumeIntegralInRange<int>(0, 3)));
    disk.set_format(static_cast<ccplace::v1::DiskFormat>(data.ConsumeIntegralInRange<int>(0, 3)));
    disk.set_queues(data.ConsumeIntegralInRange<uint32_t>(0, 300));
  }
  for (auto& interface : *spec.mutable_interfaces()) {
    if (data.ConsumeBool()) interface.set_mtu(data.ConsumeIntegralInRange<uint32_t>(0, 70000));
  }
  if (data.ConsumeBool()) Shuffle(data, *spec.mutable_disks());
  if (data.ConsumeBool()) Shuffle(data, *spec.mutable_interfaces());
  return request;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  FuzzedDataProvider data(bytes, size);
  DefineTdxDomainRequest request = Build(data);
  const bool accepted = ccplace::ValidateDomainSpec(request).ok();
  // No bytes ask for RequestWithEveryText as it is: were that refused, little would be looked at.
  Expect(accepted || size > 0);
  if (!accepted) return 0;
  ccplace::DomainPolicy policy;
  policy.machine_type = request.domain().machine_type();
  if (policy.machine_type.empty()) policy.machine_type = "q35";
  policy.quote_service_path = request.launch().quote_service_path();
  policy.defined_at = "2026-01-01T00:00:00Z";
  const auto xml = ccplace::BuildDomainXml(request, policy);
  Expect(xml.ok());
  Expect(ccplace::FaultsOfXml(request, *xml).empty());
  const auto read = ccplace::ReadDomainXml(*xml);
  Expect(read.ok() && read->name == request.domain().name());
  return 0;
}
