// ValidateRequest: whether a flavor and an image may run, on any host and on this one.
#include "lib/base/arena.h"
#include "lib/request/host_verdict.h"
#include "lib/request/rules.h"
#include "server/rpc/host_service.h"
#include "server/rpc/request_bytes.h"
#include "server/rpc/snapshot_bytes.h"
#include "server/rpc/unary_call.h"
#include "server/rpc/verdict_cache.h"

namespace ccplace {
namespace {

static_assert(int{v1::ValidateRequestResponse::kFreshnessFieldNumber} ==
                  int{v1::TdxInventoryResponse::kFreshnessFieldNumber},
              "PutWithFreshness writes the same field into each answer");

void EvaluateOnThisHost(const v1::ValidateRequestRequest& request, const Snapshot& snapshot,
                        const v1::Freshness& freshness, v1::ValidateRequestResponse& answer) {
  answer.set_simulated(snapshot.simulated);
  if (answer.model() == v1::ENCRYPTION_MODEL_UNSPECIFIED) return;
  EvaluateHost({answer.model(), SecureBootWishOf(request), answer.judged().dialect()},
               ModelOf(snapshot, answer.model()), freshness, *answer.mutable_host());
}

// The serialised verdict on `bytes`, without its freshness.
template <typename Bytes>
absl::StatusOr<grpc::Slice> Judge(const Bytes& bytes, const Snapshot& snapshot,
                                  const v1::Freshness& freshness) {
  // The usual request and its answer fit.
  alignas(8) char block[8192];
  google::protobuf::ArenaOptions options;
  options.initial_block = block;
  options.initial_block_size = sizeof block;
  google::protobuf::Arena arena(options);
  auto* request = OnArena<v1::ValidateRequestRequest>(arena);
  absl::Status status = ParseRequest(bytes, *request);
  if (status.ok()) status = CheckRequestBounds(*request);
  if (!status.ok()) return status;
  auto* answer = OnArena<v1::ValidateRequestResponse>(arena);
  EvaluateRequest(*request, snapshot.capabilities.policy(), *answer);
  EvaluateOnThisHost(*request, snapshot, freshness, *answer);
  return Serialised(*answer);
}

// The bytes in one piece, which they usually are. False: they cannot be read.
bool InOnePiece(const grpc::ByteBuffer& bytes, grpc::Slice& piece) {
  return bytes.TrySingleSlice(&piece).ok() || bytes.DumpToSingleSlice(&piece).ok();
}

// The same. One that is asked again is remembered while the facts are fresh: stale ones take part
// in the verdict.
absl::StatusOr<grpc::Slice> EvaluateOrRemember(const grpc::ByteBuffer& bytes,
                                               const std::shared_ptr<const Snapshot>& snapshot,
                                               const v1::Freshness& freshness) {
  grpc::Slice key;
  if (freshness.stale() || bytes.Length() > VerdictCache::kEntryLimitBytes ||
      !InOnePiece(bytes, key)) {
    return Judge(bytes, *snapshot, freshness);
  }
  const absl::string_view request(reinterpret_cast<const char*>(key.begin()), key.size());
  VerdictCache& cache = VerdictCache::ThreadLocal();
  if (const grpc::Slice* known = cache.Find(snapshot, request)) return *known;
  absl::StatusOr<grpc::Slice> answer = Judge(request, *snapshot, freshness);
  if (answer.ok() && cache.WasAskedBefore()) cache.Put(request, *answer);
  return answer;
}

}  // namespace

grpc::ServerUnaryReactor* HostService::ValidateRequest(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request,
                                                       grpc::ByteBuffer* answer) {
  const CallTimer timer(*dependencies_.calls, Rpc::kValidateRequest);
  const absl::Status authorized = Authorize(*context, Role::kReader, Rpc::kValidateRequest);
  if (!authorized.ok()) return FinishUnary(context, timer, authorized);
  const LatestFacts facts(*dependencies_.state);
  const auto judged = EvaluateOrRemember(*request, facts.snapshot(), facts.freshness());
  if (!judged.ok()) return FinishUnary(context, timer, judged.status());
  PutWithFreshness(*judged, facts.freshness(), *answer);
  return FinishUnary(context, timer, absl::OkStatus());
}

}  // namespace ccplace
