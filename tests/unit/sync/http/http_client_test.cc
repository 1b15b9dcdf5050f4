#include "client/sync/http/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "absl/strings/str_cat.h"
#include "lib/observability/metrics_server.h"

namespace ccplace::sync {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// An HTTP server that answers a few bytes, the same each time: that there is no such page.
class CurlClientTest : public ::testing::Test {
 protected:
  absl::StatusOr<HttpResponse> GetWithin(size_t limit_bytes) {
    HttpOptions options;
    options.body_limit_bytes = limit_bytes;
    const auto client = MakeCurlClient(options);
    if (!client.ok()) return client.status();
    HttpRequest request;
    request.method = "GET";
    request.url = absl::StrCat("http://127.0.0.1:", (*server_)->port(), "/nowhere");
    return (*client)->Send(request);
  }

  const absl::StatusOr<std::unique_ptr<MetricsServer>> server_ =
      MetricsServer::Open("127.0.0.1:0", {});
};

TEST_F(CurlClientTest, TakesAnAnswerAtTheLimitAndSaysOfALongerOneThatItIs) {
  ASSERT_TRUE(server_.ok()) << server_.status();
  const auto whole = GetWithin(1 << 20);
  ASSERT_TRUE(whole.ok()) << whole.status();
  const size_t size = whole->body.size();
  ASSERT_GT(size, 0u);
  EXPECT_TRUE(GetWithin(size).ok());
  const absl::Status refused = GetWithin(size - 1).status();
  EXPECT_TRUE(absl::IsUnavailable(refused));
  EXPECT_THAT(refused.message(), HasSubstr(absl::StrCat("longer than ", size - 1, " bytes")));
}

// A proxy that sends one request back, as an answer that it wants another login.
class EchoingProxy {
 public:
  EchoingProxy() {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_, any, size), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    EXPECT_EQ(getsockname(listener_, any, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { ServeOne(); });
  }
  ~EchoingProxy() {
    thread_.join();
    close(listener_);
  }
  int port() const { return port_; }

 private:
  void ServeOne() const {
    const int peer = accept(listener_, nullptr, nullptr);
    std::string request(4096, '\0');
    request.resize(static_cast<size_t>(std::max<ssize_t>(0, read(peer, request.data(), 4096))));
    const std::string answer =
        absl::StrCat("HTTP/1.1 407 Login\r\nContent-Length: ", request.size(), "\r\n\r\n", request);
    EXPECT_EQ(write(peer, answer.data(), answer.size()), static_cast<ssize_t>(answer.size()));
    close(peer);
  }

  const int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int port_ = 0;
  std::thread thread_;
};

class ProxyTest : public ::testing::Test {
 protected:
  ~ProxyTest() override { unsetenv("http_proxy"); }

  static absl::StatusOr<HttpResponse> GetThrough(const std::string& proxy) {
    setenv("http_proxy", proxy.c_str(), 1);
    const auto client = MakeCurlClient({});
    if (!client.ok()) return client.status();
    return (*client)->Send({"GET", "http://placement.invalid/", {}, ""});
  }
};

TEST_F(ProxyTest, WhoseUrlIsNoneIsNamedWithoutItsPassword) {
  for (const char* proxy :
       {"http://user:hunter22@127.0.0.1:99999", "foo://user:hunter22@127.0.0.1:1",
        "user:hunter22@127.0.0.1:99999", "http://user:hunter22 @127.0.0.1:1"}) {
    const absl::Status refused = GetThrough(proxy).status();
    EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
    EXPECT_THAT(std::string(refused.message()), Not(HasSubstr("hunter22"))) << proxy;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("proxy"));
  }
}

TEST_F(ProxyTest, ThatSendsItsLoginBackIsQuotedWithoutIt) {
  EchoingProxy proxy;
  const auto answer = GetThrough(absl::StrCat("http://user:hunter%3222@127.0.0.1:", proxy.port()));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 407);
  EXPECT_THAT(answer->body, HasSubstr("Proxy-Authorization: Basic (secret)"));
}

}  // namespace
}  // namespace ccplace::sync
