// SHA-384 of a stream of bytes.
#ifndef CCPLACE_LIB_BASE_SHA384_H_
#define CCPLACE_LIB_BASE_SHA384_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct evp_md_ctx_st;

namespace ccplace {

// Takes bytes piece by piece, gives the digest once. Not thread-safe.
class Sha384 {
 public:
  Sha384();
  ~Sha384();
  Sha384(const Sha384&) = delete;
  Sha384& operator=(const Sha384&) = delete;

  void Add(absl::string_view bytes);

  // The 48 bytes of the digest; call it once, last. INTERNAL when OpenSSL failed on the way.
  absl::StatusOr<std::string> Finish();

 private:
  evp_md_ctx_st* context_;
  bool healthy_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_SHA384_H_
