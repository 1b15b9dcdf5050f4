#include "server/rpc/verdict_cache.h"

namespace ccplace {

VerdictMemory& VerdictMemory::OfThisThread() {
  thread_local VerdictMemory memory;
  return memory;
}

const grpc::Slice* VerdictMemory::Find(const std::shared_ptr<const Snapshot>& snapshot,
                                       absl::string_view request) {
  if (snapshot_ != snapshot) {
    Forget();
    snapshot_ = snapshot;
  }
  const auto found = answers_.find(request);
  return found == answers_.end() ? nullptr : &found->second;
}

void VerdictMemory::Remember(absl::string_view request, const grpc::Slice& answer) {
  const size_t bytes = request.size() + answer.size();
  if (bytes > kEntryLimitBytes) return;
  if (bytes_ + bytes > kTotalLimitBytes) Forget();
  if (answers_.emplace(request, answer).second) bytes_ += bytes;
}

void VerdictMemory::Forget() {
  answers_.clear();
  bytes_ = 0;
}

}  // namespace ccplace
