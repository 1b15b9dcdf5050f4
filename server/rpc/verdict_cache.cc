#include "server/rpc/verdict_cache.h"

#include "absl/hash/hash.h"

namespace ccplace {
namespace {

size_t HashOf(absl::string_view request) { return absl::Hash<absl::string_view>()(request); }

}  // namespace

VerdictCache& VerdictCache::ThreadLocal() {
  thread_local VerdictCache cache;
  return cache;
}

const grpc::Slice* VerdictCache::Find(const std::shared_ptr<const Snapshot>& snapshot,
                                      absl::string_view request) {
  if (snapshot_ != snapshot) {
    Clear();
    snapshot_ = snapshot;
  }
  hash_ = HashOf(request);
  const auto found = answers_.find(hash_);
  const bool known = found != answers_.end() && found->second.request == request;
  return known ? &found->second.answer : nullptr;
}

bool VerdictCache::WasAskedBefore() {
  // Neither 0, which is nobody's, nor the bits that choose the place.
  const uint32_t mark = static_cast<uint32_t>(uint64_t{hash_} >> 32) | 1u;
  uint32_t& asked = asked_[hash_ % asked_.size()];
  const bool before = asked == mark;
  asked = mark;
  return before;
}

void VerdictCache::Put(absl::string_view request, const grpc::Slice& answer) {
  const size_t bytes = request.size() + answer.size();
  if (bytes > kEntryLimitBytes) return;
  if (bytes_ + bytes > kTotalLimitBytes) Clear();
  const Entry entry = {std::string(request), answer};
  if (answers_.try_emplace(HashOf(request), entry).second) bytes_ += bytes;
}

void VerdictCache::Clear() {
  answers_.clear();
  bytes_ = 0;
}

}  // namespace ccplace
