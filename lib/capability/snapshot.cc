#include "lib/capability/snapshot.h"

#include <algorithm>

#include "lib/capability/facts.h"
#include "lib/domain/deterministic_bytes.h"

namespace ccplace {
namespace {

bool IsSame(const google::protobuf::MessageLite& left, const google::protobuf::MessageLite& right) {
  return DeterministicBytes(left) == DeterministicBytes(right);
}

}  // namespace

const v1::ModelCapability& ModelOf(const Snapshot& snapshot, v1::EncryptionModel model) {
  for (const v1::ModelCapability& entry : snapshot.capabilities.models()) {
    if (entry.model() == model) return entry;
  }
  return v1::ModelCapability::default_instance();
}

bool SameFacts(const Snapshot& left, const Snapshot& right) {
  return left.domains_known == right.domains_known && left.simulated == right.simulated &&
         IsSame(left.capabilities, right.capabilities) &&
         std::equal(left.domains.begin(), left.domains.end(), right.domains.begin(),
                    right.domains.end(), IsSame);
}

}  // namespace ccplace
