#include "lib/hypervisor/domain_xml_cache.h"

#include "gtest/gtest.h"

namespace ccplace {
namespace {

TEST(DomainXmlCacheTest, KeepsWhatWasReadUntilTheDomainChanges) {
  DomainXmlCache cache;
  const auto first = cache.Look("a");
  EXPECT_FALSE(first.xml.has_value());
  cache.Keep("a", first.age, "<domain/>");
  EXPECT_EQ(cache.Look("a").xml, "<domain/>");
  cache.Forget("a");
  EXPECT_FALSE(cache.Look("a").xml.has_value());
}

TEST(DomainXmlCacheTest, DropsXmlThatMayBeOlderThanAChange) {
  DomainXmlCache cache;
  const auto looked = cache.Look("a");
  cache.Forget("a");
  cache.Keep("a", looked.age, "<old/>");
  EXPECT_FALSE(cache.Look("a").xml.has_value());
  cache.Keep("a", looked.age, "<old/>");
  EXPECT_FALSE(cache.Look("a").xml.has_value());
}

TEST(DomainXmlCacheTest, ForgetsDomainsThatAreGone) {
  DomainXmlCache cache;
  for (const char* uuid : {"a", "b"}) cache.Keep(uuid, cache.Look(uuid).age, uuid);
  cache.KeepOnly({"b"});
  EXPECT_FALSE(cache.Look("a").xml.has_value());
  EXPECT_EQ(cache.Look("b").xml, "b");
}

}  // namespace
}  // namespace ccplace
