#include "client/ctl/console/console.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "ccplace/v1/inventory.pb.h"
#include "client/ctl/console/enum_names.h"
#include "client/ctl/console/message_json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ccplace::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ConsoleTest, AlignsColumnsByWhatATerminalShows) {
  std::ostringstream out;
  Console console(&out, false, 0);
  console.Table({"NAME", "N"}, {{{"ab\xC3\xA9"}, {"1"}},  // é: two bytes, one column.
                                {{"\xE6\x97\xA5\xE6\x9C\xAC"}, {"2"}},  // 日本: two columns each.
                                {{"e\xCC\x81"}, {"3"}}});               // e and a combining accent.
  EXPECT_EQ(out.str(),
            "NAME  N\n"
            "ab\xC3\xA9   1\n"
            "\xE6\x97\xA5\xE6\x9C\xAC  2\n"
            "e\xCC\x81     3\n");
}

TEST(ConsoleTest, LetsNothingUnprintableThrough) {
  std::ostringstream out;
  Console console(&out, false, 0);
  console.Line("a\x1b[2Jb");
  console.Paragraph("c\r\nd", 2);
  console.Lines("e\x07\nf");
  console.Table({"H"}, {{{"g\x9b"}}});
  EXPECT_EQ(out.str(), "a\\x1b[2Jb\n  c\\x0d\\x0ad\ne\\x07\nf\nH\ng\\x9b\n");
}

TEST(ConsoleTest, ColoursOnlyWhenToldTo) {
  std::ostringstream plain;
  Console(&plain, false, 80).Line({{"x", Style::kGood}});
  EXPECT_EQ(plain.str(), "x\n");
  std::ostringstream coloured;
  Console(&coloured, true, 80).Line({{"x", Style::kGood}, {"y"}});
  EXPECT_EQ(coloured.str(), "\x1b[32mx\x1b[0my\n");
}

TEST(ConsoleTest, WrapsAtATerminalsWidthAlone) {
  const std::string text = "one two three four five six seven";
  std::ostringstream terminal;
  Console(&terminal, false, 24).Paragraph(text, 2);
  EXPECT_EQ(terminal.str(), "  one two three four\n  five six seven\n");
  std::ostringstream file;
  Console(&file, false, 0).Paragraph(text, 2);
  EXPECT_EQ(file.str(), "  " + text + "\n");
}

TEST(JsonTextTest, KeepsNamesZeroesAndAbsence) {
  v1::TdxInventoryResponse answer;
  answer.mutable_keys()->mutable_free()->set_value(0);
  answer.mutable_keys()->mutable_in_use()->set_source("not read");
  const auto expected = nlohmann::json::parse(R"({
    "keys": {"in_use": {"source": "not read"}, "free": {"value": "0", "source": ""},
             "withheld": ""},
    "simulated": false})");
  EXPECT_EQ(nlohmann::json::parse(MessageJson(answer, true)), expected);
  EXPECT_EQ(nlohmann::json::parse(MessageJson(answer, false)), expected);
}

TEST(JsonTextTest, EscapesWhatATerminalWouldObey) {
  v1::Figure figure;
  figure.set_source("a\x1b\xC2\x9B\x7F\xC3\xA9");
  const std::string json = MessageJson(figure, true);
  EXPECT_THAT(json, HasSubstr("\\u001b"));
  EXPECT_THAT(json, HasSubstr("\\u009b"));
  EXPECT_THAT(json, HasSubstr("\\u007f"));
  EXPECT_THAT(json, HasSubstr("\xC3\xA9"));
  EXPECT_THAT(json, Not(HasSubstr("\xC2\x9B")));
}

TEST(WordsTest, NamesValuesAsPeopleWriteThem) {
  EXPECT_EQ(ModelName(v1::ENCRYPTION_MODEL_AMD_SEV_SNP), "amd-sev-snp");
  EXPECT_EQ(CheckKindName(v1::CHECK_KIND_QUOTE_GENERATION_SERVICE), "quote generation service");
  EXPECT_EQ(UpperEnumName(v1::SUPPORT_UNKNOWN), "UNKNOWN");
  EXPECT_EQ(DecisionName(v1::DECISION_NOT_CONFIDENTIAL), "NOT CONFIDENTIAL");
  EXPECT_EQ(CheckKindName(static_cast<v1::CheckKind>(99)), "value 99");
  EXPECT_EQ(*ParseModel("intel-tdx"), v1::ENCRYPTION_MODEL_INTEL_TDX);
  EXPECT_EQ(*ParseOperation("live-migration"), v1::OPERATION_LIVE_MIGRATION);
  EXPECT_THAT(std::string(ParseModel("tdx").status().message()),
              HasSubstr("use one of intel-tdx, amd-sev, amd-sev-es, amd-sev-snp"));
}

TEST(WordsTest, ShowsAgesInTheirUnit) {
  EXPECT_EQ(AgeText(850), "850 ms");
  EXPECT_EQ(AgeText(12'000), "12.0 s");
  EXPECT_EQ(AgeText(300'000), "5 min");
  EXPECT_EQ(AgeText(11'520'000), "3.2 h");
}

}  // namespace
}  // namespace ccplace::ctl
