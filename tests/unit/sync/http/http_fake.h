// A server that answers in the order it was told to, and remembers what it was asked.
#ifndef CCPLACE_TESTS_UNIT_SYNC_HTTP_HTTP_FAKE_H_
#define CCPLACE_TESTS_UNIT_SYNC_HTTP_HTTP_FAKE_H_

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "client/sync/http/http_client.h"

namespace ccplace::sync {

class HttpFake : public HttpClient {
 public:
  void Answer(int status, std::string body, std::map<std::string, std::string> headers = {}) {
    answers_.push_back(HttpResponse{status, std::move(headers), std::move(body)});
  }

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override {
    requests.push_back(request);
    if (answers_.empty()) return absl::UnavailableError("connection refused");
    HttpResponse answer = answers_.front();
    answers_.pop_front();
    return answer;
  }

  // The value of a header of the latest request; empty when it had none.
  std::string Header(const std::string& name) const {
    for (const auto& [key, value] : requests.back().headers) {
      if (key == name) return value;
    }
    return "";
  }

  std::vector<HttpRequest> requests;

 private:
  std::deque<HttpResponse> answers_;
};

}  // namespace ccplace::sync

#endif  // CCPLACE_TESTS_UNIT_SYNC_HTTP_HTTP_FAKE_H_
