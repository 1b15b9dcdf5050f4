// Which call of the caller's a line in the log belongs to. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_OBSERVABILITY_TRACE_CONTEXT_H_
#define CCPLACE_LIB_OBSERVABILITY_TRACE_CONTEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace ccplace {

// Longest request id that is taken over from a caller, in bytes.
inline constexpr size_t kRequestIdLimit = 128;

struct TraceContext {
  std::string request_id;  // Printable ASCII without spaces.
  std::string trace_id;    // 32 lower-case hex digits. Empty: the call is in no trace.
  std::string span_id;     // The caller's span, 16 lower-case hex digits; empty with trace_id.
};

// From what a caller sent, either of which may be hostile. A `request_id` that is empty, too long
// or holds anything but letters, digits and "-._:/+=@" is replaced by a random one of 32 hex
// digits. `traceparent` is W3C Trace Context's header; one that breaks its rules counts as none,
// as the specification asks (section 3.2.2).
TraceContext MakeTraceContext(absl::string_view request_id, absl::string_view traceparent);

}  // namespace ccplace

#endif  // CCPLACE_LIB_OBSERVABILITY_TRACE_CONTEXT_H_
