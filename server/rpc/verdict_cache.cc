#include "server/rpc/verdict_cache.h"

namespace ccplace {

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
  const auto found = answers_.find(request);
  return found == answers_.end() ? nullptr : &found->second;
}

void VerdictCache::Put(absl::string_view request, const grpc::Slice& answer) {
  const size_t bytes = request.size() + answer.size();
  if (bytes > kEntryLimitBytes) return;
  if (bytes_ + bytes > kTotalLimitBytes) Clear();
  if (answers_.emplace(request, answer).second) bytes_ += bytes;
}

void VerdictCache::Clear() {
  answers_.clear();
  bytes_ = 0;
}

}  // namespace ccplace
