#include "server/auth/revocations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace ccplace {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Revocations Parsed(absl::string_view text) {
  auto parsed = Revocations::Parse(text);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? *std::move(parsed) : Revocations();
}

TEST(RevocationsTest, TakeSerialNumbersAsToolsWriteThem) {
  for (const char* written : {"serial:0A1B", "serial:0a:1b", "serial:A1B", "SERIAL: 0a1b ",
                              "\tserial:000a1b  # of the laptop that was lost\r"}) {
    EXPECT_TRUE(Parsed(written).HasSerial("0A1B")) << written;
    EXPECT_FALSE(Parsed(written).HasSerial("A1")) << written;
  }
}

TEST(RevocationsTest, KnowTheSerialNumberZero) {
  EXPECT_TRUE(Parsed("serial:00").HasSerial("0"));
  EXPECT_FALSE(Parsed("serial:00").HasSerial("10"));
}

TEST(RevocationsTest, TakeNamesOfEveryKindWithWhateverIsInThem) {
  const Revocations revoked =
      Parsed("dns:a.example\nuri:spiffe://x/y#z\nip:10.0.0.1\nemail:ops@a.example\n\n# no more\n");
  EXPECT_EQ(revoked.size(), 4u);
  const std::vector<std::string> names = {"dns:other.example", "uri:spiffe://x/y#z"};
  ASSERT_NE(revoked.FindName(names), nullptr);
  EXPECT_EQ(*revoked.FindName(names), "uri:spiffe://x/y#z");
  EXPECT_EQ(revoked.FindName({"uri:a.example", "dns:spiffe://x/y#z"}), nullptr);
}

TEST(RevocationsTest, RefuseALineThatNamesNothingWithItsNumberAndTheRemedy) {
  for (const char* line : {"a.example", "*", "serial:", "serial:xyz", "dns:", "dns:a b",
                           "cn:a.example", "serial:00112233445566778899001122334455667788990011"}) {
    const absl::Status status = Revocations::Parse(absl::StrCat("# first\n", line, "\n")).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << line;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr("line 2: "), HasSubstr(line), HasSubstr("give serial:HEX")));
  }
}

TEST(RevocationsTest, OfTwoListsAreThoseOfEither) {
  const Revocations both = Parsed("serial:1").Plus(Parsed("serial:2"));
  EXPECT_TRUE(both.HasSerial("1"));
  EXPECT_TRUE(both.HasSerial("2"));
  EXPECT_EQ(both, Parsed("serial:2\nserial:1\nserial:01"));
}

}  // namespace
}  // namespace ccplace
