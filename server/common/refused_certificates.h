// How many calls were refused because the caller's certificate counts no more.
#ifndef CCPLACE_SERVER_COMMON_REFUSED_CERTIFICATES_H_
#define CCPLACE_SERVER_COMMON_REFUSED_CERTIFICATES_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace ccplace {

// Why a certificate counts no more: it, or one of its chain, has ended; is revoked; or no authority
// that is trusted now vouches for it.
enum class CertificateRefusal { kEnded, kRevoked, kUntrusted };

inline constexpr std::array<CertificateRefusal, 3> kCertificateRefusals = {
    CertificateRefusal::kEnded, CertificateRefusal::kRevoked, CertificateRefusal::kUntrusted};

inline absl::string_view CertificateRefusalName(CertificateRefusal refusal) {
  switch (refusal) {
    case CertificateRefusal::kEnded:
      return "ended";
    case CertificateRefusal::kRevoked:
      return "revoked";
    case CertificateRefusal::kUntrusted:
      return "untrusted";
  }
  return "untrusted";
}

// Thread-safe, without a lock.
class RefusedCertificates {
 public:
  void Count(CertificateRefusal refusal) { ++counts_[static_cast<size_t>(refusal)]; }
  uint64_t Read(CertificateRefusal refusal) const { return counts_[static_cast<size_t>(refusal)]; }

 private:
  std::array<std::atomic<uint64_t>, kCertificateRefusals.size()> counts_ = {};
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_COMMON_REFUSED_CERTIFICATES_H_
