// HTTP as ccplace-sync needs it: one request, one bounded answer.
#ifndef CCPLACE_CLIENT_SYNC_HTTP_HTTP_CLIENT_H_
#define CCPLACE_CLIENT_SYNC_HTTP_HTTP_CLIENT_H_

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace ccplace::sync {

struct HttpRequest {
  std::string method;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // Sent when not empty.
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // Names in lower case.
  std::string body;
};

// TLS towards a server. Files are PEM.
struct TlsFiles {
  std::string ca_file;           // Both empty: the system's authorities. Else these alone.
  std::string ca_folder;         // As c_rehash(1) leaves it.
  std::string certificate_file;  // Client certificate; with key_file, or holding the key itself.
  std::string key_file;
  bool insecure = false;  // Do not check the server's certificate.
};

struct HttpOptions {
  TlsFiles tls;
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{30'000};  // Of a whole request.
  size_t body_limit_bytes = 16u << 20;        // A longer answer is a failed request.
  // Set by another thread: a request under way fails soon. OPTIONAL; must outlive the client.
  const std::atomic<bool>* stop = nullptr;
};

// Sends requests. For one thread at a time.
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  // The server's answer, of any status. UNAVAILABLE when there was none: the message names
  // method and URL (UrlForLog), never a header or a body, which may hold secrets.
  virtual absl::StatusOr<HttpResponse> Send(const HttpRequest& request) = 0;
};

// By libcurl, over one kept connection for each server; http and https only, no redirects. A kept
// connection that the server closed unannounced is made again by libcurl itself. INTERNAL when
// libcurl cannot be set up.
absl::StatusOr<std::unique_ptr<HttpClient>> MakeCurlClient(const HttpOptions& options);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_HTTP_HTTP_CLIENT_H_
