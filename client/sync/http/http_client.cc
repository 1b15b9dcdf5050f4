#include "client/sync/http/http_client.h"

#include <curl/curl.h>

#include <array>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "client/sync/http/redact.h"
#include "client/sync/http/url.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

constexpr size_t kHeaderLimit = 100;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

struct FreeEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

// What stands before the host in `url`, as written and as it is sent (RFC 7617).
void AddLogin(absl::string_view url, std::vector<std::string>* secrets) {
  const size_t end = url.rfind('@');
  if (end == absl::string_view::npos) return;
  const size_t scheme = url.find("://");
  const size_t begin = scheme == absl::string_view::npos ? 0 : scheme + 3;
  if (begin >= end) return;
  const std::string login(url.substr(begin, end - begin));
  const std::string plain = UrlDecoded(login);
  for (const std::string& text : {login, plain}) {
    secrets->push_back(text);
    const size_t colon = text.find(':');
    if (colon != std::string::npos) secrets->push_back(text.substr(colon + 1));
  }
  secrets->push_back(absl::Base64Escape(plain));
}

// Of the proxies that libcurl takes from the environment (libcurl-env(3)). It quotes the whole URL
// of one that it does not understand, and a proxy can send back what it was sent.
std::vector<std::string> ProxyLogins() {
  std::vector<std::string> secrets;
  for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    const char* url = std::getenv(name);
    if (url != nullptr) AddLogin(url, &secrets);
  }
  return secrets;
}

// Where one answer is gathered.
struct Gathering {
  HttpResponse answer;
  size_t body_limit_bytes = 0;
  bool too_long = false;
};

size_t OnBody(char* data, size_t size, size_t count, void* context) {
  auto& gathering = *static_cast<Gathering*>(context);
  gathering.too_long = gathering.answer.body.size() + size * count > gathering.body_limit_bytes;
  if (gathering.too_long) return 0;
  gathering.answer.body.append(data, size * count);
  return size * count;
}

size_t OnHeader(char* data, size_t size, size_t count, void* context) {
  auto& headers = static_cast<Gathering*>(context)->answer.headers;
  const absl::string_view line(data, size * count);
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(line, absl::MaxSplits(':', 1));
  if (headers.size() < kHeaderLimit && parts.first.size() < line.size()) {
    headers[absl::AsciiStrToLower(absl::StripAsciiWhitespace(parts.first))] =
        std::string(absl::StripAsciiWhitespace(parts.second));
  }
  return size * count;
}

int OnProgress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto* stop = static_cast<const std::atomic<bool>*>(context);
  return stop != nullptr && stop->load(std::memory_order_relaxed) ? 1 : 0;
}

HeaderList HeadersOf(const HttpRequest& request) {
  curl_slist* list = nullptr;
  for (const auto& [name, value] : request.headers) {
    list = curl_slist_append(list, absl::StrCat(name, ": ", value).c_str());
  }
  // libcurl would wait for a "100 Continue" that most of these servers never send.
  return HeaderList(curl_slist_append(list, "Expect:"));
}

class CurlClient : public HttpClient {
 public:
  CurlClient(CURL* handle, const HttpOptions& options)
      : handle_(handle), options_(options), secrets_(ProxyLogins()) {}

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override {
    curl_easy_reset(handle_.get());  // Keeps connections.
    Gathering gathering;
    gathering.body_limit_bytes = options_.body_limit_bytes;
    const HeaderList headers = HeadersOf(request);
    std::array<char, CURL_ERROR_SIZE> error = {};
    SetCommon(error.data());
    SetTls();
    SetRequest(request, headers.get(), gathering);
    const CURLcode code = curl_easy_perform(handle_.get());
    if (gathering.too_long) {
      return Failed(request, absl::StrCat("its answer is longer than ", options_.body_limit_bytes,
                                          " bytes; correct the URL where it is not the service's"));
    }
    if (code != CURLE_OK) {
      return Failed(request, error[0] != '\0' ? error.data() : curl_easy_strerror(code));
    }
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    gathering.answer.status = static_cast<int>(status);
    if (status >= 300) gathering.answer.body = Redacted(std::move(gathering.answer.body), secrets_);
    return std::move(gathering.answer);
  }

 private:
  template <typename Value>
  void Set(CURLoption option, Value value) {
    curl_easy_setopt(handle_.get(), option, value);
  }

  void SetCommon(char* error) {
    Set(CURLOPT_ERRORBUFFER, error);
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_PROTOCOLS_STR, "http,https");
    Set(CURLOPT_FOLLOWLOCATION, 0L);
    Set(CURLOPT_USERAGENT, "ccplace-sync");
    Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
    Set(CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
    Set(CURLOPT_NOPROGRESS, 0L);
    Set(CURLOPT_XFERINFOFUNCTION, &OnProgress);
    Set(CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(options_.stop));
  }

  void SetTls() {
    const TlsFiles& tls = options_.tls;
    // A libcurl built with a default folder would keep it beside the file that is set.
    const bool own = !tls.ca_file.empty() || !tls.ca_folder.empty();
    if (own) Set(CURLOPT_CAINFO, tls.ca_file.empty() ? nullptr : tls.ca_file.c_str());
    if (own) Set(CURLOPT_CAPATH, tls.ca_folder.empty() ? nullptr : tls.ca_folder.c_str());
    if (!tls.certificate_file.empty()) Set(CURLOPT_SSLCERT, tls.certificate_file.c_str());
    if (!tls.key_file.empty()) Set(CURLOPT_SSLKEY, tls.key_file.c_str());
    Set(CURLOPT_SSL_VERIFYPEER, tls.insecure ? 0L : 1L);
    Set(CURLOPT_SSL_VERIFYHOST, tls.insecure ? 0L : 2L);
  }

  void SetRequest(const HttpRequest& request, curl_slist* headers, Gathering& gathering) {
    Set(CURLOPT_URL, request.url.c_str());
    Set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    Set(CURLOPT_HTTPHEADER, headers);
    Set(CURLOPT_WRITEFUNCTION, &OnBody);
    Set(CURLOPT_WRITEDATA, &gathering);
    Set(CURLOPT_HEADERFUNCTION, &OnHeader);
    Set(CURLOPT_HEADERDATA, &gathering);
    if (request.body.empty()) return;
    Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    Set(CURLOPT_POSTFIELDS, request.body.c_str());
  }

  absl::Status Failed(const HttpRequest& request, absl::string_view cause) const {
    return absl::UnavailableError(absl::StrCat(request.method, " ",
                                               Printable(UrlForLog(request.url), 512), ": ",
                                               Printable(Redacted(std::string(cause), secrets_))));
  }

  const std::unique_ptr<CURL, FreeEasy> handle_;
  const HttpOptions options_;
  const std::vector<std::string> secrets_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpClient>> MakeCurlClient(const HttpOptions& options) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL* handle = ready == CURLE_OK ? curl_easy_init() : nullptr;
  if (handle == nullptr) return absl::InternalError("libcurl cannot be set up");
  return std::make_unique<CurlClient>(handle, options);
}

}  // namespace ccplace::sync
