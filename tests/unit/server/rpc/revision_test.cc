// Answers say of which facts they speak.
#include <gtest/gtest.h>

#include <utility>

#include "tests/support/fake_host_state.h"
#include "tests/unit/server/server_fixture.h"

namespace ccplace {
namespace {

using v1::HostService;

constexpr uint64_t kRevision = 7;

// Tells watchers of facts that are the latest no more.
class LateTellingState final : public HostState {
 public:
  explicit LateTellingState(std::shared_ptr<FakeHostState> latest) : latest_(std::move(latest)) {}

  std::shared_ptr<const Snapshot> Current() const override { return latest_->Current(); }
  v1::Freshness FreshnessNow() const override { return latest_->FreshnessNow(); }
  void Refresh(std::chrono::steady_clock::time_point deadline,
               std::function<void(absl::Status)> done) override {
    latest_->Refresh(deadline, std::move(done));
  }
  std::unique_ptr<WatchHandle> Watch(WatchCallback callback) override {
    Snapshot earlier = latest_->snapshot;
    earlier.revision = kRevision - 1;
    callback(std::make_shared<const Snapshot>(earlier));
    return nullptr;
  }

 private:
  const std::shared_ptr<FakeHostState> latest_;
};

// A host whose facts have become others by the time that their age is asked for.
class RevisionTest : public ServerTest {
 protected:
  void SetUp() override {
    const auto backends = OpenBackends(options_.host);
    ASSERT_TRUE(backends.ok()) << backends.status();
    dependencies_ = BuildServices(options_, *backends);
    auto state = std::make_shared<FakeHostState>();
    state->snapshot = *dependencies_.state->Current();
    state->snapshot.revision = kRevision;
    state->freshness.set_revision(kRevision + 1);
    dependencies_.state = std::make_shared<LateTellingState>(state);
    auto servers = GrpcServers::Open(options_.listen, options_.limits, dependencies_);
    ASSERT_TRUE(servers.ok()) << servers.status();
    servers_ = *std::move(servers);
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

// The age is that of the latest facts, and those before are older.
TEST_F(RevisionTest, WatchersGetTheFactsThatTheAgeIsOf) {
  grpc::ClientContext context;
  const auto stream = stub_->WatchHost(&context, {});
  v1::WatchHostResponse answer;
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_EQ(answer.freshness().revision(), kRevision);
  context.TryCancel();
}

}  // namespace
}  // namespace ccplace
