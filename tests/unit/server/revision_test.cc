// Answers say of which facts they speak.
#include <gtest/gtest.h>

#include "tests/lib/fake_host_state.h"
#include "tests/unit/server/server_fixture.h"

namespace ccplace {
namespace {

using v1::HostService;

constexpr uint64_t kRevision = 7;

// A host whose facts have become others by the time that their age is asked for.
class RevisionTest : public ServerTest {
 protected:
  void SetUp() override {
    const auto outside = OpenOutside(options_.host);
    ASSERT_TRUE(outside.ok()) << outside.status();
    rooms_ = OpenHostRooms(options_, *outside);
    auto state = std::make_shared<FakeHostState>();
    state->snapshot = *rooms_.state->Current();
    state->snapshot.revision = kRevision;
    state->freshness.set_revision(kRevision + 1);
    rooms_.state = state;
    auto gates = Gates::Open(options_.listen, options_.limits, rooms_);
    ASSERT_TRUE(gates.ok()) << gates.status();
    gates_ = *std::move(gates);
    stub_ = Reader();
  }

  template <typename Request, typename Response>
  uint64_t RevisionOf(grpc::Status (HostService::Stub::*method)(grpc::ClientContext*,
                                                                const Request&, Response*)) {
    Response answer;
    const grpc::Status status = Call(stub_, method, Request(), &answer);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return answer.freshness().revision();
  }

  Stub stub_;
};

TEST_F(RevisionTest, AnswersNameTheRevisionOfTheFactsThatTheyHold) {
  EXPECT_EQ(RevisionOf(&HostService::Stub::HostCapabilities), kRevision);
  EXPECT_EQ(RevisionOf(&HostService::Stub::TdxInventory), kRevision);
  EXPECT_EQ(RevisionOf(&HostService::Stub::ListTdxDomains), kRevision);
  EXPECT_EQ(RevisionOf(&HostService::Stub::ValidateRequest), kRevision);
}

TEST_F(RevisionTest, AnswersAfterARefreshDoToo) {
  v1::HostCapabilitiesRequest request;
  request.set_refresh(true);
  v1::HostCapabilitiesResponse answer;
  ASSERT_TRUE(Call(stub_, &HostService::Stub::HostCapabilities, request, &answer).ok());
  EXPECT_EQ(answer.freshness().revision(), kRevision);
}

TEST_F(RevisionTest, WatchersAreToldIt) {
  grpc::ClientContext context;
  const auto stream = stub_->WatchHost(&context, {});
  v1::WatchHostResponse answer;
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_EQ(answer.freshness().revision(), kRevision);
  context.TryCancel();
}

}  // namespace
}  // namespace ccplace
