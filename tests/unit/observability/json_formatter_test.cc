#include "lib/observability/json_formatter.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

#include "nlohmann/json.hpp"

namespace ccplace {
namespace {

using nlohmann::json;

// What a logger with the formatter wrote.
std::string Written(LogPayload payload, const std::string& text) {
  std::ostringstream out;
  auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out);
  sink->set_formatter(MakeJsonFormatter(payload));
  spdlog::logger("ccplaced", sink).warn("{}", text);
  return out.str();
}

TEST(JsonFormatterTest, WritesTheSentenceWithWhenAndHowGrave) {
  const json line = json::parse(Written(LogPayload::kText, "libvirt is gone"));
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["logger"], "ccplaced");
  EXPECT_EQ(line["message"], "libvirt is gone");
  const std::string time = line["time"];
  ASSERT_EQ(time.size(), 27u) << time;
  EXPECT_EQ(time[10], 'T');
  EXPECT_EQ(time.back(), 'Z');
}

TEST(JsonFormatterTest, PutsAnObjectsMembersBesideItsOwn) {
  const json line = json::parse(Written(LogPayload::kObject, R"({"rpc":"DefineTdxDomain"})"));
  EXPECT_EQ(line["rpc"], "DefineTdxDomain");
  EXPECT_EQ(line["logger"], "ccplaced");
  EXPECT_FALSE(line.contains("message"));
}

TEST(JsonFormatterTest, KeepsHostileTextInOneLineOfValidJson) {
  const std::string hostile = "x\"}\n{\"level\":\"info\"}\r\x1b[2J\xff\xc3";
  for (const LogPayload payload : {LogPayload::kText, LogPayload::kObject}) {
    const std::string line = Written(payload, hostile);
    EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
    EXPECT_EQ(line.find('\x1b'), std::string::npos) << line;
    EXPECT_EQ(json::parse(line)["level"], "warning") << line;
  }
}

}  // namespace
}  // namespace ccplace
