#include "client/sync/http/redact.h"

#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace ccplace::sync {

std::string Redacted(std::string text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    absl::string_view core = secret;
    while (absl::ConsumeSuffix(&core, "=")) {
    }
    if (core.empty()) continue;
    absl::StrReplaceAll({{secret, "(secret)"}}, &text);
    absl::StrReplaceAll({{core, "(secret)"}}, &text);
  }
  return text;
}

}  // namespace ccplace::sync
