#include "lib/capability/snapshot.h"

#include <algorithm>

#include "lib/capability/facts.h"

namespace ccplace {
namespace {

// No message of a snapshot has a map, so equal messages have equal bytes.
bool IsSame(const google::protobuf::MessageLite& left, const google::protobuf::MessageLite& right) {
  return left.SerializeAsString() == right.SerializeAsString();
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
