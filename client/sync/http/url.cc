#include "client/sync/http/url.h"

#include <curl/curl.h>

#include <memory>

namespace ccplace::sync {

std::string UrlEncoded(const std::string& text) {
  // libcurl would take a length of 0 for "measure it".
  if (text.empty()) return "";
  const std::unique_ptr<char, decltype(&curl_free)> encoded(
      curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())), &curl_free);
  return encoded == nullptr ? "" : encoded.get();
}

}  // namespace ccplace::sync
