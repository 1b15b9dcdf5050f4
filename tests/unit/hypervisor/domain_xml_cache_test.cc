#include "lib/hypervisor/domain_xml_cache.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

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

TEST(DomainXmlCacheTest, KeepsNothingAcrossAStart) {
  DomainXmlCache cache;
  cache.Keep("a", cache.Look("a").age, "<definition/>");
  EXPECT_FALSE(cache.Look("a", 7).xml.has_value());
  cache.Keep("a", cache.Look("a", 7).age, "<live/>");
  EXPECT_EQ(cache.Look("a", 7).xml, "<live/>");
  EXPECT_FALSE(cache.Look("a", 8).xml.has_value());
  EXPECT_FALSE(cache.Look("a").xml.has_value());
}

TEST(DomainXmlCacheTest, ForgetsDomainsThatAreGone) {
  DomainXmlCache cache;
  for (const char* uuid : {"a", "b"}) cache.Keep(uuid, cache.Look(uuid).age, uuid);
  cache.KeepOnly({"b"});
  EXPECT_FALSE(cache.Look("a").xml.has_value());
  EXPECT_EQ(cache.Look("b").xml, "b");
}

TEST(DomainXmlCacheTest, ReadersNeverKeepXmlOlderThanAChangeHoweverTheyMeet) {
  DomainXmlCache cache;
  std::atomic<int> version{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const auto looked = cache.Look("a");
        if (!looked.xml.has_value()) cache.Keep("a", looked.age, std::to_string(version));
      }
    });
  }
  for (int changed = 1; changed <= 2000; ++changed) {
    version = changed;
    cache.Forget("a");
    const auto looked = cache.Look("a");
    EXPECT_TRUE(!looked.xml.has_value() || *looked.xml == std::to_string(changed));
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace ccplace
