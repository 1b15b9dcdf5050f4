#include <thread>

#include "tests/unit/server/server_fixture.h"

namespace ccplace {
namespace {

using v1::HostService;

class WatchTest : public ServerTest {
 protected:
  using Reading = std::unique_ptr<grpc::ClientReader<v1::WatchHostResponse>>;

  static void Limit(grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  }
};

TEST_F(WatchTest, SendsThePresentStateThenAChange) {
  Start();
  const auto stub = Reader();
  grpc::ClientContext context;
  Limit(context);
  const Reading reading = stub->WatchHost(&context, {});
  v1::WatchHostResponse state;
  ASSERT_TRUE(reading->Read(&state));
  EXPECT_EQ(state.tdx_keys().free().value(), 63u);
  EXPECT_EQ(state.capabilities().models_size(), 4);

  auto operator_stub = Operator();
  auto request = GoodDefinition();
  request.set_start(true);
  v1::DefineTdxDomainResponse defined;
  ASSERT_TRUE(Call(operator_stub, &HostService::Stub::DefineTdxDomain, request, &defined).ok());
  while (state.tdx_keys().free().value() != 62 && reading->Read(&state)) {
  }
  EXPECT_EQ(state.tdx_keys().free().value(), 62u);
  context.TryCancel();
  EXPECT_EQ(reading->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(WatchTest, RefusesOneWatcherTooMany) {
  options_.limits.max_watchers = 1;
  Start();
  const auto stub = Reader();
  grpc::ClientContext first_context;
  Limit(first_context);
  const Reading first = stub->WatchHost(&first_context, {});
  v1::WatchHostResponse state;
  ASSERT_TRUE(first->Read(&state));

  grpc::ClientContext second_context;
  Limit(second_context);
  EXPECT_EQ(stub->WatchHost(&second_context, {})->Finish().error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  first_context.TryCancel();
}

TEST_F(WatchTest, FreesThePlaceOfAWatcherThatLeft) {
  options_.limits.max_watchers = 1;
  Start();
  const auto stub = Reader();
  v1::WatchHostResponse state;
  // The place is free when the server has seen the end, a moment after the caller has.
  bool served = false;
  for (int i = 0; i < 2; ++i) {
    served = false;
    for (int tries = 0; tries < 100 && !served; ++tries) {
      grpc::ClientContext context;
      Limit(context);
      const Reading reading = stub->WatchHost(&context, {});
      served = reading->Read(&state);
      context.TryCancel();
      reading->Finish();
      if (!served) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_TRUE(served);
  }
}

TEST_F(WatchTest, EndsWithUnavailableWhenTheDaemonStops) {
  Start();
  const auto stub = Reader();
  grpc::ClientContext context;
  Limit(context);
  const Reading reading = stub->WatchHost(&context, {});
  v1::WatchHostResponse state;
  ASSERT_TRUE(reading->Read(&state));
  std::thread stopping(
      [this] { gates_->Close(std::chrono::system_clock::now() + std::chrono::seconds(5)); });
  while (reading->Read(&state)) {
  }
  EXPECT_EQ(reading->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  stopping.join();
}

}  // namespace
}  // namespace ccplace
