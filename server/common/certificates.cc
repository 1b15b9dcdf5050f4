#include "server/common/certificates.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <ctime>

namespace ccplace {
namespace {

std::optional<absl::Time> ToTime(const ASN1_TIME* time) {
  std::tm parts = {};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return absl::FromTM(parts, absl::UTCTimeZone());
}

}  // namespace

std::vector<CertificateHandle> ReadCertificates(absl::string_view pem) {
  const BioHandle bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<CertificateHandle> found;
  while (bio != nullptr) {
    CertificateHandle next(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (next == nullptr) break;
    found.push_back(std::move(next));
  }
  ERR_clear_error();
  return found;
}

std::optional<absl::Time> NotBefore(const X509& certificate) {
  return ToTime(X509_get0_notBefore(&certificate));
}

std::optional<absl::Time> NotAfter(const X509& certificate) {
  return ToTime(X509_get0_notAfter(&certificate));
}

std::string UtcText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace ccplace
