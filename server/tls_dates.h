// What an operator should hear of TLS files that can be served: how long they last, who can read
// them. Thread-safe: pure functions.
#ifndef CCPLACE_SERVER_TLS_DATES_H_
#define CCPLACE_SERVER_TLS_DATES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/options.h"
#include "server/tls_files.h"

namespace ccplace {

// A span of time, both ends in it.
struct Validity {
  absl::Time from;
  absl::Time until;
};

// How long what is served lasts. Nothing: not known, or nothing is served.
struct TlsDates {
  std::optional<Validity> certificate;  // When every certificate of the chain is valid.
  std::optional<Validity> client_ca;    // From the first authority's beginning to the last's end.
};

// The dates in `texts`, as ReadTlsFiles answers them (RFC 5280, section 4.1.2.5).
TlsDates DatesOf(const TlsTexts& texts);

// A sentence for each of the files of `options` that callers refuse at `now`, or soon will, and for
// a key that others can read: flag, file, what is wrong and the remedy. Soon is in the last tenth
// of its time, and 14 days before its end at most. A key is a secret as PostgreSQL has it: 0600,
// or 0640 where root owns it. Looks at the key's file.
std::vector<std::string> TlsConcerns(const TlsOptions& options, const TlsDates& dates,
                                     absl::Time now);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_TLS_DATES_H_
