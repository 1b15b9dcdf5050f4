#include <thread>

#include "tests/unit/server/server_fixture.h"

namespace ccplace {
namespace {

using v1::HostService;

// One WatchHost call, which has ten seconds to end.
class Watching {
 public:
  explicit Watching(v1::HostService::Stub& stub) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    reading_ = stub.WatchHost(&context_, {});
  }

  // Waits for the next state; false when the stream has ended.
  bool Next() { return reading_->Read(&state); }
  void Cancel() { context_.TryCancel(); }
  grpc::StatusCode End() { return reading_->Finish().error_code(); }

  v1::WatchHostResponse state;

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchHostResponse>> reading_;
};

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
  EXPECT_EQ(watching.End(), grpc::StatusCode::CANCELLED);
}

TEST_F(WatchTest, RefusesOneWatcherTooMany) {
  options_.limits.max_watchers = 1;
  Start();
  const auto stub = Reader();
  Watching first(*stub);
  ASSERT_TRUE(first.Next());
  EXPECT_EQ(Watching(*stub).End(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  first.Cancel();
}

TEST_F(WatchTest, FreesThePlaceOfAWatcherThatLeft) {
  options_.limits.max_watchers = 1;
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
  std::thread stopping(
      [this] { gates_->Close(std::chrono::system_clock::now() + std::chrono::seconds(5)); });
  while (watching.Next()) {
  }
  EXPECT_EQ(watching.End(), grpc::StatusCode::UNAVAILABLE);
  stopping.join();
}

}  // namespace
}  // namespace ccplace
