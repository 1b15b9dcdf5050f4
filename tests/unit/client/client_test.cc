#include "client/client.h"

#include <unistd.h>

#include "client/error_text.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "tests/unit/client/fake_host.h"

namespace ccplace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::unique_ptr<HostClient> ClientOf(const FakeHost& host, int timeout_ms = 10'000) {
  ClientOptions options;
  options.address = host.address();
  options.timeout = std::chrono::milliseconds(timeout_ms);
  return *HostClient::Create(options);
}

std::string CreateError(const ClientOptions& options) {
  return std::string(HostClient::Create(options).status().message());
}

TEST(ClientTest, AsksOverAUnixSocket) {
  const FakeHost host;
  const auto answer = ClientOf(host)->TdxInventory({});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->keys().free().value(), 61u);
  EXPECT_FALSE(answer->keys().unaccounted().has_value());
}

TEST(ClientTest, NamesSocketAndRemedyWhenNobodyListens) {
  FakeHost host;
  host.Stop();
  const absl::Status status = ClientOf(host)->TdxInventory({}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("cannot reach /tmp/"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("systemctl status ccplaced"));
}

TEST(ClientTest, ConnectsAgainAfterTheServerCameBack) {
  FakeHost host;
  const std::unique_ptr<HostClient> client = ClientOf(host);
  ASSERT_TRUE(client->TdxInventory({}).ok());
  host.Stop();
  EXPECT_EQ(client->TdxInventory({}).status().code(), absl::StatusCode::kUnavailable);
  host.Serve();
  absl::Status status;
  for (int i = 0; i < 100; ++i) {
    status = client->TdxInventory({}).status();
    if (status.ok()) break;
    usleep(50'000);
  }
  EXPECT_TRUE(status.ok()) << status;
}

TEST(ClientTest, EndsAtTheDeadline) {
  FakeHost host;
  host.AnswerAfter(std::chrono::milliseconds(400));
  const absl::Status status = ClientOf(host, 50)->TdxInventory({}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(status.message()), HasSubstr("in 50 ms"));
}

TEST(ClientTest, KeepsTheServersWordsWhenItIsUnavailableItself) {
  FakeHost host;
  host.FailWith(grpc::Status(grpc::StatusCode::UNAVAILABLE, "no connection to libvirt"));
  const absl::Status status = ClientOf(host)->TdxInventory({}).status();
  EXPECT_EQ(status, absl::UnavailableError("no connection to libvirt"));
}

TEST(ClientTest, MakesTheServersWordsPrintable) {
  FakeHost host;
  host.FailWith(grpc::Status(grpc::StatusCode::INTERNAL, "bad\x1b[31m"));
  EXPECT_EQ(ClientOf(host)->TdxInventory({}).status().message(), "bad\\x1b[31m");
}

TEST(ClientTest, DecodesErrorDetails) {
  google::rpc::Status details;
  google::rpc::BadRequest fields;
  fields.add_field_violations()->set_field("domain.name");
  fields.mutable_field_violations(0)->set_description("is empty; state one\x07");
  details.add_details()->PackFrom(fields);
  google::rpc::PreconditionFailure preconditions;
  auto& violation = *preconditions.add_violations();
  violation.set_type("MODEL");
  violation.set_subject("intel-tdx");
  violation.set_description("is off");
  details.add_details()->PackFrom(preconditions);
  google::rpc::ErrorInfo info;
  info.set_reason("NO_FREE_KEY");
  (*info.mutable_metadata())["usable"] = "63";
  details.add_details()->PackFrom(info);
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(1);
  retry.mutable_retry_delay()->set_nanos(500'000'000);
  details.add_details()->PackFrom(retry);
  details.add_details()->set_type_url("type.googleapis.com/other.Thing");
  FakeHost host;
  host.FailWith(grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "no key is free",
                             details.SerializeAsString()));
  const absl::Status status = ClientOf(host)->DefineTdxDomain({}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrorReason(status), "NO_FREE_KEY");
  EXPECT_THAT(ErrorLines(status),
              ElementsAre("field domain.name: is empty; state one\\x07",
                          "precondition MODEL of intel-tdx: is off",
                          "reason: NO_FREE_KEY, usable=63", "try again in 1.5 s",
                          "detail of unknown type 'type.googleapis.com/other.Thing'"));
}

TEST(ClientTest, TakesGarbageForNoDetails) {
  FakeHost host;
  host.FailWith(grpc::Status(grpc::StatusCode::INTERNAL, "x", "\xFF\xFF\xFF garbage"));
  const absl::Status status = ClientOf(host)->TdxInventory({}).status();
  EXPECT_THAT(ErrorLines(status), ElementsAre());
  EXPECT_EQ(ErrorReason(status), "");
}

TEST(ClientTest, RefusesPlainTextToAnotherMachine) {
  ClientOptions options;
  options.address = "192.0.2.7:9443";
  EXPECT_THAT(CreateError(options), HasSubstr("without TLS only loopback"));
}

TEST(ClientTest, RefusesTlsOnAUnixSocket) {
  ClientOptions options;
  options.tls.enabled = true;
  EXPECT_THAT(CreateError(options), HasSubstr("TLS is not used on a unix socket"));
}

TEST(ClientTest, RefusesACertificateWithoutItsKey) {
  ClientOptions options;
  options.address = "127.0.0.1:9443";
  options.tls.certificate_file = "/dev/null";
  EXPECT_THAT(CreateError(options), HasSubstr("state both"));
}

TEST(ClientTest, NamesATlsFileThatCannotBeRead) {
  ClientOptions options;
  options.address = "127.0.0.1:9443";
  options.tls.ca_file = "/nonexistent/ca.pem";
  const absl::Status status = HostClient::Create(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("'/nonexistent/ca.pem'"));
  options.tls.ca_file = "/dev/null";
  EXPECT_THAT(CreateError(options), HasSubstr("is empty or over 1 MiB"));
}

TEST(ClientTest, RefusesATimeoutThatIsNone) {
  ClientOptions options;
  options.timeout = std::chrono::milliseconds(0);
  EXPECT_THAT(CreateError(options), HasSubstr("timeout is 0 ms"));
}

TEST(ClientTest, StreamsStatesUntilCancelled) {
  FakeHost host;
  const std::unique_ptr<HostClient> client = ClientOf(host);
  const std::unique_ptr<WatchStream> stream = client->WatchHost({});
  ASSERT_TRUE(stream->Next().has_value());
  host.Change([](v1::HostCapabilities& state) { state.set_node_name("renamed"); });
  const auto second = stream->Next();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->capabilities().node_name(), "renamed");
  stream->Cancel();
  EXPECT_FALSE(stream->Next().has_value());
  EXPECT_EQ(stream->status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace ccplace
