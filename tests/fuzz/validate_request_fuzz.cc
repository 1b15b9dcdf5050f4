// Whatever flavor and image are asked about: the bounds refuse, or the rules give one whole
// verdict, and no request that speaks of encryption in an unclear way passes for one that does not.
#include <fuzzer/FuzzedDataProvider.h>

#include <cstdlib>
#include <string>

#include "absl/strings/ascii.h"
#include "lib/request/rules.h"
#include "lib/request/settings.h"

namespace {

using ccplace::v1::ValidateRequestRequest;
using ccplace::v1::ValidateRequestResponse;

// Beside those that the rules know by name.
const char* const kOtherKeys[] = {"trait:HW_CPU_X86_INTEL_TDX",
                                  "trait:HW_CPU_X86_AMD_SEV",
                                  "trait_a:CUSTOM_A",
                                  "resources:MEM_ENCRYPTION_CONTEXT",
                                  "resources1:VCPU",
                                  "resources:CUSTOM_A",
                                  "group_policy",
                                  "hw:mem_encryption_tdx",
                                  "hw:mem_encryptoin",
                                  "hw_firmware_typ",
                                  "HW_MEM_ENCRYPTION"};
const char* const kValues[] = {"true",
                               "True ",
                               "no",
                               "enabled",
                               "",
                               "intel-tdx",
                               "amd-sev",
                               "amd-sev-es",
                               "amd-sev-snp",
                               "Intel-TDX",
                               "uefi",
                               "bios",
                               "q35",
                               "pc-q35-9.2",
                               "pc",
                               "none",
                               "virtio",
                               "scsi",
                               "virtio-scsi",
                               "ide",
                               "required",
                               "forbidden",
                               "optional",
                               "disabled",
                               "dedicated",
                               "shared",
                               "isolate",
                               "large",
                               "1GB",
                               "2048",
                               "0",
                               "1",
                               "-1",
                               "socket",
                               "emulate",
                               "prefer",
                               "18446744073709551616"};

std::string Text(FuzzedDataProvider& data, size_t count, const char* (*known)(size_t)) {
  const auto choice = data.ConsumeIntegralInRange<size_t>(0, count);
  return choice == count ? data.ConsumeRandomLengthString(300) : known(choice);
}

std::string Key(FuzzedDataProvider& data) {
  const auto known = ccplace::rules::KnownKeys();
  if (data.ConsumeBool()) {
    return std::string(known[data.ConsumeIntegralInRange<size_t>(0, known.size() - 1)].name);
  }
  return Text(data, std::size(kOtherKeys), [](size_t i) { return kOtherKeys[i]; });
}

std::string Value(FuzzedDataProvider& data) {
  return Text(data, std::size(kValues), [](size_t i) { return kValues[i]; });
}

void AddDevice(FuzzedDataProvider& data, ValidateRequestRequest& request) {
  auto& device = *request.add_block_devices();
  device.set_disk_bus(Value(data));
  if (data.ConsumeBool()) device.set_device_type(Value(data));
  if (data.ConsumeBool()) {
    device.set_boot_index(data.ConsumeBool() ? "0" : data.ConsumeRandomLengthString(8));
  }
}

void SetSizes(FuzzedDataProvider& data, ccplace::v1::Flavor& flavor) {
  flavor.set_vcpus(data.ConsumeIntegral<uint32_t>());
  flavor.set_memory_mib(data.ConsumeIntegral<uint64_t>());
  flavor.set_disk_gib(data.ConsumeIntegral<uint64_t>());
}

ValidateRequestRequest Build(FuzzedDataProvider& data) {
  ValidateRequestRequest request;
  while (data.remaining_bytes() > 0) {
    switch (data.ConsumeIntegralInRange<int>(0, 6)) {
      case 0:
        (*request.mutable_flavor()->mutable_extra_specs())[Key(data)] = Value(data);
        break;
      case 1:
        (*request.mutable_image()->mutable_properties())[Key(data)] = Value(data);
        break;
      case 2:
        AddDevice(data, request);
        break;
      case 3:
        SetSizes(data, *request.mutable_flavor());
        break;
      case 4:
        request.mutable_image()->set_status(data.ConsumeBool() ? "queued" : Value(data));
        break;
      case 5:
        request.set_dialect(
            static_cast<ccplace::v1::RequestDialect>(data.ConsumeIntegral<int8_t>()));
        break;
      default:
        request.set_operation(static_cast<ccplace::v1::Operation>(data.ConsumeIntegral<int8_t>()));
    }
  }
  return request;
}

// oslo's false values, and nothing said at all: the only ways to ask for no encryption.
bool IsClearlyOff(std::string value) {
  value = absl::AsciiStrToLower(absl::StripAsciiWhitespace(value));
  for (const char* off : {"0", "f", "false", "off", "n", "no"}) {
    if (value == off) return true;
  }
  return false;
}

template <typename Map>
bool AsksClearlyForNone(const Map& settings, const char* key) {
  const auto found = settings.find(key);
  return found == settings.end() || IsClearlyOff(found->second);
}

void CheckVerdict(const ValidateRequestRequest& request, const ValidateRequestResponse& answer) {
  const bool rejected = answer.decision() == ccplace::v1::DECISION_REJECTED;
  if (rejected != (answer.violations_size() > 0)) std::abort();
  if ((answer.decision() == ccplace::v1::DECISION_ACCEPTED) != answer.has_scheduling())
    std::abort();
  if (answer.decision() != ccplace::v1::DECISION_NOT_CONFIDENTIAL) return;
  if (!AsksClearlyForNone(request.flavor().extra_specs(), "hw:mem_encryption")) std::abort();
  if (!AsksClearlyForNone(request.image().properties(), "hw_mem_encryption")) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  FuzzedDataProvider data(bytes, size);
  const ValidateRequestRequest request = Build(data);
  if (!ccplace::CheckRequestBounds(request).ok()) return 0;
  ccplace::v1::HostPolicy policy;
  policy.set_default_machine_type("q35");
  ValidateRequestResponse answer;
  ccplace::EvaluateRequest(request, policy, answer);
  CheckVerdict(request, answer);
  if (!answer.IsInitialized() || answer.SerializeAsString().empty()) std::abort();
  return 0;
}
