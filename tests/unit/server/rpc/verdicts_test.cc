// Verdicts that are remembered, and when they must not be.
#include "server/rpc/verdict_cache.h"
#include "tests/unit/server/server_fixture.h"

namespace ccplace {
namespace {

using v1::HostService;

std::string TextOf(const grpc::Slice& slice) {
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

TEST(VerdictCacheTest, GivesBackWhatWasRememberedForTheSameSnapshotAlone) {
  VerdictCache cache;
  const auto one = std::make_shared<const Snapshot>();
  const auto other = std::make_shared<const Snapshot>();
  EXPECT_EQ(cache.Find(one, "asked"), nullptr);
  cache.Put("asked", grpc::Slice("answered"));
  ASSERT_NE(cache.Find(one, "asked"), nullptr);
  EXPECT_EQ(TextOf(*cache.Find(one, "asked")), "answered");
  EXPECT_EQ(cache.Find(one, "asked "), nullptr);
  EXPECT_EQ(cache.Find(other, "asked"), nullptr);
  EXPECT_EQ(cache.Find(one, "asked"), nullptr) << "another snapshot forgets";
}

TEST(VerdictCacheTest, TellsWhatIsAskedAgainFromWhatIsAskedOnce) {
  VerdictCache cache;
  const auto snapshot = std::make_shared<const Snapshot>();
  cache.Find(snapshot, "asked");
  EXPECT_FALSE(cache.WasAskedBefore());
  for (int i = 0; i < 100000; ++i) {
    cache.Find(snapshot, std::to_string(i));
    ASSERT_FALSE(cache.WasAskedBefore()) << i;
  }
  cache.Find(snapshot, "asked");
  static_cast<void>(cache.WasAskedBefore());
  cache.Find(std::make_shared<const Snapshot>(), "asked");
  EXPECT_TRUE(cache.WasAskedBefore()) << "of whichever snapshot";
}

TEST(VerdictCacheTest, RemembersNothingPastTheLimitOfAnEntry) {
  VerdictCache cache;
  const auto snapshot = std::make_shared<const Snapshot>();
  const std::string request(VerdictCache::kEntryLimitBytes - 1, 'x');
  cache.Find(snapshot, request);
  cache.Put(request, grpc::Slice("22"));
  EXPECT_EQ(cache.Find(snapshot, request), nullptr);
  cache.Put(request, grpc::Slice("1"));
  EXPECT_NE(cache.Find(snapshot, request), nullptr);
}

TEST(VerdictCacheTest, ForgetsEverythingRatherThanGrowPastItsLimit) {
  VerdictCache cache;
  const auto snapshot = std::make_shared<const Snapshot>();
  const size_t fits = VerdictCache::kTotalLimitBytes / VerdictCache::kEntryLimitBytes;
  const std::string filler(VerdictCache::kEntryLimitBytes - 8, 'x');
  cache.Find(snapshot, "");
  for (size_t i = 0; i <= fits; ++i) {
    cache.Put(std::to_string(1000 + i) + filler, grpc::Slice("1234"));
  }
  EXPECT_EQ(cache.Find(snapshot, "1000" + filler), nullptr);
  EXPECT_NE(cache.Find(snapshot, std::to_string(1000 + fits) + filler), nullptr);
}

TEST_F(ServerTest, TheSameRequestSeesTheKeyThatWasTakenMeanwhile) {
  options_.host.tdx_guest_limit = 1;
  Start();
  const auto stub = Operator();
  v1::ValidateRequestRequest request;
  *request.mutable_flavor() = GoodDefinition().flavor();
  *request.mutable_image() = GoodDefinition().image();
  v1::ValidateRequestResponse before;
  ASSERT_TRUE(Call(stub, &HostService::Stub::ValidateRequest, request, &before).ok());
  EXPECT_EQ(before.host().can_run_now(), v1::SUPPORT_SUPPORTED);

  v1::DefineTdxDomainRequest define = GoodDefinition();
  define.set_start(true);
  v1::DefineTdxDomainResponse defined;
  ASSERT_TRUE(Call(stub, &HostService::Stub::DefineTdxDomain, define, &defined).ok());

  v1::ValidateRequestResponse after;
  ASSERT_TRUE(Call(stub, &HostService::Stub::ValidateRequest, request, &after).ok());
  EXPECT_EQ(after.host().can_run_now(), v1::SUPPORT_UNSUPPORTED);
  ASSERT_EQ(after.host().blockers_size(), 1);
  EXPECT_EQ(after.host().blockers(0).reason(), v1::HOST_BLOCKER_REASON_NO_FREE_KEY);
}

TEST_F(ServerTest, TheSameRequestGetsTheSameVerdictEachWithAnAgeOfItsOwn) {
  Start();
  const auto stub = Reader();
  v1::ValidateRequestRequest request;
  (*request.mutable_flavor()->mutable_extra_specs())["hw:mem_encryption"] = "enabled";
  v1::ValidateRequestResponse first;
  v1::ValidateRequestResponse second;
  ASSERT_TRUE(Call(stub, &HostService::Stub::ValidateRequest, request, &first).ok());
  ASSERT_TRUE(Call(stub, &HostService::Stub::ValidateRequest, request, &second).ok());
  EXPECT_TRUE(first.has_freshness());
  EXPECT_TRUE(second.has_freshness());
  first.clear_freshness();
  second.clear_freshness();
  EXPECT_EQ(first.DebugString(), second.DebugString());
  EXPECT_EQ(first.decision(), v1::DECISION_REJECTED);
}

}  // namespace
}  // namespace ccplace
