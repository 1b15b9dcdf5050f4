#include "client/sync/http/http_client.h"

#include <curl/curl.h>

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
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
  CurlClient(CURL* handle, const HttpOptions& options) : handle_(handle), options_(options) {}

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

  static absl::Status Failed(const HttpRequest& request, absl::string_view cause) {
    return absl::UnavailableError(absl::StrCat(
        request.method, " ", Printable(UrlForLog(request.url), 512), ": ", Printable(cause)));
  }

  const std::unique_ptr<CURL, FreeEasy> handle_;
  const HttpOptions options_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpClient>> MakeCurlClient(const HttpOptions& options) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL* handle = ready == CURLE_OK ? curl_easy_init() : nullptr;
  if (handle == nullptr) return absl::InternalError("libcurl cannot be set up");
  return std::make_unique<CurlClient>(handle, options);
}

}  // namespace ccplace::sync
