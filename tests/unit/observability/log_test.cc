#include "lib/observability/log.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

#include "nlohmann/json.hpp"

namespace ccplace {
namespace {

// The default logger, into a string.
class LogTest : public ::testing::Test {
 protected:
  LogTest() {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out_);
    sink->set_pattern("%v");
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
  }
  ~LogTest() override { spdlog::set_default_logger(before_); }

  const std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  std::ostringstream out_;
};

TEST_F(LogTest, WritesAnEventsSentenceForPeople) {
  LogEvent(spdlog::level::info, "libvirt is back", {{"event", "facts"}});
  EXPECT_EQ(out_.str(), "libvirt is back\n");
}

TEST_F(LogTest, LeavesOutEventsBelowTheLevel) {
  spdlog::set_level(spdlog::level::warn);
  LogEvent(spdlog::level::info, "libvirt is back", {{"event", "facts"}});
  EXPECT_EQ(out_.str(), "");
}

TEST_F(LogTest, StepsToTheNextLevelAndSaysSo) {
  StepLogLevel(1);
  EXPECT_EQ(spdlog::get_level(), spdlog::level::debug);
  EXPECT_EQ(out_.str(), "the log's level is debug now\n");
  StepLogLevel(-2);
  EXPECT_EQ(spdlog::get_level(), spdlog::level::warn);
}

TEST(LogFormatTest, IsReadAndWrittenAsAFlag) {
  for (const char* word : {"auto", "text", "json"}) {
    LogFormat format;
    std::string error;
    EXPECT_TRUE(AbslParseFlag(word, &format, &error));
    EXPECT_EQ(AbslUnparseFlag(format), word);
  }
  LogFormat format = LogFormat::kText;
  std::string error;
  EXPECT_FALSE(AbslParseFlag("xml", &format, &error));
  EXPECT_EQ(error, "give auto, text or json");
}

TEST_F(LogTest, StopsAtBothEnds) {
  StepLogLevel(99);
  EXPECT_EQ(spdlog::get_level(), spdlog::level::trace);
  StepLogLevel(-99);
  EXPECT_EQ(spdlog::get_level(), spdlog::level::critical);
}

}  // namespace
}  // namespace ccplace
