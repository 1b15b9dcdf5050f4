// Validation of disks and interfaces. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_DOMAIN_DEVICE_VALIDATION_H_
#define CCPLACE_LIB_DOMAIN_DEVICE_VALIDATION_H_

#include "ccplace/v1/domain.pb.h"
#include "lib/domain/field_validation.h"

namespace ccplace {

// Most of each in a domain; together, the highest place in the boot order.
inline constexpr int kMaxDisks = 64;
inline constexpr int kMaxInterfaces = 32;

// Adds a fault for every field of the disks, or of the interfaces, that is not as domain.proto
// states. `boot_orders` holds the places taken so far.
void ValidateDisks(const MessageValidator& domain, const v1::TdxDomainSpec& spec,
                   UniqueValues& boot_orders);
void ValidateInterfaces(const MessageValidator& domain, const v1::TdxDomainSpec& spec,
                        UniqueValues& boot_orders);

// Adds a fault when `boot_order` is past the number of devices there can be, or taken.
void ValidateBootOrder(const MessageValidator& device, uint32_t boot_order, UniqueValues& taken);

}  // namespace ccplace

#endif  // CCPLACE_LIB_DOMAIN_DEVICE_VALIDATION_H_
