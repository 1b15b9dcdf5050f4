#include "lib/capability/snapshot.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <string>

#include "lib/capability/facts.h"

namespace ccplace {
namespace {

// With maps in the order of their keys: their own order differs from one message to the next.
std::string BytesOf(const google::protobuf::MessageLite& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream sink(&bytes);
  google::protobuf::io::CodedOutputStream stream(&sink);
  stream.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&stream);
  stream.Trim();
  return bytes;
}

bool IsSame(const google::protobuf::MessageLite& left, const google::protobuf::MessageLite& right) {
  return BytesOf(left) == BytesOf(right);
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
