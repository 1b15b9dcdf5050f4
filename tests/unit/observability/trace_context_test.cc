#include "lib/observability/trace_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ccplace {
namespace {

using ::testing::MatchesRegex;

// The example of W3C Trace Context, section 3.2.4.
constexpr char kTraceparent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceContextTest, TakesOverTheCallersIdAndTrace) {
  const TraceContext origin = MakeTraceContext("req-7d3f@nova.example:8774/x", kTraceparent);
  EXPECT_EQ(origin.request_id, "req-7d3f@nova.example:8774/x");
  EXPECT_EQ(origin.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(origin.span_id, "00f067aa0ba902b7");
}

TEST(TraceContextTest, MakesAnIdOfItsOwnWhereTheCallersIsMissingOrHostile) {
  for (const std::string& id :
       {std::string(), std::string("a b"), std::string("a\nb"), std::string("\"}"),
        std::string("\xff"), std::string(kRequestIdLimit + 1, 'x')}) {
    EXPECT_THAT(MakeTraceContext(id, "").request_id, MatchesRegex("[0-9a-f]{32}"));
  }
  EXPECT_NE(MakeTraceContext("", "").request_id, MakeTraceContext("", "").request_id);
}

TEST(TraceContextTest, TakesTheLongestIdThereMayBe) {
  const std::string id(kRequestIdLimit, 'x');
  EXPECT_EQ(MakeTraceContext(id, "").request_id, id);
}

TEST(TraceContextTest, KnowsTracesOfLaterVersions) {
  for (const char* later : {"cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what"}) {
    EXPECT_EQ(MakeTraceContext("", later).span_id, "00f067aa0ba902b7") << later;
  }
}

TEST(TraceContextTest, IgnoresATraceThatBreaksTheRules) {
  for (const char* bad : {
           "",
           "00",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what",
           "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.what",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e473\n-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
           "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
       }) {
    const TraceContext origin = MakeTraceContext("id", bad);
    EXPECT_EQ(origin.trace_id, "") << bad;
    EXPECT_EQ(origin.span_id, "") << bad;
    EXPECT_EQ(origin.request_id, "id");
  }
}

}  // namespace
}  // namespace ccplace
