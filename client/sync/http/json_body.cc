#include "client/sync/http/json_body.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/sync/http/url.h"
#include "lib/base/json_read.h"
#include "lib/base/text.h"

namespace ccplace::sync {

nlohmann::json ParseBody(const HttpResponse& response) {
  nlohmann::json body = nlohmann::json::parse(response.body, nullptr, false);
  return body.is_discarded() || IsDeeperThan(body, kJsonDepthLimit) ? nlohmann::json() : body;
}

std::string DescribeBody(const HttpResponse& response) {
  const absl::string_view text = absl::StripAsciiWhitespace(response.body);
  if (text.empty()) return "(an empty body)";
  if (text.front() != '<') return Printable(text, 3 * kQuotedTextLimit);
  return "a web page, as a proxy or another server than the service answers";
}

std::string DescribeRedirect(const HttpResponse& response) {
  const auto location = response.headers.find("location");
  if (location == response.headers.end()) return "a redirect without a target";
  return absl::StrCat("a redirect to ", Quoted(UrlForLog(location->second), 512),
                      ", which is not followed");
}

}  // namespace ccplace::sync
