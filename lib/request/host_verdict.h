// Whether this host could run an accepted or rejected request's model now. Thread-safe: pure.
#ifndef CCPLACE_LIB_REQUEST_HOST_VERDICT_H_
#define CCPLACE_LIB_REQUEST_HOST_VERDICT_H_

#include "ccplace/v1/capability.pb.h"
#include "ccplace/v1/freshness.pb.h"
#include "ccplace/v1/request.pb.h"
#include "lib/request/rules.h"

namespace ccplace {

// What a request wants of a host.
struct HostWish {
  v1::EncryptionModel model = v1::ENCRYPTION_MODEL_UNSPECIFIED;
  SecureBootWish secure_boot = SecureBootWish::kUnset;
  v1::RequestDialect dialect = v1::REQUEST_DIALECT_NOVA;
};

// Fills `verdict` (empty on entry) for the wish's model from what is known of it on this host. Says
// nothing of the request itself. Leaves it empty when the model is UNSPECIFIED; facts of another
// model, or none, count as unknown. UNSUPPORTED when something certainly keeps it from running
// (stale facts included: they are the best there is), UNKNOWN when something might, each with a
// blocker. Of the request it takes what it asks of secure boot: nova 34 asks libvirt for firmware
// without it where nothing or "disabled" is said, with it where "required", and for either where
// "optional"; and in nova's dialect it asks for none where nova does not see it (GuestFirmware).
void EvaluateHost(const HostWish& wish, const v1::ModelCapability& capability,
                  const v1::Freshness& freshness, v1::HostVerdict& verdict);

}  // namespace ccplace

#endif  // CCPLACE_LIB_REQUEST_HOST_VERDICT_H_
