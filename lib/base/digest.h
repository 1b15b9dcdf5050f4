// Digests of bytes, by OpenSSL.
#ifndef CCPLACE_LIB_BASE_DIGEST_H_
#define CCPLACE_LIB_BASE_DIGEST_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct evp_md_ctx_st;

namespace ccplace {

enum class DigestAlgorithm { kSha1, kSha256, kSha384 };

// The digest of bytes that come one part after another. Not thread-safe.
class Digest {
 public:
  explicit Digest(DigestAlgorithm algorithm);

  void Add(absl::string_view bytes);

  // 20, 32 or 48 bytes; call it once, last. INTERNAL when OpenSSL failed on the way, or does not
  // offer the algorithm.
  absl::StatusOr<std::string> Finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };

  const std::unique_ptr<evp_md_ctx_st, Free> context_;
  bool healthy_;
};

// The digest of `bytes`; fails as Digest does. Thread-safe.
absl::StatusOr<std::string> DigestOf(DigestAlgorithm algorithm, absl::string_view bytes);

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_DIGEST_H_
