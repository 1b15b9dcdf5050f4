// Answers that are read off a snapshot, serialised once per snapshot instead of once per call.
#ifndef CCPLACE_SERVER_RPC_SNAPSHOT_BYTES_H_
#define CCPLACE_SERVER_RPC_SNAPSHOT_BYTES_H_

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include <memory>

#include "ccplace/v1/freshness.pb.h"
#include "lib/capability/snapshot/snapshot.h"

namespace ccplace {

// The serialised answers of one snapshot, without their freshness. Each thread has its own for the
// snapshot that it served last, so that readers share nothing that is written.
class SnapshotBytes {
 public:
  // Those of `snapshot`. The reference is good until this thread's next call.
  static const SnapshotBytes& Of(const std::shared_ptr<const Snapshot>& snapshot);

  const grpc::Slice& capabilities() const { return capabilities_; }
  const grpc::Slice& inventory() const { return inventory_; }
  const grpc::Slice& domains() const { return domains_; }
  const grpc::Slice& watch() const { return watch_; }

 private:
  explicit SnapshotBytes(std::shared_ptr<const Snapshot> snapshot);

  const std::shared_ptr<const Snapshot> snapshot_;
  const grpc::Slice capabilities_;
  const grpc::Slice inventory_;
  const grpc::Slice domains_;
  const grpc::Slice watch_;
};

// `message` as it goes over the wire.
grpc::Slice Serialised(const google::protobuf::Message& message);

// Puts `answer`, with `freshness` as its last field, into `out`: a message's serialised parts, one
// after the other, are the serialised whole.
void PutWithFreshness(const grpc::Slice& answer, const v1::Freshness& freshness,
                      grpc::ByteBuffer& out);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_RPC_SNAPSHOT_BYTES_H_
