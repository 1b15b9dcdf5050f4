#include "lib/observability/metrics_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "lib/observability/metric_family.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;

std::vector<prometheus::MetricFamily> OneGauge() {
  auto family = NewGauge("demo", "A demonstration.");
  AddSample(family, 7, {{"kind", "a\"b\nc"}});
  return {family};
}

TEST(MetricsServerTest, SaysWhichPortItGot) {
  const auto server = MetricsServer::Open("127.0.0.1:0", OneGauge);
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_GT((*server)->port(), 0);
}

TEST(MetricsServerTest, FailsWhereSomebodyElseListens) {
  const auto first = MetricsServer::Open("127.0.0.1:0", OneGauge);
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string address = absl::StrCat("127.0.0.1:", (*first)->port());
  const auto second = MetricsServer::Open(address, OneGauge);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(second.status().message(), HasSubstr(address));
}

TEST(MetricsServerTest, RefusesWhatIsNoSingleAddress) {
  for (const char* bad : {"", "9464", ":9464", "localhost:9464", "127.0.0.1:9464,0.0.0.0:9465",
                          "127.0.0.1:9464s", "unix:/tmp/x"}) {
    EXPECT_EQ(MetricsServer::Open(bad, OneGauge).status().code(),
              absl::StatusCode::kInvalidArgument)
        << bad;
  }
}

}  // namespace
}  // namespace ccplace
