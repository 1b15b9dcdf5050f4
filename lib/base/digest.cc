#include "lib/base/digest.h"

#include <openssl/evp.h>

#include "absl/status/status.h"

namespace ccplace {
namespace {

// By the enum's numbers.
constexpr const EVP_MD* (*kOpensslOf[])() = {EVP_sha1, EVP_sha256, EVP_sha384};

}  // namespace

void Digest::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Digest::Digest(DigestAlgorithm algorithm)
    : context_(EVP_MD_CTX_new()),
      healthy_(context_ != nullptr &&
               EVP_DigestInit_ex(context_.get(), kOpensslOf[static_cast<int>(algorithm)](),
                                 nullptr) == 1) {}

void Digest::Add(absl::string_view bytes) {
  healthy_ = healthy_ && EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1;
}

absl::StatusOr<std::string> Digest::Finish() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (!healthy_ || EVP_DigestFinal_ex(context_.get(), digest, &size) != 1) {
    return absl::InternalError("OpenSSL did not compute a digest");
  }
  return std::string(reinterpret_cast<const char*>(digest), size);
}

absl::StatusOr<std::string> DigestOf(DigestAlgorithm algorithm, absl::string_view bytes) {
  Digest digest(algorithm);
  digest.Add(bytes);
  return digest.Finish();
}

}  // namespace ccplace
