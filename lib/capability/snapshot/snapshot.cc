#include "lib/capability/snapshot/snapshot.h"

#include <algorithm>

#include "lib/base/encryption_model.h"
#include "lib/domain/deterministic_bytes.h"

namespace ccplace {
namespace {

bool IsSame(const google::protobuf::MessageLite& left, const google::protobuf::MessageLite& right) {
  return DeterministicBytes(left) == DeterministicBytes(right);
}

template <typename Message>
bool AreSame(const std::vector<Message>& left, const std::vector<Message>& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), IsSame);
}

}  // namespace

const v1::ModelCapability& ModelOf(const Snapshot& snapshot, v1::EncryptionModel model) {
  const v1::ModelCapability* found = FindModel(snapshot.capabilities, model);
  return found != nullptr ? *found : v1::ModelCapability::default_instance();
}

bool SameFacts(const Snapshot& left, const Snapshot& right) {
  return left.domains_known == right.domains_known && left.simulated == right.simulated &&
         IsSame(left.capabilities, right.capabilities) && AreSame(left.domains, right.domains) &&
         AreSame(left.unread_domains, right.unread_domains);
}

}  // namespace ccplace
