// Which firmware guests of a model start with: libvirt's word, or what its descriptors come to.
#ifndef CCPLACE_LIB_CAPABILITY_CHECKS_FIRMWARE_CHOICE_H_
#define CCPLACE_LIB_CAPABILITY_CHECKS_FIRMWARE_CHOICE_H_

#include <string>

#include "absl/status/statusor.h"
#include "lib/capability/checks/checks.h"
#include "lib/domain/domain_xml.h"
#include "lib/host/firmware.h"

namespace ccplace {

// A choice, and where it comes from.
struct FirmwareChoice {
  // FAILED_PRECONDITION: there is none, and libvirt says so. NOT_FOUND: no descriptor offers any,
  // and the message says why where secure boot is unstated. Any other code: it is not known.
  absl::StatusOr<std::string> path = absl::UnknownError("not read yet");
  bool of_libvirt = false;                         // Else worked out from descriptors.
  const FirmwareDescriptor* descriptor = nullptr;  // The one that offers it; null: none in sight.
};

// The choice for guests of input.model. Lives no longer than `input`. Pure.
FirmwareChoice ChooseFirmware(const CheckInput& input, SecureBoot secure_boot);

// Why no descriptor in sight fits guests that state nothing of secure boot. NOT_FOUND: none does,
// and the message says which comes close; OK: one fits; any other code: they could not all be read.
absl::Status WhyNoneFits(const CheckInput& input);

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_CHECKS_FIRMWARE_CHOICE_H_
