#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/unit/server/server_fixture.h"

namespace ccplace {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using v1::HostService;

class WritesTest : public ServerTest {
 protected:
  void SetUp() override {
    Start();
    stub_ = Operator();
  }

  grpc::Status Define(const v1::DefineTdxDomainRequest& request) {
    return Call(stub_, &HostService::Stub::DefineTdxDomain, request, &defined_);
  }
  grpc::Status Undefine(bool stop) {
    v1::UndefineTdxDomainRequest request;
    request.set_uuid(kUuid);
    request.set_stop(stop);
    return Call(stub_, &HostService::Stub::UndefineTdxDomain, request, &undefined_);
  }
  int CountDomains() {
    v1::ListTdxDomainsResponse answer;
    EXPECT_TRUE(Call(stub_, &HostService::Stub::ListTdxDomains, {}, &answer).ok());
    return answer.domains_size();
  }

  Stub stub_;
  v1::DefineTdxDomainResponse defined_;
  v1::UndefineTdxDomainResponse undefined_;
};

// The detail of type T that came with `status`.
template <typename T>
T DetailOf(const grpc::Status& status) {
  google::rpc::Status wire;
  EXPECT_TRUE(wire.ParseFromString(status.error_details()));
  T detail;
  for (const auto& any : wire.details()) {
    if (any.UnpackTo(&detail)) return detail;
  }
  ADD_FAILURE() << "no " << T::descriptor()->full_name() << " in " << wire.ShortDebugString();
  return detail;
}

TEST_F(WritesTest, ShowsInTheNextAnswersWhatWasDefinedAndStarted) {
  auto request = GoodDefinition();
  request.set_start(true);
  ASSERT_TRUE(Define(request).ok());
  EXPECT_TRUE(defined_.running());
  EXPECT_TRUE(defined_.simulated());
  EXPECT_EQ(CountDomains(), 1);
  v1::TdxInventoryResponse inventory;
  ASSERT_TRUE(Call(stub_, &HostService::Stub::TdxInventory, {}, &inventory).ok());
  EXPECT_EQ(inventory.keys().free().value(), 62u);

  ASSERT_TRUE(Undefine(true).ok());
  EXPECT_TRUE(undefined_.stopped());
  EXPECT_EQ(CountDomains(), 0);
}

TEST_F(WritesTest, SaysWhyInDetailsThatProgramsRead) {
  auto request = GoodDefinition();
  request.set_start(true);
  ASSERT_TRUE(Define(request).ok());
  const grpc::Status status = Undefine(false);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).reason(), "DOMAIN_RUNS");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).domain(), "ccplace");
  const auto failure = DetailOf<google::rpc::PreconditionFailure>(status);
  EXPECT_EQ(failure.violations(0).type(), "DOMAIN_RUNS");
  EXPECT_EQ(failure.violations(0).subject(), kUuid);
}

TEST_F(WritesTest, NamesMalformedFields) {
  auto request = GoodDefinition();
  request.mutable_domain()->set_vcpus(0);
  const grpc::Status status = Define(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const auto details = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_EQ(details.field_violations_size(), 1);
  EXPECT_EQ(details.field_violations(0).field(), "domain.vcpus");
}

// Trailers past 8 KiB would reach the caller as RESOURCE_EXHAUSTED of the transport.
TEST_F(WritesTest, KeepsItsCodeWithSixtyFourBrokenDisks) {
  auto request = GoodDefinition();
  request.mutable_domain()->clear_disks();
  for (int i = 0; i < 64; ++i) {
    request.mutable_domain()->add_disks()->mutable_file()->set_path(std::string(200, '\x01'));
  }
  const grpc::Status status = Define(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status.error_message();
  const auto details = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_GT(details.field_violations_size(), 2);
  EXPECT_THAT(details.field_violations(details.field_violations_size() - 1).description(),
              HasSubstr("more"));
}

TEST_F(WritesTest, AreRefusedOnTheReadOnlySocket) {
  stub_ = Reader();
  EXPECT_EQ(Define(GoodDefinition()).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Undefine(true).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(CountDomains(), 0);
}

// A whole definition, and behind it a field of 127 bytes that do not follow.
std::string BrokenBytes() { return GoodDefinition().SerializeAsString() + "\x0a\x7f"; }

// Where no log was set up, the audit goes to standard output.
TEST_F(WritesTest, HaveALineInTheAuditForBytesThatAreNoRequest) {
  for (const std::string name : {"DefineTdxDomain", "UndefineTdxDomain"}) {
    ::testing::internal::CaptureStdout();
    const grpc::Status status =
        CallWithBytes(ChannelTo(options_.listen.operator_socket), name, BrokenBytes());
    const std::string audit = ::testing::internal::GetCapturedStdout();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << name;
    EXPECT_THAT(status.error_message(), HasSubstr("ccplace.v1." + name + "Request"));
    EXPECT_THAT(audit, AllOf(HasSubstr("\"rpc\":\"" + name + "\""), HasSubstr("uid="),
                             HasSubstr("\"verdict\":\"INVALID_ARGUMENT\"")));
    // What was read of them before the fault is nobody's word.
    EXPECT_THAT(audit, Not(HasSubstr(kUuid)));
  }
  EXPECT_EQ(CountDomains(), 0);
  EXPECT_EQ(dependencies_.calls->under_way(), 0u);
}

TEST_F(WritesTest, TellAReaderOfTheRoleWhateverBytesItSends) {
  for (const std::string name : {"DefineTdxDomain", "UndefineTdxDomain"}) {
    for (const std::string& bytes : {BrokenBytes(), std::string("\xff\xff\xff"), std::string()}) {
      ::testing::internal::CaptureStdout();
      const grpc::Status status =
          CallWithBytes(ChannelTo(options_.listen.readonly_socket), name, bytes);
      EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED) << name;
      EXPECT_THAT(::testing::internal::GetCapturedStdout(),
                  HasSubstr("\"verdict\":\"PERMISSION_DENIED\""));
    }
  }
}

TEST_F(WritesTest, RefuseARequestOverTheMessageLimit) {
  auto request = GoodDefinition();
  request.mutable_domain()->set_owner(std::string(5 << 20, 'x'));
  EXPECT_EQ(Define(request).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

}  // namespace
}  // namespace ccplace
