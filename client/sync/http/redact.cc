#include "client/sync/http/redact.h"

#include <utility>

#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace ccplace::sync {
namespace {

// Taking out shorter ones would garble the text, and say what they are.
constexpr size_t kLeastBytes = 4;
constexpr char kMask[] = "(secret)";

}  // namespace

std::string Redacted(std::string text, const std::vector<std::string>& secrets) {
  std::vector<std::pair<absl::string_view, absl::string_view>> masks;
  for (const std::string& secret : secrets) {
    absl::string_view core = secret;
    while (absl::ConsumeSuffix(&core, "=")) {
    }
    if (core.size() < kLeastBytes) continue;
    masks.emplace_back(secret, kMask);
    if (core.size() < secret.size()) masks.emplace_back(core, kMask);
  }
  absl::StrReplaceAll(masks, &text);
  return text;
}

}  // namespace ccplace::sync
