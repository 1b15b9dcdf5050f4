// What is known of the host at one moment, and the one place where readers find it.
#ifndef CCPLACE_LIB_CAPABILITY_SNAPSHOT_SNAPSHOT_H_
#define CCPLACE_LIB_CAPABILITY_SNAPSHOT_SNAPSHOT_H_

#include <cstdint>
#include <vector>

#include "ccplace/v1/capability.pb.h"
#include "ccplace/v1/domain.pb.h"

namespace ccplace {

// Facts of one moment. Never changed after it was published; shared by any number of readers.
struct Snapshot {
  uint64_t revision = 0;                         // Grows by one with each change.
  v1::HostCapabilities capabilities;             // All four models, their keys included.
  std::vector<v1::TdxDomain> domains;            // Those this service defined, by name.
  std::vector<v1::UnreadDomain> unread_domains;  // Those that may be, by name.
  bool domains_known = false;                    // False until libvirt listed them once.
  bool simulated = false;
};

// The entry for `model`; every published snapshot has all four.
const v1::ModelCapability& ModelOf(const Snapshot& snapshot, v1::EncryptionModel model);

inline const v1::KeyInventory& TdxKeys(const Snapshot& snapshot) {
  return ModelOf(snapshot, v1::ENCRYPTION_MODEL_INTEL_TDX).keys();
}

// Whether both say the same; revision does not count.
bool SameFacts(const Snapshot& left, const Snapshot& right);

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_SNAPSHOT_SNAPSHOT_H_
