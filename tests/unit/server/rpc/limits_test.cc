#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "tests/unit/server/server_fixture.h"

namespace ccplace {
namespace {

using std::chrono::milliseconds;
using v1::HostService;

class LimitsTest : public ServerTest {
 protected:
  static grpc::StatusCode Read(const Stub& stub, milliseconds time = milliseconds(10000)) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + time);
    v1::TdxInventoryResponse answer;
    return stub->TdxInventory(&context, {}, &answer).error_code();
  }

  // The code of a request whose serialised size is `bytes`.
  grpc::StatusCode ValidateOfSize(size_t bytes) {
    v1::ValidateRequestRequest request;
    request.mutable_flavor()->set_name(std::string(bytes - 64, 'x'));
    request.mutable_flavor()->set_name(
        std::string(bytes - 64 + (bytes - request.ByteSizeLong()), 'x'));
    EXPECT_EQ(request.ByteSizeLong(), bytes);
    v1::ValidateRequestResponse answer;
    return Call(Reader(), &HostService::Stub::ValidateRequest, request, &answer).error_code();
  }

  std::shared_ptr<grpc::Channel> PlaintextChannel() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(servers_->plaintext_port()),
                                     grpc::InsecureChannelCredentials(), arguments);
  }

  // Whether a caller of `connect` is served, sooner or later: the server sees that a connection was
  // closed a moment after its caller did so.
  static bool IsServedInTime(const std::function<Stub()>& connect) {
    for (int tries = 0; tries < 500; ++tries) {
      if (Read(connect()) == grpc::StatusCode::OK) return true;
      std::this_thread::sleep_for(milliseconds(20));
    }
    return false;
  }

  // A connection that is opened and says nothing.
  int Connect() const {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    options_.listen.readonly_socket.path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    timeval patience = {10, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return fd;
  }
};

// What the server says until it closes the connection. False: it did not within ten seconds.
bool IsClosedByTheServer(int fd) {
  char bytes[4096];
  ssize_t got = 1;
  while (got > 0) got = read(fd, bytes, sizeof(bytes));
  return got == 0 || errno == ECONNRESET;
}

TEST_F(LimitsTest, TakesARequestAtTheMessageLimitAndRefusesOneByteMore) {
  options_.limits.max_request_bytes = 65536;
  Start();
  // It was read, and its name found too long.
  EXPECT_EQ(ValidateOfSize(65536), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ValidateOfSize(65537), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(LimitsTest, RefusesACompressedRequestHoweverSmall) {
  Start();
  v1::ValidateRequestRequest request;
  request.mutable_flavor()->set_name(std::string(10'000, 'x'));
  for (const grpc_compression_algorithm algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    context.set_compression_algorithm(algorithm);
    v1::ValidateRequestResponse answer;
    const grpc::Status status = Reader()->ValidateRequest(&context, request, &answer);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << status.error_message();
  }
}

TEST_F(LimitsTest, ServesAsManyConnectionsAsAllowedAtEachEndpointWhateverTheOthersHold) {
  options_.limits.connections.per_endpoint = 1;
  options_.listen.plaintext_address = "127.0.0.1:0";
  Start();
  const auto reader = Reader();
  auto plaintext = HostService::NewStub(PlaintextChannel());
  EXPECT_EQ(Read(reader), grpc::StatusCode::OK);
  EXPECT_EQ(Read(plaintext), grpc::StatusCode::OK);
  EXPECT_EQ(Read(Reader()), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Read(HostService::NewStub(PlaintextChannel())), grpc::StatusCode::UNAVAILABLE);
  EXPECT_GE(dependencies_.refused->Read(QuotaResult::kEndpointFull), 2u);
  EXPECT_EQ(Read(Operator()), grpc::StatusCode::OK);
  // Those that were let in are served on, and a place that was left is given away.
  EXPECT_EQ(Read(reader), grpc::StatusCode::OK);
  plaintext.reset();
  EXPECT_TRUE(IsServedInTime([this] { return HostService::NewStub(PlaintextChannel()); }));
}

TEST_F(LimitsTest, ServesAsManyConnectionsOfOneUserAsAllowedAtEachEndpoint) {
  options_.limits.unbounded_users.clear();
  options_.limits.connections.per_caller = 2;
  Start();
  const auto first = Reader();
  auto second = Reader();
  EXPECT_EQ(Read(first), grpc::StatusCode::OK);
  EXPECT_EQ(Read(second), grpc::StatusCode::OK);
  EXPECT_EQ(Read(Reader()), grpc::StatusCode::UNAVAILABLE);
  EXPECT_GE(dependencies_.refused->Read(QuotaResult::kCallerFull), 1u);
  EXPECT_EQ(Read(Operator()), grpc::StatusCode::OK);
  second.reset();
  EXPECT_TRUE(IsServedInTime([this] { return Reader(); }));
}

TEST_F(LimitsTest, BoundsNeitherRootNorItsOwnUserByTheCaller) {
  options_.limits.connections.per_caller = 1;
  Start();
  const auto first = Reader();
  EXPECT_EQ(Read(first), grpc::StatusCode::OK);
  EXPECT_EQ(Read(Reader()), grpc::StatusCode::OK);
}

TEST_F(LimitsTest, HoldsBackACallPastThoseAllowedOnOneConnection) {
  options_.limits.max_concurrent_calls = 1;
  Start();
  const auto stub = Reader();
  EXPECT_EQ(Read(stub), grpc::StatusCode::OK);  // The caller has heard of the limit.
  grpc::ClientContext context;
  const auto watch = stub->WatchHost(&context, {});
  v1::WatchHostResponse state;
  ASSERT_TRUE(watch->Read(&state));
  EXPECT_EQ(Read(stub, milliseconds(300)), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(Read(Reader()), grpc::StatusCode::OK);
  context.TryCancel();
  watch->Finish();
  EXPECT_EQ(Read(stub), grpc::StatusCode::OK);
}

TEST_F(LimitsTest, ClosesAConnectionThatNeverSpeaks) {
  options_.limits.idle_timeout = milliseconds(200);
  Start();
  const int fd = Connect();
  EXPECT_TRUE(IsClosedByTheServer(fd));
  close(fd);
}

TEST_F(LimitsTest, ClosesAConnectionThatSpeaksNonsense) {
  Start();
  const int fd = Connect();
  const std::string nonsense = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  ASSERT_EQ(send(fd, nonsense.data(), nonsense.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(nonsense.size()));
  EXPECT_TRUE(IsClosedByTheServer(fd));
  close(fd);
  EXPECT_EQ(Read(Reader()), grpc::StatusCode::OK);
}

TEST_F(LimitsTest, ClosesAConnectionWithoutCallsAfterTheIdleTime) {
  options_.limits.idle_timeout = milliseconds(200);
  Start();
  const auto channel = ChannelTo(options_.listen.readonly_socket);
  ASSERT_EQ(Read(HostService::NewStub(channel)), grpc::StatusCode::OK);
  const auto patience = std::chrono::system_clock::now() + std::chrono::seconds(10);
  EXPECT_TRUE(channel->WaitForStateChange(GRPC_CHANNEL_READY, patience));
  EXPECT_EQ(Read(HostService::NewStub(channel)), grpc::StatusCode::OK);
}

}  // namespace
}  // namespace ccplace
