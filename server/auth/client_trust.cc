#include "server/auth/client_trust.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "server/common/certificates.h"

namespace ccplace {
namespace {

constexpr absl::string_view kPresentAnother =
    "; present one that the daemon's client CA issued anew";

void Refuse(CertificateVerdict& verdict, CertificateRefusal refusal, absl::string_view why) {
  verdict.status = absl::UnauthenticatedError(why);
  verdict.refusal = refusal;
}

struct FreeText {
  void operator()(char* text) const { OPENSSL_free(text); }
};
struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_free(number); }
};

std::string SerialOf(const X509& certificate) {
  const std::unique_ptr<BIGNUM, FreeNumber> number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr));
  const std::unique_ptr<char, FreeText> text(number == nullptr ? nullptr : BN_bn2hex(number.get()));
  return text == nullptr ? "" : text.get();
}

std::string Sha256Of(const X509& certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest = {};
  unsigned int size = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest.data(), &size) != 1) return "";
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), size});
}

CertificateStoreHandle MakeStore(absl::string_view authorities) {
  CertificateStoreHandle store(X509_STORE_new());
  if (store == nullptr) return store;
  // As gRPC 1.51 sets them (ssl_transport_security.cc): an intermediate authority may be trusted by
  // itself, and one that is trusted goes before what the client sends.
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
  for (const CertificateHandle& authority : ReadCertificates(authorities)) {
    X509_STORE_add_cert(store.get(), authority.get());
  }
  ERR_clear_error();
  return store;
}

// Certificates as OpenSSL wants several: a stack that owns none of them.
class Untrusted {
 public:
  explicit Untrusted(absl::string_view pem)
      : certificates_(ReadCertificates(pem)), stack_(sk_X509_new_null()) {
    for (const CertificateHandle& one : certificates_) sk_X509_push(stack_, one.get());
  }
  ~Untrusted() { sk_X509_free(stack_); }
  Untrusted(const Untrusted&) = delete;
  Untrusted& operator=(const Untrusted&) = delete;

  STACK_OF(X509) * stack() const { return stack_; }

 private:
  const std::vector<CertificateHandle> certificates_;
  STACK_OF(X509) * stack_;
};

// Whose end OpenSSL ran into.
std::string SubjectAt(const X509_STORE_CTX& context) {
  const int depth = X509_STORE_CTX_get_error_depth(&context);
  return depth == 0 ? "the client certificate"
                    : absl::StrCat("authority ", depth, " above the client certificate");
}

std::string EndAt(X509_STORE_CTX& context) {
  const X509* certificate = X509_STORE_CTX_get_current_cert(&context);
  const auto end = certificate == nullptr ? std::nullopt : NotAfter(*certificate);
  return end.has_value() ? absl::StrCat(" at ", UtcText(*end)) : "";
}

void RefuseChain(X509_STORE_CTX& context, CertificateVerdict& verdict) {
  const int error = X509_STORE_CTX_get_error(&context);
  if (error == X509_V_ERR_CERT_HAS_EXPIRED) {
    return Refuse(verdict, CertificateRefusal::kEnded,
                  absl::StrCat(SubjectAt(context), " has ended", EndAt(context), kPresentAnother));
  }
  Refuse(verdict, CertificateRefusal::kUntrusted,
         absl::StrCat("no authority of --tls_client_ca vouches for the client certificate now (",
                      X509_verify_cert_error_string(error), ")", kPresentAnother));
}

}  // namespace

ClientTrust::ClientTrust(absl::string_view authorities, Revocations revoked)
    : authorities_(MakeStore(authorities)), revoked_(std::move(revoked)) {}

CertificateVerdict ClientTrust::Judge(const ClientCertificate& certificate, absl::Time now) const {
  CertificateVerdict verdict;
  Refuse(verdict, CertificateRefusal::kUntrusted, "the client certificate cannot be read");
  const std::vector<CertificateHandle> leaf = ReadCertificates(certificate.pem);
  if (leaf.empty()) return verdict;
  verdict.serial = SerialOf(*leaf.front());
  verdict.sha256 = Sha256Of(*leaf.front());
  if (const std::string* name = revoked_.FindName(certificate.names)) {
    Refuse(verdict, CertificateRefusal::kRevoked,
           absl::StrCat("the client certificate's name ", Quoted(*name),
                        " is revoked (--tls_revoked); present a certificate with another"));
    return verdict;
  }
  const Untrusted sent(certificate.chain_pem);
  const StoreContextHandle context(X509_STORE_CTX_new());
  if (context == nullptr || X509_STORE_CTX_init(context.get(), authorities_.get(),
                                                leaf.front().get(), sent.stack()) != 1) {
    return verdict;
  }
  X509_STORE_CTX_set_default(context.get(), "ssl_client");
  X509_STORE_CTX_set_time(context.get(), 0, absl::ToTimeT(now));
  if (X509_verify_cert(context.get()) == 1) {
    CheckChain(*context, verdict);
  } else {
    RefuseChain(*context, verdict);
  }
  ERR_clear_error();
  return verdict;
}

void ClientTrust::CheckChain(const X509_STORE_CTX& context, CertificateVerdict& verdict) const {
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(&context);
  verdict.until = absl::InfiniteFuture();
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    const X509& one = *sk_X509_value(chain, i);
    const std::string serial = SerialOf(one);
    if (revoked_.HasSerial(serial)) {
      return Refuse(
          verdict, CertificateRefusal::kRevoked,
          absl::StrCat(i == 0 ? "the client certificate" : "an authority", " with serial ", serial,
                       " is revoked (--tls_revoked)", kPresentAnother));
    }
    const auto end = NotAfter(one);
    if (!end.has_value()) return;
    verdict.until = std::min(verdict.until, *end);
  }
  verdict.status = absl::OkStatus();
  verdict.refusal.reset();
}

}  // namespace ccplace
