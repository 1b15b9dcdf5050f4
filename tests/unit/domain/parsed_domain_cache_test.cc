#include "lib/domain/parsed_domain_cache.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace ccplace {
namespace {

constexpr char kUuid[] = "2f1c0f5e-7c0a-4b0e-9a57-1b1f3f3f0d11";

std::string DomainNamed(absl::string_view name) {
  return absl::StrCat("<domain><name>", name, "</name><uuid>", kUuid, "</uuid></domain>");
}

TEST(ParsedDomainCacheTest, GivesWhatItReadBeforeWhileTheXmlIsTheSame) {
  ParsedDomainCache memory;
  const auto first = memory.Read(kUuid, DomainNamed("a"));
  ASSERT_TRUE(first->ok());
  EXPECT_EQ(memory.Read(kUuid, DomainNamed("a")), first);
}

TEST(ParsedDomainCacheTest, ReadsXmlThatChanged) {
  ParsedDomainCache memory;
  const auto before = memory.Read(kUuid, DomainNamed("a"));
  EXPECT_EQ((*memory.Read(kUuid, DomainNamed("b")))->name, "b");
  EXPECT_EQ((*before)->name, "a");
}

TEST(ParsedDomainCacheTest, ReadsAnewWhatItWasToForget) {
  ParsedDomainCache memory;
  const auto kept = memory.Read(kUuid, DomainNamed("a"));
  const auto gone = memory.Read("gone", DomainNamed("a"));
  memory.KeepOnly({kUuid});
  EXPECT_EQ(memory.Read(kUuid, DomainNamed("a")), kept);
  EXPECT_NE(memory.Read("gone", DomainNamed("a")), gone);
}

TEST(ParsedDomainCacheTest, TellsTheLatestOfEveryDomain) {
  ParsedDomainCache memory;
  memory.Read(kUuid, DomainNamed("a"));
  memory.Read("other", DomainNamed("b"));
  const auto latest = memory.Read(kUuid, DomainNamed("c"));
  EXPECT_EQ(memory.All().size(), 2u);
  memory.KeepOnly({kUuid});
  EXPECT_EQ(memory.All(), std::vector<ParsedDomainCache::ParsedDomain>{latest});
}

TEST(ParsedDomainCacheTest, RemembersThatXmlIsNoDomain) {
  ParsedDomainCache memory;
  const auto first = memory.Read(kUuid, "<network/>");
  EXPECT_TRUE(absl::IsInvalidArgument(first->status()));
  EXPECT_EQ(memory.Read(kUuid, "<network/>"), first);
}

}  // namespace
}  // namespace ccplace
