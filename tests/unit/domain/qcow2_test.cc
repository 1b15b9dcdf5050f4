#include "lib/domain/qcow2.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;

// A header of zeroes but for magic and version.
std::string Head(char version) {
  std::string head(kQcow2HeadBytes, '\0');
  head.replace(0, 4, "QFI\xfb");
  head[7] = version;
  return head;
}

std::string Refusal(const std::string& head) {
  const absl::Status status = CheckQcow2Head(head);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  return std::string(status.message());
}

TEST(CheckQcow2HeadTest, AcceptsAnImageThatStandsAlone) {
  EXPECT_TRUE(CheckQcow2Head(Head(2)).ok());
  EXPECT_TRUE(CheckQcow2Head(Head(3)).ok());
  std::string lazy_refcounts = Head(3);
  lazy_refcounts[87] = '\x01';
  EXPECT_TRUE(CheckQcow2Head(lazy_refcounts).ok());
}

TEST(CheckQcow2HeadTest, RefusesABackingFile) {
  for (char version : {2, 3}) {
    std::string head = Head(version);
    head[14] = '\x01';
    EXPECT_THAT(Refusal(head), HasSubstr("backing file"));
  }
}

TEST(CheckQcow2HeadTest, RefusesAnExternalDataFile) {
  std::string head = Head(3);
  head[79] = '\x04';
  EXPECT_THAT(Refusal(head), HasSubstr("external data file"));
}

// QEMU, docs/interop/qcow2.txt, bytes 72 to 79.
TEST(CheckQcow2HeadTest, AcceptsFeaturesThatNameNoFileAndRefusesThoseOfTomorrow) {
  for (const char known : {'\x01', '\x02', '\x08', '\x10'}) {
    std::string head = Head(3);
    head[79] = known;
    EXPECT_TRUE(CheckQcow2Head(head).ok()) << static_cast<int>(known);
  }
  for (const size_t byte : {79, 78, 72}) {
    std::string head = Head(3);
    head[byte] = '\x40';
    EXPECT_THAT(Refusal(head), HasSubstr("incompatible features that this daemon does not know"));
  }
}

TEST(CheckQcow2HeadTest, RefusesWhatIsNoQcow2) {
  EXPECT_THAT(Refusal(""), HasSubstr("no QCOW2 image"));
  EXPECT_THAT(Refusal(std::string(512, '\0')), HasSubstr("no QCOW2 image"));
  EXPECT_THAT(Refusal(Head(1)), HasSubstr("unknown version"));
  EXPECT_THAT(Refusal(Head(3).substr(0, 80)), HasSubstr("cut short"));
}

}  // namespace
}  // namespace ccplace
