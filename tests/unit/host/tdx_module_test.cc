#include "lib/host/tdx_module.h"

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;

TEST(TdxModuleVersionTest, IsReadAsTheKernelWritesItAndAsPeopleDo) {
  const auto written = ParseTdxModuleVersion("1.5.06");
  ASSERT_TRUE(written.has_value());
  EXPECT_EQ(written->major, 1u);
  EXPECT_EQ(written->minor, 5u);
  EXPECT_EQ(written->update, 6u);
  EXPECT_EQ(written, ParseTdxModuleVersion("1.5.6"));
  EXPECT_EQ(TdxModuleText(*written), "1.5.06");
  EXPECT_EQ(TdxModuleText({2, 0, 14}), "2.0.14");
}

TEST(TdxModuleVersionTest, IsNothingElse) {
  for (const char* text : {"", "1", "1.5", "1.5.24.0", "1.5.", ".5.24", "1.5.x", "-1.5.24",
                           "1.5.+24", "1.5. 24", "1.5.24 ", "1.5.100000", "99999999999.5.1"}) {
    EXPECT_FALSE(ParseTdxModuleVersion(text).has_value()) << text;
  }
}

TEST(TdxModuleVersionTest, IsComparedByItsNumbers) {
  EXPECT_TRUE(*ParseTdxModuleVersion("1.5.9") < *ParseTdxModuleVersion("1.5.24"));
  EXPECT_TRUE(*ParseTdxModuleVersion("1.5.34") < *ParseTdxModuleVersion("2.0.2"));
  EXPECT_FALSE(*ParseTdxModuleVersion("1.5.24") < *ParseTdxModuleVersion("1.5.024"));
}

TEST(TdxModuleFloorTest, TakesOneVersionOfEachLine) {
  const auto floor = ParseTdxModuleFloor({"1.5.24", "2.0.14"});
  ASSERT_TRUE(floor.ok()) << floor.status();
  EXPECT_EQ(floor->size(), 2u);
  EXPECT_TRUE(ParseTdxModuleFloor({})->empty());
}

TEST(TdxModuleFloorTest, NamesWhatItDoesNotTake) {
  EXPECT_THAT(std::string(ParseTdxModuleFloor({"1.5.24", "2.0"}).status().message()),
              HasSubstr("'2.0' is no version of a TDX module"));
  EXPECT_THAT(std::string(ParseTdxModuleFloor({"1.5.24", "1.5.28"}).status().message()),
              HasSubstr("'1.5.28': the line 1.5 is named twice"));
}

// Values as in quotes of machines that run these modules, and in their release notes.
TEST(PublishedTdxModulesTest, StateSvnAndMrseam) {
  const PublishedTdxModule* known = FindPublishedTdxModule({1, 5, 5});
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->minor_svn, 5);
  EXPECT_EQ(known->major_svn, 1);
  EXPECT_EQ(known->mrseam,
            "1cc6a17ab799e9a693fac7536be61c12ee1e0fabada82d0c999e08ccee2aa86de77b0870f558c570e7ffe"
            "55d6d47fa04");
}

// docs/tdx-modules.md is what people read.
TEST(PublishedTdxModulesTest, AreThoseOfTheGuide) {
  std::ifstream in(absl::StrCat(CCPLACE_SOURCE_DIR, "/docs/tdx-modules.md"));
  std::vector<std::string> rows;
  for (std::string line; std::getline(in, line);) {
    if (absl::StrContains(line, "| `")) rows.push_back(line);
  }
  std::vector<std::string> expected;
  for (const PublishedTdxModule& one : PublishedTdxModules()) {
    expected.push_back(absl::StrCat("| ", TdxModuleText(one.version), " | ", one.build_date, " | ",
                                    one.major_svn, ".", one.minor_svn, " | `", one.mrseam, "` |"));
  }
  EXPECT_EQ(rows, expected);
}

TEST(PublishedTdxModulesTest, KnowNothingOfOthers) {
  EXPECT_EQ(FindPublishedTdxModule({1, 5, 99}), nullptr);
  EXPECT_EQ(FindPublishedTdxModule({1, 0, 3}), nullptr);
}

TEST(PublishedTdxModulesTest, AreSortedAndEachHasAnMrseamOfItsOwn) {
  std::set<std::string> seen;
  const TdxModuleVersion* before = nullptr;
  for (const PublishedTdxModule& one : PublishedTdxModules()) {
    if (before != nullptr) {
      EXPECT_TRUE(*before < one.version) << TdxModuleText(one.version);
    }
    before = &one.version;
    EXPECT_EQ(one.mrseam.size(), 96u);
    EXPECT_EQ(one.mrseam.find_first_not_of("0123456789abcdef"), absl::string_view::npos);
    EXPECT_TRUE(seen.insert(std::string(one.mrseam)).second) << TdxModuleText(one.version);
  }
}

}  // namespace
}  // namespace ccplace
