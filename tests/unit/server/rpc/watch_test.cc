#include <unistd.h>

#include <thread>

#include "tests/unit/server/retry_info.h"
#include "tests/unit/server/server_fixture.h"
#include "tests/unit/server/watching.h"

namespace ccplace {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using v1::HostService;

class WatchTest : public ServerTest {};

TEST_F(WatchTest, SendsThePresentStateThenAChange) {
  Start();
  const auto stub = Reader();
  Watching watching(*stub);
  ASSERT_TRUE(watching.Next());
  EXPECT_EQ(watching.state.tdx_keys().free().value(), 63u);
  EXPECT_EQ(watching.state.capabilities().models_size(), 4);

  auto operator_stub = Operator();
  auto request = GoodDefinition();
  request.set_start(true);
  v1::DefineTdxDomainResponse defined;
  ASSERT_TRUE(Call(operator_stub, &HostService::Stub::DefineTdxDomain, request, &defined).ok());
  while (watching.state.tdx_keys().free().value() != 62 && watching.Next()) {
  }
  EXPECT_EQ(watching.state.tdx_keys().free().value(), 62u);
  watching.Cancel();
  EXPECT_EQ(watching.End().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(WatchTest, RefusesOneWatcherTooManyAtOneEndpointAndServesTheOther) {
  options_.limits.watchers.per_endpoint = 1;
  Start();
  const auto reader = Reader();
  Watching first(*reader);
  EXPECT_TRUE(first.Next());
  const grpc::Status refused = Watching(*reader).End();
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(refused.error_message(), HasSubstr("the read-only socket has 1 watchers already"));
  EXPECT_THAT(refused.error_message(), EndsWith("--max_watchers"));
  const auto operator_stub = Operator();
  EXPECT_TRUE(Watching(*operator_stub).Next());
}

TEST_F(WatchTest, RefusesOneWatcherTooManyOfOneUserAtOneEndpointAndServesTheOther) {
  options_.limits.unbounded_users.clear();
  options_.limits.watchers.per_caller = 2;
  Start();
  const auto reader = Reader();
  Watching first(*reader);
  const auto another_reader = Reader();  // Another connection is no other caller.
  Watching second(*another_reader);
  EXPECT_TRUE(first.Next());
  EXPECT_TRUE(second.Next());
  const grpc::Status refused = Watching(*another_reader).End();
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(refused.error_message(),
              HasSubstr("user " + std::to_string(geteuid()) + " has 2 watchers"));
  EXPECT_THAT(refused.error_message(), EndsWith("--max_watchers_per_caller"));
  const auto operator_stub = Operator();
  EXPECT_TRUE(Watching(*operator_stub).Next());
}

TEST_F(WatchTest, FreesThePlaceOfAWatcherThatLeft) {
  options_.limits.watchers.per_endpoint = 1;
  Start();
  const auto stub = Reader();
  // The place is free when the server has seen the end, a moment after the caller has.
  bool served = false;
  for (int i = 0; i < 2; ++i) {
    served = false;
    for (int tries = 0; tries < 100 && !served; ++tries) {
      Watching watching(*stub);
      served = watching.Next();
      watching.Cancel();
      watching.End();
      if (!served) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_TRUE(served);
  }
}

TEST_F(WatchTest, EndsWithUnavailableWhenTheDaemonStops) {
  Start();
  const auto stub = Reader();
  Watching watching(*stub);
  ASSERT_TRUE(watching.Next());
  std::thread stopping([this] {
    servers_->EndCalls(std::chrono::steady_clock::now() + std::chrono::seconds(5));
    servers_->Close();
  });
  while (watching.Next()) {
  }
  const grpc::Status end = watching.End();
  EXPECT_EQ(end.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(SaysWhenToRetry(end));
  stopping.join();
}

}  // namespace
}  // namespace ccplace
