// What callers and operators write beside requests: ids of requests and traces, lists of revoked
// certificates. An input is three texts, with a NUL between them.
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "lib/base/text.h"
#include "lib/observability/trace_context.h"
#include "server/auth/revocations.h"
#include "tests/fuzz/expect.h"

using ccplace::fuzz::Expect;

namespace {

bool IsDigits(absl::string_view text, size_t count) {
  bool only_zeros = true;
  for (const char c : text) {
    if (!absl::ascii_isdigit(c) && (c < 'a' || c > 'f')) return false;
    only_zeros = only_zeros && c == '0';
  }
  return text.size() == count && !only_zeros;
}

void CheckTrace(absl::string_view request_id, absl::string_view traceparent) {
  const ccplace::TraceContext context = ccplace::MakeTraceContext(request_id, traceparent);
  Expect(!context.request_id.empty() && context.request_id.size() <= ccplace::kRequestIdLimit);
  for (const unsigned char c : context.request_id) Expect(absl::ascii_isgraph(c));
  Expect(context.trace_id.empty() == context.span_id.empty());
  if (context.trace_id.empty()) return;
  Expect(IsDigits(context.trace_id, 32) && IsDigits(context.span_id, 16));
  Expect(absl::StrContains(traceparent, context.trace_id + "-" + context.span_id));
}

// Every name that a line gives is revoked, in whatever case; a list that is refused says why.
void CheckRevocations(const std::string& text) {
  const auto revoked = ccplace::Revocations::Parse(text);
  if (!revoked.ok()) return ccplace::fuzz::ExpectSaysWhy(revoked.status());
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(text, '\n'))) {
    if (!absl::StartsWith(line, "uri:") || absl::StrContains(line, " ")) continue;
    const std::string name(absl::StripAsciiWhitespace(line));
    Expect(revoked->FindName({absl::AsciiStrToUpper(name), name}) != nullptr);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  std::vector<absl::string_view> texts = absl::StrSplit(input, absl::MaxSplits('\0', 2));
  texts.resize(3);
  CheckTrace(texts[0], texts[1]);
  CheckRevocations(std::string(texts[2]));
  Expect(ccplace::IsPrintable(ccplace::Quoted(input)));
  return 0;
}
