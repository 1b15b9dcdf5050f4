#include "server/audit/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/base/status.h"
#include "nlohmann/json.hpp"

namespace ccplace {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(AuditFieldsTest, SaysWhoDidWhatToWhichDomain) {
  const json line =
      json(AuditFields({"DefineTdxDomain", "operator socket uid=0 gid=0 pid=7", "some-uuid",
                        "some-digest", "define,start", absl::OkStatus()}));
  EXPECT_EQ(line["rpc"], "DefineTdxDomain");
  EXPECT_EQ(line["caller"], "operator socket uid=0 gid=0 pid=7");
  EXPECT_EQ(line["uuid"], "some-uuid");
  EXPECT_EQ(line["digest"], "some-digest");
  EXPECT_EQ(line["what"], "define,start");
  EXPECT_EQ(line["verdict"], "OK");
}

TEST(AuditFieldsTest, SaysWhyNot) {
  const json line = json(
      AuditFields({"DefineTdxDomain", "x", "", "", "",
                   WithReason(absl::ResourceExhaustedError("no key is free"), "NO_FREE_KEY")}));
  EXPECT_EQ(line["verdict"], "RESOURCE_EXHAUSTED");
  EXPECT_EQ(line["reason"], "NO_FREE_KEY");
  EXPECT_EQ(line["message"], "no key is free");
  EXPECT_FALSE(line.contains("uuid"));
}

TEST(AuditFieldsTest, IsOneBoundedLineWhateverTheCallerSends) {
  const std::string hostile =
      std::string("\n{\"rpc\":\"fake\"}\x1b[2J\xff") + std::string(9999, 'x');
  const std::string line =
      AuditFields({"UndefineTdxDomain", hostile, hostile, "", "", absl::InternalError(hostile)})
          .dump();
  EXPECT_THAT(line, Not(HasSubstr("\n")));
  EXPECT_THAT(line, Not(HasSubstr("\x1b")));
  EXPECT_LT(line.size(), 3000u);
  EXPECT_EQ(json::parse(line)["rpc"], "UndefineTdxDomain");
}

TEST(AuditFieldsTest, SayWhichOfTheCallersCallsItWas) {
  const json line(AuditFields({"UndefineTdxDomain",
                               "x",
                               "",
                               "",
                               "",
                               absl::OkStatus(),
                               {"req-1", "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"}}));
  EXPECT_EQ(line["request_id"], "req-1");
  EXPECT_EQ(line["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(line["span_id"], "00f067aa0ba902b7");
}

}  // namespace
}  // namespace ccplace
