#include "lib/observe/metrics_door.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/collectable.h>

#include "absl/strings/str_cat.h"
#include "lib/observe/metric_family.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;

class OneGauge final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override {
    auto family = NewGauge("demo", "A demonstration.");
    AddSample(family, 7, {{"kind", "a\"b\nc"}});
    return {family};
  }
};

MetricsDoor::Sources OneSource() { return {std::make_shared<OneGauge>()}; }

TEST(MetricsDoorTest, SaysWhichPortItGot) {
  const auto door = MetricsDoor::Open("127.0.0.1:0", OneSource());
  ASSERT_TRUE(door.ok()) << door.status();
  EXPECT_GT((*door)->port(), 0);
}

TEST(MetricsDoorTest, FailsWhereSomebodyElseListens) {
  const auto first = MetricsDoor::Open("127.0.0.1:0", OneSource());
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string address = absl::StrCat("127.0.0.1:", (*first)->port());
  const auto second = MetricsDoor::Open(address, OneSource());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(second.status().message(), HasSubstr(address));
}

TEST(MetricsDoorTest, RefusesWhatIsNoSingleAddress) {
  for (const char* bad : {"", "9464", ":9464", "localhost:9464", "127.0.0.1:9464,0.0.0.0:9465",
                          "127.0.0.1:9464s", "unix:/tmp/x"}) {
    EXPECT_EQ(MetricsDoor::Open(bad, OneSource()).status().code(),
              absl::StatusCode::kInvalidArgument)
        << bad;
  }
}

}  // namespace
}  // namespace ccplace
