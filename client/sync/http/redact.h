// Foreign text without our secrets. Thread-safe: pure functions.
#ifndef CCPLACE_CLIENT_SYNC_HTTP_REDACT_H_
#define CCPLACE_CLIENT_SYNC_HTTP_REDACT_H_

#include <string>
#include <vector>

namespace ccplace::sync {

// `text` with each of `secrets` that has four bytes or more replaced, also where it is escaped as
// in JSON, or a token's "=" at the end is escaped: servers send back what they were sent.
std::string Redacted(std::string text, const std::vector<std::string>& secrets);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_HTTP_REDACT_H_
