#include "lib/base/digest.h"

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace ccplace {
namespace {

// FIPS 180-4's example "abc" (csrc.nist.gov, SHA examples).
TEST(DigestTest, IsWhatTheStandardGives) {
  EXPECT_EQ(absl::BytesToHexString(*DigestOf(DigestAlgorithm::kSha1, "abc")),
            "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(absl::BytesToHexString(*DigestOf(DigestAlgorithm::kSha256, "abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(absl::BytesToHexString(*DigestOf(DigestAlgorithm::kSha384, "abc")),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
            "8086072ba1e7cc2358baeca134c825a7");
}

TEST(DigestTest, IsTheSameHoweverTheBytesCome) {
  Digest digest(DigestAlgorithm::kSha384);
  digest.Add("a");
  digest.Add("");
  digest.Add("bc");
  EXPECT_EQ(*digest.Finish(), *DigestOf(DigestAlgorithm::kSha384, "abc"));
}

}  // namespace
}  // namespace ccplace
