#include "client/sync/http/redact.h"

#include <utility>

#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "nlohmann/json.hpp"

namespace ccplace::sync {
namespace {

// Taking out shorter ones would garble the text, and say what they are.
constexpr size_t kLeastBytes = 4;
constexpr char kMask[] = "(secret)";

// `secret` as a server writes it into JSON, with other letters escaped or not.
std::string InJson(const std::string& secret, bool ascii_only) {
  const std::string quoted =
      nlohmann::json(secret).dump(-1, ' ', ascii_only, nlohmann::json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

// `secret`, and without the "=" at its end, which may be escaped.
void AddForms(const std::string& secret, std::vector<std::string>* forms) {
  absl::string_view core = secret;
  while (absl::ConsumeSuffix(&core, "=")) {
  }
  if (core.size() < kLeastBytes) return;
  for (const std::string& text : {secret, std::string(core)}) {
    forms->push_back(text);
    forms->push_back(InJson(text, true));
    forms->push_back(InJson(text, false));
  }
}

}  // namespace

std::string Redacted(std::string text, const std::vector<std::string>& secrets) {
  std::vector<std::string> forms;
  for (const std::string& secret : secrets) AddForms(secret, &forms);
  std::vector<std::pair<absl::string_view, absl::string_view>> masks;
  for (const std::string& form : forms) masks.emplace_back(form, kMask);
  absl::StrReplaceAll(masks, &text);  // The longest that fits is taken.
  return text;
}

}  // namespace ccplace::sync
