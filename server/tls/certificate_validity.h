// How long the certificates that are served last.
#ifndef CCPLACE_SERVER_TLS_CERTIFICATE_VALIDITY_H_
#define CCPLACE_SERVER_TLS_CERTIFICATE_VALIDITY_H_

#include <optional>

#include "absl/time/time.h"

namespace ccplace {

// A span of time, both ends in it.
struct ValidityPeriod {
  absl::Time from;
  absl::Time until;
};

// How long what is served lasts. Nothing: not known, or nothing is served.
struct CertificateValidity {
  std::optional<ValidityPeriod> certificate;  // When every certificate of the chain is valid.
  std::optional<ValidityPeriod>
      client_ca;  // From the first authority's beginning to the last's end.
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_TLS_CERTIFICATE_VALIDITY_H_
