#include "server/tls/session_resumption.h"

#include <openssl/crypto.h>
#include <openssl/ssl.h>

namespace ccplace {
namespace {

// What OpenSSL calls for each new SSL_CTX (CRYPTO_get_ex_new_index(3), new_func). gRPC's servers
// leave both settings as they are then; TlsTest resumes sessions of either version to see.
void OnNewContext(void* parent, void* /*value*/, CRYPTO_EX_DATA* /*data*/, int /*index*/,
                  long /*number*/, void* /*argument*/) {
  auto* context = static_cast<SSL_CTX*>(parent);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // With TLS 1.3 tickets then name sessions in the cache, which is off.
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
}

}  // namespace

void TurnOffSessionResumption() {
  [[maybe_unused]] static const int index =
      SSL_CTX_get_ex_new_index(0, nullptr, OnNewContext, nullptr, nullptr);
}

}  // namespace ccplace
