// OpenSSL's objects, freed by themselves.
#ifndef CCPLACE_SERVER_COMMON_OPENSSL_HANDLES_H_
#define CCPLACE_SERVER_COMMON_OPENSSL_HANDLES_H_

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

namespace ccplace {

struct FreeOpenssl {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using BioHandle = std::unique_ptr<BIO, FreeOpenssl>;
using CertificateHandle = std::unique_ptr<X509, FreeOpenssl>;
using CertificateStoreHandle = std::unique_ptr<X509_STORE, FreeOpenssl>;
using StoreContextHandle = std::unique_ptr<X509_STORE_CTX, FreeOpenssl>;
using KeyHandle = std::unique_ptr<EVP_PKEY, FreeOpenssl>;

}  // namespace ccplace

#endif  // CCPLACE_SERVER_COMMON_OPENSSL_HANDLES_H_
