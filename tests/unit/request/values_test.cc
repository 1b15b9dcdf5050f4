#include "lib/request/values.h"

#include <cstdint>
#include <optional>

#include "gtest/gtest.h"

namespace ccplace::rules {
namespace {

TEST(ValuesTest, ReadsBooleansAsOsloDoesWhenStrict) {
  for (const char* text : {"1", "t", "T", "true", "True", "TRUE", "on", "On", "y", "Y", "yes",
                           "YES", " true", "true\n", "\tyes "}) {
    EXPECT_EQ(ReadBoolean(text), Boolean::kTrue) << text;
  }
  for (const char* text : {"0", "f", "F", "false", "False", "FALSE", "off", "OFF", "n", "N", "no",
                           "No", " false ", "0\r\n"}) {
    EXPECT_EQ(ReadBoolean(text), Boolean::kFalse) << text;
  }
}

TEST(ValuesTest, TakesNothingElseForABoolean) {
  for (const char* text : {"", " ", "enabled", "required", "2", "-1", "01", "tru", "truee", "yes.",
                           "None", "null", "\"true\"", "'true'", "1.0", "on off", "wahr"}) {
    EXPECT_EQ(ReadBoolean(text), Boolean::kInvalid) << text;
  }
}

// Python's str.strip takes these off.
TEST(ValuesTest, TakesSpacesOfUnicodeOffABoolean) {
  for (const char* text : {"true\u00a0", "\u2003true", "\u3000true\u2028", "\x1ctrue\x1f"}) {
    EXPECT_EQ(ReadBoolean(text), Boolean::kTrue) << text;
  }
  for (const char* text : {"true\u200b", "tr\u00a0ue", "\xc2true", "true\xa0", "\u00a0"}) {
    EXPECT_EQ(ReadBoolean(text), Boolean::kInvalid) << text;
  }
}

TEST(ValuesTest, ReadsIntegersAsPythonDoes) {
  EXPECT_EQ(ReadInteger("0"), 0);
  EXPECT_EQ(ReadInteger(" +007\n"), 7);
  EXPECT_EQ(ReadInteger("-1_000"), -1000);
  EXPECT_EQ(ReadInteger("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(ReadInteger("9223372036854775808"), INT64_MAX) << "a limit stands for what is past it";
  EXPECT_EQ(ReadInteger("-99999999999999999999"), INT64_MIN);
  for (const char* text : {"", " ", "-", "+", "1.0", "1e3", "0x1", "1__0", "_1", "1_", "1 0", "--1",
                           "one", "\u0663"}) {
    EXPECT_EQ(ReadInteger(text), std::nullopt) << text;
  }
}

// nova's _get_numa_pagesize_constraint, with oslo.utils' string_to_bytes.
TEST(ValuesTest, ReadsPageSizesAsNovaDoesThatStartsAServer) {
  for (const char* text : {"small", "large", "any", "2048", "2MB", "1GB", "1GiB", "4Kb", "16Mbit",
                           "+1.5MB", ".5GB", "4096B", "2MB\n"}) {
    EXPECT_TRUE(IsPageSize(text)) << text;
  }
  for (const char* text :
       {"", "2M", "2mb", "4kb", "Small", "any ", "1 GB", "huge", "2048 ", "1e3B", "\u0663", "-1"}) {
    EXPECT_FALSE(IsPageSize(text)) << text;
  }
}

TEST(ValuesTest, ReadsBootIndexesAsNovaDoes) {
  for (const char* text : {"0", "00", "-0", "+0", " 0 "}) {
    EXPECT_EQ(ReadBootIndex(text), BootPlace::kFirst) << text;
  }
  for (const char* text : {"", " ", "None", "none", "null", "-1", "-2", " -10 "}) {
    EXPECT_EQ(ReadBootIndex(text), BootPlace::kNone) << text;
  }
  for (const char* text : {"1", "+2", "010", "99999999999999999999999"}) {
    EXPECT_EQ(ReadBootIndex(text), BootPlace::kLater) << text;
  }
  for (const char* text : {"zero", "0x0", "0.0", "-", "+", "--1", "0 0", "1e3", "nil", "O"}) {
    EXPECT_EQ(ReadBootIndex(text), BootPlace::kInvalid) << text;
  }
}

TEST(ValuesTest, KnowsWhichPageSizesAreOrdinary) {
  for (const char* text : {"small", "4", "4KB", "4KiB", "4k", "4096B"}) {
    EXPECT_TRUE(IsSmallPageSize(text)) << text;
  }
  for (const char* text : {"large", "any", "2048", "2MB", "1GB", "1048576", "4MB", ""}) {
    EXPECT_FALSE(IsSmallPageSize(text)) << text;
  }
}

TEST(ValuesTest, KnowsWhatPlacementTakesForAName) {
  EXPECT_TRUE(IsPlacementName("CUSTOM_GOLD_2"));
  for (const char* text : {"", "custom", "A B", "A:1", "A,B", "A&B", "\xC3\x84"}) {
    EXPECT_FALSE(IsPlacementName(text)) << text;
  }
  EXPECT_TRUE(IsPlacementName(std::string(255, 'A')));
  EXPECT_FALSE(IsPlacementName(std::string(256, 'A')));
}

}  // namespace
}  // namespace ccplace::rules
