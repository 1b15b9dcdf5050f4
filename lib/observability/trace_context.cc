#include "lib/observability/trace_context.h"

#include <algorithm>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"

namespace ccplace {
namespace {

// "VV-TRACE-PARENT-FF": where the parts begin, and how long the whole is in version 00.
constexpr size_t kTraceAt = 3, kTraceDigits = 32;
constexpr size_t kSpanAt = 36, kSpanDigits = 16;
constexpr size_t kFlagsAt = 53, kLength = 55;

bool IsHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f');
  });
}

bool IsId(absl::string_view text) {
  return IsHex(text) && text.find_first_not_of('0') != absl::string_view::npos;
}

// Later versions may append parts, each behind a dash; version ff is forbidden.
bool HasKnownShape(absl::string_view text) {
  if (text.size() < kLength || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  const absl::string_view version = text.substr(0, 2);
  if (!IsHex(version) || version == "ff") return false;
  return text.size() == kLength || (version != "00" && text[kLength] == '-');
}

bool IsRequestId(absl::string_view text) {
  constexpr absl::string_view kMarks = "-._:/+=@";
  return !text.empty() && text.size() <= kRequestIdLimit &&
         std::all_of(text.begin(), text.end(), [kMarks](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  kMarks.find(c) != absl::string_view::npos;
         });
}

std::string RandomId() {
  // Making one asks the processor what it is, which is slow on a virtual one.
  thread_local std::random_device random;
  return absl::StrFormat("%08x%08x%08x%08x", random(), random(), random(), random());
}

}  // namespace

TraceContext MakeTraceContext(absl::string_view request_id, absl::string_view traceparent) {
  TraceContext origin;
  origin.request_id = IsRequestId(request_id) ? std::string(request_id) : RandomId();
  if (!HasKnownShape(traceparent)) return origin;
  const absl::string_view trace = traceparent.substr(kTraceAt, kTraceDigits);
  const absl::string_view span = traceparent.substr(kSpanAt, kSpanDigits);
  if (!IsId(trace) || !IsId(span) || !IsHex(traceparent.substr(kFlagsAt, 2))) return origin;
  origin.trace_id = std::string(trace);
  origin.span_id = std::string(span);
  return origin;
}

}  // namespace ccplace
