#include "lib/base/sha384.h"

#include <openssl/evp.h>

#include "absl/status/status.h"

namespace ccplace {

Sha384::Sha384() : context_(EVP_MD_CTX_new()), healthy_(context_ != nullptr) {
  healthy_ = healthy_ && EVP_DigestInit_ex(context_, EVP_sha384(), nullptr) == 1;
}

Sha384::~Sha384() { EVP_MD_CTX_free(context_); }

void Sha384::Add(absl::string_view bytes) {
  healthy_ = healthy_ && EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1;
}

absl::StatusOr<std::string> Sha384::Finish() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (!healthy_ || EVP_DigestFinal_ex(context_, digest, &size) != 1) {
    return absl::InternalError("OpenSSL cannot compute SHA-384");
  }
  return std::string(reinterpret_cast<const char*>(digest), size);
}

}  // namespace ccplace
