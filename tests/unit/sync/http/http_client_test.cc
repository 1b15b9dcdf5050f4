#include "client/sync/http/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "lib/observability/metrics_server.h"

namespace ccplace::sync {
namespace {

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
  EXPECT_THAT(refused.message(),
              ::testing::HasSubstr(absl::StrCat("longer than ", size - 1, " bytes")));
}

}  // namespace
}  // namespace ccplace::sync
