// Whatever flavor and image are asked about: the bounds refuse, or the rules give one whole
// verdict, and no request that speaks of encryption in an unclear way passes for one that does not.
#include <fuzzer/FuzzedDataProvider.h>

#include <cstdlib>
#include <string>

#include "absl/strings/ascii.h"
#include "lib/request/rules.h"

namespace {

using ccplace::v1::ValidateRequestRequest;
using ccplace::v1::ValidateRequestResponse;

const char* const kKeys[] = {"hw:mem_encryption",
                             "hw:mem_encryption_model",
                             "hw_mem_encryption",
                             "hw_mem_encryption_model",
                             "hw_firmware_type",
                             "hw:firmware_type",
                             "hw_machine_type",
                             "hw:machine_type",
                             "hw_firmware_stateless",
                             "hw_video_model",
                             "hw_disk_bus",
                             "hw_scsi_model",
                             "vmware_adaptertype",
                             "hw_pmu",
                             "hw:pmu",
                             "hw_mem_page_size",
                             "hw:mem_page_size",
                             "os_secure_boot",
                             "os:secure_boot",
                             "trait:HW_CPU_X86_INTEL_TDX"};
const char* const kValues[] = {"true",      "True ",   "no",          "enabled",     "",
                               "intel-tdx", "amd-sev", "amd-sev-snp", "Intel-TDX",   "uefi",
                               "q35",       "pc",      "none",        "virtio-scsi", "required"};

std::string Text(FuzzedDataProvider& data, const char* const* known, size_t count) {
  const auto choice = data.ConsumeIntegralInRange<size_t>(0, count);
  return choice == count ? data.ConsumeRandomLengthString(300) : known[choice];
}

std::string Key(FuzzedDataProvider& data) { return Text(data, kKeys, std::size(kKeys)); }
std::string Value(FuzzedDataProvider& data) { return Text(data, kValues, std::size(kValues)); }

ValidateRequestRequest Build(FuzzedDataProvider& data) {
  ValidateRequestRequest request;
  while (data.remaining_bytes() > 0) {
    switch (data.ConsumeIntegralInRange<int>(0, 3)) {
      case 0:
        (*request.mutable_flavor()->mutable_extra_specs())[Key(data)] = Value(data);
        break;
      case 1:
        (*request.mutable_image()->mutable_properties())[Key(data)] = Value(data);
        break;
      case 2: {
        auto* device = request.add_block_devices();
        device->set_disk_bus(Value(data));
        device->set_boot_index(data.ConsumeBool() ? "0" : data.ConsumeRandomLengthString(8));
        break;
      }
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
