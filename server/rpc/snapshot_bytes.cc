#include "server/rpc/snapshot_bytes.h"

#include <google/protobuf/io/coded_stream.h>

#include <array>
#include <cstdint>
#include <utility>

#include "ccplace/v1/domain.pb.h"
#include "ccplace/v1/inventory.pb.h"
#include "ccplace/v1/watch.pb.h"

namespace ccplace {
namespace {

// PutWithFreshness writes the same field into each of them.
constexpr int kFreshnessField = v1::TdxInventoryResponse::kFreshnessFieldNumber;
static_assert(int{v1::HostCapabilitiesResponse::kFreshnessFieldNumber} == kFreshnessField, "");
static_assert(int{v1::ListTdxDomainsResponse::kFreshnessFieldNumber} == kFreshnessField, "");
static_assert(int{v1::WatchHostResponse::kFreshnessFieldNumber} == kFreshnessField, "");

// A slice is made to be read; until others have it, it can be written.
uint8_t* BytesOf(const grpc::Slice& slice) { return const_cast<uint8_t*>(slice.begin()); }

grpc::Slice Capabilities(const Snapshot& snapshot) {
  v1::HostCapabilitiesResponse answer;
  *answer.mutable_capabilities() = snapshot.capabilities;
  answer.set_simulated(snapshot.simulated);
  return Serialised(answer);
}

grpc::Slice Inventory(const Snapshot& snapshot) {
  v1::TdxInventoryResponse answer;
  *answer.mutable_keys() = TdxKeys(snapshot);
  answer.set_simulated(snapshot.simulated);
  return Serialised(answer);
}

grpc::Slice Domains(const Snapshot& snapshot) {
  v1::ListTdxDomainsResponse answer;
  answer.mutable_domains()->Add(snapshot.domains.begin(), snapshot.domains.end());
  answer.mutable_unread()->Add(snapshot.unread_domains.begin(), snapshot.unread_domains.end());
  answer.set_simulated(snapshot.simulated);
  return Serialised(answer);
}

grpc::Slice Watch(const Snapshot& snapshot) {
  v1::WatchHostResponse answer;
  *answer.mutable_capabilities() = snapshot.capabilities;
  *answer.mutable_tdx_keys() = TdxKeys(snapshot);
  answer.set_simulated(snapshot.simulated);
  return Serialised(answer);
}

}  // namespace

SnapshotBytes::SnapshotBytes(std::shared_ptr<const Snapshot> snapshot)
    : snapshot_(std::move(snapshot)),
      capabilities_(Capabilities(*snapshot_)),
      inventory_(Inventory(*snapshot_)),
      domains_(Domains(*snapshot_)),
      watch_(Watch(*snapshot_)) {}

const SnapshotBytes& SnapshotBytes::Of(const std::shared_ptr<const Snapshot>& snapshot) {
  // Holding the snapshot keeps its address from being given to another.
  thread_local std::unique_ptr<const SnapshotBytes> latest;
  if (latest == nullptr || latest->snapshot_ != snapshot) {
    latest.reset(new SnapshotBytes(snapshot));
  }
  return *latest;
}

grpc::Slice Serialised(const google::protobuf::Message& message) {
  grpc::Slice slice(message.ByteSizeLong());
  static_cast<void>(message.SerializeWithCachedSizesToArray(BytesOf(slice)));
  return slice;
}

void PutWithFreshness(const grpc::Slice& answer, const v1::Freshness& freshness,
                      grpc::ByteBuffer& out) {
  using google::protobuf::io::CodedOutputStream;
  constexpr uint32_t kTag =
      (uint32_t{kFreshnessField} << 3) | 2;  // A field that states its length.
  const auto bytes = static_cast<uint32_t>(freshness.ByteSizeLong());
  grpc::Slice tail(CodedOutputStream::VarintSize32(kTag) + CodedOutputStream::VarintSize32(bytes) +
                   bytes);
  uint8_t* end = CodedOutputStream::WriteTagToArray(kTag, BytesOf(tail));
  end = CodedOutputStream::WriteVarint32ToArray(bytes, end);
  static_cast<void>(freshness.SerializeWithCachedSizesToArray(end));
  const std::array<grpc::Slice, 2> parts = {answer, std::move(tail)};
  // Assigned, it would be copied: gRPC's buffers do not move.
  grpc::ByteBuffer whole(parts.data(), parts.size());
  whole.Swap(&out);
}

}  // namespace ccplace
