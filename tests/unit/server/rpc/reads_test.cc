#include <google/protobuf/util/time_util.h>

#include "tests/unit/server/server_fixture.h"

namespace ccplace {
namespace {

using v1::HostService;

class ReadsTest : public ServerTest {
 protected:
  void SetUp() override {
    Start();
    stub_ = Reader();
  }
  Stub stub_;
};

TEST_F(ReadsTest, TellsWhatTheHostCanDo) {
  v1::HostCapabilitiesResponse answer;
  ASSERT_TRUE(Call(stub_, &HostService::Stub::HostCapabilities, {}, &answer).ok());
  EXPECT_EQ(answer.capabilities().node_name(), "node-a");
  ASSERT_EQ(answer.capabilities().models_size(), 4);
  EXPECT_EQ(answer.capabilities().models(0).verdict(), v1::SUPPORT_SUPPORTED);
  EXPECT_TRUE(answer.simulated());
  EXPECT_TRUE(answer.freshness().hypervisor().has_read_at());
}

int64_t ReadAt(const v1::FactsAge& facts) {
  return google::protobuf::util::TimeUtil::TimestampToNanoseconds(facts.read_at());
}

TEST_F(ReadsTest, ReadsTheHostAnewWhenAsked) {
  v1::HostCapabilitiesRequest request;
  v1::HostCapabilitiesResponse before;
  ASSERT_TRUE(Call(stub_, &HostService::Stub::HostCapabilities, request, &before).ok());
  request.set_refresh(true);
  v1::HostCapabilitiesResponse answer;
  ASSERT_TRUE(Call(stub_, &HostService::Stub::HostCapabilities, request, &answer).ok());
  EXPECT_EQ(answer.capabilities().models_size(), 4);
  EXPECT_GT(ReadAt(answer.freshness().hypervisor()), ReadAt(before.freshness().hypervisor()));
  EXPECT_GT(ReadAt(answer.freshness().host_files()), ReadAt(before.freshness().host_files()));
}

// docs/security.md, "What is not covered".
TEST_F(ReadsTest, ShowAReaderOfAGuestWhatTheThreatModelSaysAndNoMore) {
  const auto fields_of = [](const google::protobuf::Descriptor& message) {
    std::vector<std::string> names;
    for (int i = 0; i < message.field_count(); ++i) names.push_back(message.field(i)->name());
    return names;
  };
  EXPECT_THAT(fields_of(*v1::TdxDomain::descriptor()),
              ::testing::ElementsAre("uuid", "name", "state", "owner", "request_digest",
                                     "defined_at", "reference"));
  EXPECT_THAT(fields_of(*v1::UnreadDomain::descriptor()),
              ::testing::ElementsAre("uuid", "name", "state", "why"));
  EXPECT_THAT(
      fields_of(*v1::LaunchReference::descriptor()),
      ::testing::ElementsAre("firmware_path", "firmware_sha384", "firmware_unread", "machine_type",
                             "policy", "mr_config_id", "mr_owner", "mr_owner_config",
                             "quote_service_path", "firmware_moment", "firmware_file_sha384",
                             "mrtd", "tdx_module", "newer_tdx_module"));
}

TEST_F(ReadsTest, RefusesBytesThatAreNoRequest) {
  // Field 1, a varint that never ends.
  EXPECT_EQ(CallWithBytes(ChannelTo(options_.listen.readonly_socket), "HostCapabilities",
                          std::string("\x08\xff", 2))
                .error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ReadsTest, CountsTheKeys) {
  v1::TdxInventoryResponse answer;
  ASSERT_TRUE(Call(stub_, &HostService::Stub::TdxInventory, {}, &answer).ok());
  EXPECT_EQ(answer.keys().total().value(), 63u);
  EXPECT_EQ(answer.keys().free().value(), 63u);
  EXPECT_TRUE(answer.has_freshness());
}

TEST_F(ReadsTest, ListsNoDomainsOnAFreshHost) {
  v1::ListTdxDomainsResponse answer;
  ASSERT_TRUE(Call(stub_, &HostService::Stub::ListTdxDomains, {}, &answer).ok());
  EXPECT_EQ(answer.domains_size(), 0);
  EXPECT_TRUE(answer.simulated());
}

TEST_F(ReadsTest, JudgesARequestOnAnyHostAndOnThisOne) {
  v1::ValidateRequestRequest request;
  *request.mutable_flavor() = GoodDefinition().flavor();
  *request.mutable_image() = GoodDefinition().image();
  v1::ValidateRequestResponse answer;
  ASSERT_TRUE(Call(stub_, &HostService::Stub::ValidateRequest, request, &answer).ok());
  EXPECT_EQ(answer.decision(), v1::DECISION_ACCEPTED);
  EXPECT_EQ(answer.host().can_run_now(), v1::SUPPORT_SUPPORTED);
  EXPECT_TRUE(answer.simulated());
}

TEST_F(ReadsTest, NamesTheFieldThatIsOverItsLimit) {
  v1::ValidateRequestRequest request;
  request.mutable_flavor()->set_name(std::string(256, 'x'));
  v1::ValidateRequestResponse answer;
  const grpc::Status status = Call(stub_, &HostService::Stub::ValidateRequest, request, &answer);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), ::testing::HasSubstr("flavor.name"));
}

}  // namespace
}  // namespace ccplace
