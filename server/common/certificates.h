// Certificates in PEM texts, and their times. Thread-safe: pure functions.
#ifndef CCPLACE_SERVER_COMMON_CERTIFICATES_H_
#define CCPLACE_SERVER_COMMON_CERTIFICATES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/common/openssl_handles.h"

namespace ccplace {

// The certificates in `pem`, in their order, up to the first that cannot be read.
std::vector<CertificateHandle> ReadCertificates(absl::string_view pem);

// The first and the last second in which `certificate` is valid (RFC 5280, section 4.1.2.5).
// Nothing: it cannot be read.
std::optional<absl::Time> NotBefore(const X509& certificate);
std::optional<absl::Time> NotAfter(const X509& certificate);

// "2026-11-29T22:42:00Z".
std::string UtcText(absl::Time time);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_COMMON_CERTIFICATES_H_
