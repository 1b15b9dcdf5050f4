// The guest that libvirt is asked about, to learn which firmware it would choose.
#ifndef CCPLACE_LIB_DOMAIN_FIRMWARE_QUESTION_H_
#define CCPLACE_LIB_DOMAIN_FIRMWARE_QUESTION_H_

#include <string>

#include "absl/status/statusor.h"
#include "ccplace/v1/capability.pb.h"
#include "lib/domain/domain_xml.h"

namespace ccplace {

// The smallest guest of `model` on `machine_type`, to be translated and never defined: of intel-tdx
// as BuildDomainXml makes it, of the AMD models as nova 34 does (nova/virt/libvirt/designer.py and
// driver.py). INVALID_ARGUMENT for no model; INTERNAL as BuildDomainXml. Thread-safe.
absl::StatusOr<std::string> BuildFirmwareQuestion(v1::EncryptionModel model,
                                                  const std::string& machine_type,
                                                  SecureBoot secure_boot);

}  // namespace ccplace

#endif  // CCPLACE_LIB_DOMAIN_FIRMWARE_QUESTION_H_
