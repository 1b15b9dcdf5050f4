// Warnings about TLS files that can be served: when they expire, which users can
// read them. Thread-safe: pure functions.
#ifndef CCPLACE_SERVER_TLS_CERTIFICATE_WARNINGS_H_
#define CCPLACE_SERVER_TLS_CERTIFICATE_WARNINGS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/tls/certificate_validity.h"
#include "server/tls/tls_files.h"
#include "server/tls/tls_options.h"

namespace ccplace {

// The dates in `texts`, as ReadTlsFiles answers them (RFC 5280, section 4.1.2.5).
CertificateValidity ValidityOf(const PemBundle& texts);

// A sentence for each of the files of `options` that callers refuse at `now`, or soon will, and for
// a key that others can read: flag, file, what is wrong and the remedy. Soon is in the last tenth
// of its time, and 14 days before its end at most. A key is a secret as PostgreSQL has it: 0600,
// or 0640 where root owns it. Looks at the key's file.
std::vector<std::string> CertificateWarnings(const TlsOptions& options,
                                             const CertificateValidity& dates, absl::Time now);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_TLS_CERTIFICATE_WARNINGS_H_
