#include "client/sync/http/url.h"

#include <curl/curl.h>

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace ccplace::sync {
namespace {

using Text = std::unique_ptr<char, decltype(&curl_free)>;
using Handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

Handle Parse(const std::string& text) {
  Handle handle(curl_url(), &curl_url_cleanup);
  const bool parsed = handle != nullptr && text.find('\0') == std::string::npos &&
                      curl_url_set(handle.get(), CURLUPART_URL, text.c_str(),
                                   CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
  if (!parsed) handle.reset();
  return handle;
}

std::string PartOf(const Handle& handle, CURLUPart part) {
  char* value = nullptr;
  if (curl_url_get(handle.get(), part, &value, 0) != CURLUE_OK) return "";
  return Text(value, &curl_free).get();
}

bool IsLocal(const std::string& host) {
  return host == "localhost" || host == "[::1]" || absl::StartsWith(host, "127.");
}

}  // namespace

std::string UrlEncoded(const std::string& text) {
  // libcurl would take a length of 0 for "measure it".
  if (text.empty()) return "";
  const Text encoded(curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())),
                     &curl_free);
  return encoded == nullptr ? "" : encoded.get();
}

std::string UrlDecoded(const std::string& text) {
  int size = 0;
  const Text decoded(curl_easy_unescape(nullptr, text.data(), static_cast<int>(text.size()), &size),
                     &curl_free);
  return decoded == nullptr ? "" : std::string(decoded.get(), static_cast<size_t>(size));
}

std::optional<Url> ParseUrl(const std::string& text) {
  const Handle handle = Parse(text);
  if (handle == nullptr) return std::nullopt;
  Url url;
  url.scheme = absl::AsciiStrToLower(PartOf(handle, CURLUPART_SCHEME));
  url.host = absl::AsciiStrToLower(PartOf(handle, CURLUPART_HOST));
  url.has_user = text.find('@') != std::string::npos &&
                 !(PartOf(handle, CURLUPART_USER) + PartOf(handle, CURLUPART_PASSWORD)).empty();
  url.is_local = IsLocal(url.host);
  return url;
}

std::string UrlForLog(const std::string& text) {
  // An @ may be escaped by mistake.
  if (text.find_first_of("@?#") == std::string::npos && !absl::StrContains(text, "%40")) {
    return text;
  }
  const Handle handle = Parse(text);
  if (handle == nullptr) return "(no URL)";  // What is before an @ may be a password all the same.
  for (const CURLUPart part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS,
                               CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    curl_url_set(handle.get(), part, nullptr, 0);
  }
  return PartOf(handle, CURLUPART_URL);
}

}  // namespace ccplace::sync
