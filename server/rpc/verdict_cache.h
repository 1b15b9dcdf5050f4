// Verdicts that were given before, by the bytes of what was asked.
#ifndef CCPLACE_SERVER_RPC_VERDICT_CACHE_H_
#define CCPLACE_SERVER_RPC_VERDICT_CACHE_H_

#include <grpcpp/support/byte_buffer.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "lib/capability/snapshot/snapshot.h"

namespace ccplace {

// A verdict follows from the request's bytes and the snapshot alone while the facts are fresh, and
// a scheduler asks every host for the same few pairings again and again. Remembers serialised
// answers, without their freshness, for one snapshot. Not thread-safe: each thread has its own
// (ThreadLocal), so that readers share nothing that is written.
class VerdictCache {
 public:
  // What one request and its answer may take together, and all of them, in bytes: past the first
  // nothing is remembered, past the second everything is forgotten.
  static constexpr size_t kEntryLimitBytes = 16 * 1024;
  static constexpr size_t kTotalLimitBytes = 1024 * 1024;

  // The calling thread's.
  static VerdictCache& ThreadLocal();

  // The answer given to `request` from `snapshot`; null when there is none. Good until the next
  // call. Another snapshot than the last one's forgets everything.
  const grpc::Slice* Find(const std::shared_ptr<const Snapshot>& snapshot,
                          absl::string_view request);

  // Whether the request that Find last had no answer to was asked before, as far as the thread
  // knows, and notes that it is asked now. What is asked once alone is not worth remembering: it
  // costs more than the verdict, and pushes out what is asked again.
  bool WasAskedBefore();

  // Remembers `answer` for the snapshot that Find was last called with.
  void Put(absl::string_view request, const grpc::Slice& answer);

 private:
  void Clear();

  struct Entry {
    std::string request;
    grpc::Slice answer;
  };

  // Holding the snapshot keeps its address from being given to another.
  std::shared_ptr<const Snapshot> snapshot_;
  // By the requests' hashes, so that a new request is hashed once; of two with one hash the first
  // alone is remembered.
  absl::flat_hash_map<size_t, Entry> answers_;
  size_t bytes_ = 0;
  size_t hash_ = 0;  // Of the request that Find was last asked for.
  // By hashes, what was asked lately; another of the same place takes it.
  std::array<uint32_t, 2048> asked_{};
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_RPC_VERDICT_CACHE_H_
