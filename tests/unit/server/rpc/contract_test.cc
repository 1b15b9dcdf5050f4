// Clients of an older and of a newer contract than the daemon's.
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/unknown_field_set.h>

#include <fstream>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/unit/server/server_fixture.h"

namespace ccplace {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using ::testing::_;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;
using v1::HostService;

// A number that no message of the contract has given out.
constexpr int kNewerField = 999;

void AddNewerField(Message& message) {
  message.GetReflection()->MutableUnknownFields(&message)->AddVarint(kNewerField, 1);
}

class NewerClientTest : public ServerTest {
 protected:
  void SetUp() override {
    Start();
    stub_ = Operator();
  }

  grpc::Status Define(const v1::DefineTdxDomainRequest& request) {
    v1::DefineTdxDomainResponse answer;
    return Call(stub_, &HostService::Stub::DefineTdxDomain, request, &answer);
  }
  int CountDomains() {
    v1::ListTdxDomainsResponse answer;
    EXPECT_TRUE(Call(stub_, &HostService::Stub::ListTdxDomains, {}, &answer).ok());
    return answer.domains_size();
  }
  // The fields that `status` says are wrong.
  static std::vector<std::string> FieldsOf(const grpc::Status& status) {
    google::rpc::Status wire;
    EXPECT_TRUE(wire.ParseFromString(status.error_details()));
    std::vector<std::string> fields;
    google::rpc::BadRequest detail;
    for (const auto& any : wire.details()) {
      if (!any.UnpackTo(&detail)) continue;
      for (const auto& violation : detail.field_violations()) fields.push_back(violation.field());
    }
    return fields;
  }

  Stub stub_;
};

TEST_F(NewerClientTest, IsRefusedADefinitionWithAFieldThatNobodyHereKnows) {
  const auto refused = [this](const std::string& path, auto&& message_of) {
    auto request = GoodDefinition();
    AddNewerField(message_of(request));
    const grpc::Status status = Define(request);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << path;
    EXPECT_THAT(FieldsOf(status), ::testing::ElementsAre(path));
    EXPECT_THAT(status.error_message(),
                AllOf(HasSubstr("has field 999"), HasSubstr("upgrade this host's ccplaced")));
  };
  using Request = v1::DefineTdxDomainRequest;
  refused("request", [](Request& request) -> Message& { return request; });
  refused("domain", [](Request& request) -> Message& { return *request.mutable_domain(); });
  refused("domain.disks[0]",
          [](Request& request) -> Message& { return *request.mutable_domain()->mutable_disks(0); });
  refused("domain.disks[0].file", [](Request& request) -> Message& {
    return *request.mutable_domain()->mutable_disks(0)->mutable_file();
  });
  refused("launch", [](Request& request) -> Message& { return *request.mutable_launch(); });
  refused("image", [](Request& request) -> Message& { return *request.mutable_image(); });
  EXPECT_EQ(CountDomains(), 0);
}

TEST_F(NewerClientTest, IsRefusedADryRunToo) {
  auto request = GoodDefinition();
  request.set_dry_run(true);
  AddNewerField(request);
  EXPECT_EQ(Define(request).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(NewerClientTest, HearsOfEightMessagesAtMost) {
  auto request = GoodDefinition();
  for (int i = 0; i < 60; ++i) AddNewerField(*request.mutable_domain()->add_disks());
  EXPECT_EQ(FieldsOf(Define(request)).size(), 8u);
}

TEST_F(NewerClientTest, IsRefusedARemovalWithAFieldThatNobodyHereKnows) {
  ASSERT_TRUE(Define(GoodDefinition()).ok());
  v1::UndefineTdxDomainRequest request;
  request.set_uuid(kUuid);
  AddNewerField(request);
  v1::UndefineTdxDomainResponse answer;
  EXPECT_EQ(Call(stub_, &HostService::Stub::UndefineTdxDomain, request, &answer).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(CountDomains(), 1);
}

TEST_F(NewerClientTest, IsAnsweredWhereItOnlyAsks) {
  v1::HostCapabilitiesRequest capabilities;
  AddNewerField(capabilities);
  v1::HostCapabilitiesResponse capabilities_answer;
  EXPECT_TRUE(
      Call(stub_, &HostService::Stub::HostCapabilities, capabilities, &capabilities_answer).ok());
  v1::ValidateRequestRequest validate;
  *validate.mutable_image() = GoodDefinition().image();
  AddNewerField(validate);
  v1::ValidateRequestResponse validate_answer;
  EXPECT_TRUE(Call(stub_, &HostService::Stub::ValidateRequest, validate, &validate_answer).ok());
}

// The contract of an earlier day, as protoc describes it (tests/data/contract).
class OlderContractTest : public ::testing::Test {
 protected:
  OlderContractTest() {
    std::ifstream file(CCPLACE_TEST_DATA "/contract/ccplace-v1-2026-11-23.binpb");
    google::protobuf::FileDescriptorSet files;
    EXPECT_TRUE(files.ParseFromIstream(&file));
    for (const auto& one : files.file()) EXPECT_NE(pool_.BuildFile(one), nullptr);
  }

  std::unique_ptr<Message> Old(const std::string& name) {
    const Descriptor* descriptor = pool_.FindMessageTypeByName("ccplace.v1." + name);
    EXPECT_NE(descriptor, nullptr) << name;
    return std::unique_ptr<Message>(factory_.GetPrototype(descriptor)->New());
  }

  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_{&pool_};
};

constexpr int kDepth = 6;

// Sets `field` of `message` to something; of messages everything in them, to a depth.
void Fill(Message& message, int depth);

void FillField(Message& message, const FieldDescriptor& field, int depth) {
  const google::protobuf::Reflection& to = *message.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (depth == 0) return;
      return Fill(many ? *to.AddMessage(&message, &field) : *to.MutableMessage(&message, &field),
                  depth - 1);
    case FieldDescriptor::CPPTYPE_STRING:
      return many ? to.AddString(&message, &field, "text") : to.SetString(&message, &field, "text");
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = field.enum_type()->value(field.enum_type()->value_count() - 1);
      return many ? to.AddEnum(&message, &field, value) : to.SetEnum(&message, &field, value);
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return many ? to.AddBool(&message, &field, true) : to.SetBool(&message, &field, true);
    case FieldDescriptor::CPPTYPE_UINT64:
      return many ? to.AddUInt64(&message, &field, 7) : to.SetUInt64(&message, &field, 7);
    case FieldDescriptor::CPPTYPE_INT64:
      return many ? to.AddInt64(&message, &field, 7) : to.SetInt64(&message, &field, 7);
    case FieldDescriptor::CPPTYPE_UINT32:
      return many ? to.AddUInt32(&message, &field, 7) : to.SetUInt32(&message, &field, 7);
    case FieldDescriptor::CPPTYPE_INT32:
      return many ? to.AddInt32(&message, &field, 7) : to.SetInt32(&message, &field, 7);
    default:
      ADD_FAILURE() << field.full_name() << " is of a type that this test does not fill";
  }
}

void Fill(Message& message, int depth) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    FillField(message, *message.GetDescriptor()->field(i), depth);
  }
}

// One element of the repeated `field` for each choice that its message's oneof gives.
void FillEachChoice(Message& message, const char* field_name) {
  const FieldDescriptor& field = *message.GetDescriptor()->FindFieldByName(field_name);
  const auto& choices = *field.message_type()->oneof_decl(0);
  message.GetReflection()->ClearField(&message, &field);
  for (int i = 0; i < choices.field_count(); ++i) {
    Message& element = *message.GetReflection()->AddMessage(&message, &field);
    Fill(element, kDepth);
    FillField(element, *choices.field(i), kDepth);
  }
}

// `message` and all in it that may have fields of their own, each with its path.
void CollectMessages(Message& message, const std::string& path,
                     std::vector<std::pair<std::string, Message*>>& found) {
  found.emplace_back(path, &message);
  const google::protobuf::Reflection& of = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  of.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    const std::string name = (path == "request" ? "" : path + ".") + field->name();
    if (!field->is_repeated()) CollectMessages(*of.MutableMessage(&message, field), name, found);
    for (int i = 0; field->is_repeated() && i < of.FieldSize(message, field); ++i) {
      CollectMessages(*of.MutableRepeatedMessage(&message, field, i),
                      name + "[" + std::to_string(i) + "]", found);
    }
  }
}

TEST_F(NewerClientTest, IsRefusedADefinitionWithSuchAFieldInWhateverMessage) {
  v1::DefineTdxDomainRequest whole;
  Fill(whole, kDepth);
  FillEachChoice(*whole.mutable_domain(), "disks");
  FillEachChoice(*whole.mutable_domain(), "interfaces");
  std::vector<std::pair<std::string, Message*>> messages;
  CollectMessages(whole, "request", messages);
  EXPECT_THAT(messages, Contains(Pair("domain.disks[2].rbd.hosts[0]", _)));
  EXPECT_THAT(messages, Contains(Pair("domain.disks[3].iscsi.auth", _)));
  for (const auto& [path, message] : messages) {
    AddNewerField(*message);
    EXPECT_THAT(FieldsOf(Define(whole)), ::testing::ElementsAre(path));
    message->GetReflection()->MutableUnknownFields(message)->Clear();
  }
}

// Every field that `message` and those in it have unknown to them, by name of message.
void CollectUnknown(const Message& message, std::vector<std::string>& found) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  const auto& unknown = reflection.GetUnknownFields(message);
  for (int i = 0; i < unknown.field_count(); ++i) {
    found.push_back(message.GetTypeName() + "." + std::to_string(unknown.field(i).number()));
  }
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      CollectUnknown(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                          : reflection.GetMessage(message, field),
                     found);
    }
  }
}

TEST_F(OlderContractTest, HasNoRequestWithAFieldThatIsUnknownToday) {
  v1::DefineTdxDomainRequest define;
  v1::UndefineTdxDomainRequest undefine;
  v1::ValidateRequestRequest validate;
  v1::HostCapabilitiesRequest capabilities;
  const std::vector<Message*> all = {&define, &undefine, &validate, &capabilities};
  for (Message* today : all) {
    const auto old = Old(today->GetDescriptor()->name());
    Fill(*old, kDepth);
    ASSERT_TRUE(today->ParseFromString(old->SerializeAsString())) << old->GetTypeName();
    std::vector<std::string> unknown;
    CollectUnknown(*today, unknown);
    EXPECT_THAT(unknown, ::testing::IsEmpty());
  }
}

TEST_F(OlderContractTest, ReadsTodaysAnswersAndPassesOnWhatItDoesNotKnow) {
  v1::DefineTdxDomainResponse define;
  v1::UndefineTdxDomainResponse undefine;
  v1::ValidateRequestResponse validate;
  v1::HostCapabilitiesResponse capabilities;
  v1::TdxInventoryResponse inventory;
  v1::ListTdxDomainsResponse domains;
  v1::WatchHostResponse watch;
  const std::vector<Message*> all = {&define,    &undefine, &validate, &capabilities,
                                     &inventory, &domains,  &watch};
  for (Message* today : all) {
    Fill(*today, kDepth);
    const auto old = Old(today->GetDescriptor()->name());
    ASSERT_TRUE(old->ParseFromString(today->SerializeAsString())) << old->GetTypeName();
    const std::unique_ptr<Message> back(today->New());
    ASSERT_TRUE(back->ParseFromString(old->SerializeAsString()));
    EXPECT_EQ(back->DebugString(), today->DebugString());
  }
}

}  // namespace
}  // namespace ccplace
