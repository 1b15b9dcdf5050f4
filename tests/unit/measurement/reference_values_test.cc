#include "lib/measurement/reference_values.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/text_format.h>

#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ccplace {
namespace {

using google::protobuf::FieldDescriptorProto;
using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

std::string Filled(char first) {
  std::string bytes;
  for (int i = 0; i < 48; ++i) bytes.push_back(static_cast<char>(first + i));
  return bytes;
}

ReferenceValues OfHost() {
  ReferenceValues values;
  values.mrtd = Filled('\xc0');
  values.firmware_path = "/usr/share/ovmf/OVMF.inteltdx.ms.fd";
  values.firmware_sha384 = Filled('\x01');
  return values;
}

ReferenceValues OfGuest() {
  ReferenceValues values = OfHost();
  values.td_attributes = 0x10000000;
  values.mr_config_id = Filled('\x02');
  values.mr_owner = std::string(48, '\0');
  values.mr_owner_config = Filled('"');  // Quotes and backslashes.
  values.uuid = "6a1d2f3c-58b7-4c0e-9d51-0c6f3a7b9e24";
  values.machine_type = "pc-q35-11.1";
  return values;
}

void AddField(const char* name, int number, FieldDescriptorProto::Type type,
              const std::string& type_name, google::protobuf::DescriptorProto& message) {
  FieldDescriptorProto& field = *message.add_field();
  field.set_name(name);
  field.set_number(number);
  field.set_type(type);
  field.set_label(FieldDescriptorProto::LABEL_OPTIONAL);
  if (!type_name.empty()) field.set_type_name(type_name);
}

// The messages of go-tdx-guest's proto/checkconfig.proto, with its field names and numbers.
class CheckConfig {
 public:
  CheckConfig() {
    google::protobuf::FileDescriptorProto file;
    file.set_name("checkconfig.proto");
    file.set_package("checkconfig");
    file.set_syntax("proto3");
    auto& header = *file.add_message_type();
    header.set_name("HeaderPolicy");
    AddField("minimum_qe_svn", 1, FieldDescriptorProto::TYPE_UINT32, "", header);
    auto& body = *file.add_message_type();
    body.set_name("TDQuoteBodyPolicy");
    int number = 0;
    for (const char* name : {"minimum_tee_tcb_svn", "mr_seam", "td_attributes", "xfam", "mr_td",
                             "mr_config_id", "mr_owner", "mr_owner_config"}) {
      AddField(name, ++number, FieldDescriptorProto::TYPE_BYTES, "", body);
    }
    auto& policy = *file.add_message_type();
    policy.set_name("Policy");
    AddField("header_policy", 1, FieldDescriptorProto::TYPE_MESSAGE, ".checkconfig.HeaderPolicy",
             policy);
    AddField("td_quote_body_policy", 2, FieldDescriptorProto::TYPE_MESSAGE,
             ".checkconfig.TDQuoteBodyPolicy", policy);
    auto& config = *file.add_message_type();
    config.set_name("Config");
    AddField("policy", 1, FieldDescriptorProto::TYPE_MESSAGE, ".checkconfig.Policy", config);
    const auto* built = pool_.BuildFile(file);
    config_.reset(factory_.GetPrototype(built->FindMessageTypeByName("Config"))->New());
  }

  bool Parse(const std::string& text) {
    return google::protobuf::TextFormat::ParseFromString(text, config_.get());
  }

  const google::protobuf::Message& Sub(const google::protobuf::Message& message,
                                       const char* name) const {
    return message.GetReflection()->GetMessage(message,
                                               message.GetDescriptor()->FindFieldByName(name));
  }

  bool HasHeaderPolicy() const {
    const auto& policy = Sub(*config_, "policy");
    return policy.GetReflection()->HasField(
        policy, policy.GetDescriptor()->FindFieldByName("header_policy"));
  }

  std::string Body(const char* field) const {
    const auto& body = Sub(Sub(*config_, "policy"), "td_quote_body_policy");
    return body.GetReflection()->GetString(body, body.GetDescriptor()->FindFieldByName(field));
  }

 private:
  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
  std::unique_ptr<google::protobuf::Message> config_;
};

TEST(GoTdxGuestPolicyTest, IsReadBackByProtobufsOwnParser) {
  CheckConfig config;
  ASSERT_TRUE(config.Parse(GoTdxGuestPolicy(OfGuest())));
  EXPECT_EQ(config.Body("mr_td"), Filled('\xc0'));
  EXPECT_EQ(config.Body("td_attributes"), std::string("\0\0\0\x10\0\0\0\0", 8));
  EXPECT_EQ(config.Body("mr_config_id"), Filled('\x02'));
  EXPECT_EQ(config.Body("mr_owner"), std::string(48, '\0'));
  EXPECT_EQ(config.Body("mr_owner_config"), Filled('"'));
  EXPECT_EQ(config.Body("xfam"), "");
  EXPECT_EQ(config.Body("mr_seam"), "");
}

TEST(GoTdxGuestPolicyTest, HasAHeaderPolicyWithoutWhichTheToolFails) {
  CheckConfig config;
  ASSERT_TRUE(config.Parse(GoTdxGuestPolicy(OfHost())));
  EXPECT_TRUE(config.HasHeaderPolicy());
}

TEST(GoTdxGuestPolicyTest, LeavesOutWhatEachGuestHasOfItsOwn) {
  CheckConfig config;
  ASSERT_TRUE(config.Parse(GoTdxGuestPolicy(OfHost())));
  EXPECT_EQ(config.Body("td_attributes"), "");
  EXPECT_EQ(config.Body("mr_config_id"), "");
}

TEST(TrusteeMessageTest, HoldsValuesByTheNamesOfItsPolicies) {
  const json message = json::parse(TrusteeMessage(OfGuest()));
  EXPECT_EQ(message["version"], "0.1.0");
  EXPECT_EQ(message["type"], "sample");
  std::string payload;
  ASSERT_TRUE(absl::Base64Unescape(message["payload"].get<std::string>(), &payload));
  const json values = json::parse(payload);
  EXPECT_EQ(values["mr_td"], json::array({absl::BytesToHexString(Filled('\xc0'))}));
  EXPECT_EQ(values["td_attributes"], json::array({"0000001000000000"}));
  EXPECT_EQ(values["mr_owner"], json::array({std::string(96, '0')}));
  EXPECT_FALSE(values.contains("xfam"));
}

TEST(IntelPolicyTest, WritesAttributesHighestByteFirst) {
  const json policy = json::parse(IntelAppraisalPolicy(OfGuest()));
  ASSERT_EQ(policy["policy_array"].size(), 1U);
  const json& entry = policy["policy_array"][0];
  EXPECT_EQ(entry["environment"]["class_id"], "45b734fc-aa4e-4c3d-ad28-e43d08880e68");
  EXPECT_EQ(entry["reference"]["tdx_attributes"], "0000000010000000");
  // PKS (bit 30) is QEMU's own to set.
  EXPECT_EQ(entry["reference"]["tdx_attributes_mask"], "FFFFFFFFBFFFFFFF");
  EXPECT_EQ(absl::AsciiStrToLower(entry["reference"]["tdx_mrtd"].get<std::string>()),
            absl::BytesToHexString(Filled('\xc0')));
  EXPECT_EQ(absl::AsciiStrToLower(entry["reference"]["tdx_mrconfigid"].get<std::string>()),
            absl::BytesToHexString(Filled('\x02')));
}

TEST(IntelPolicyTest, HasNoMaskWithoutAttributes) {
  const json policy = json::parse(IntelAppraisalPolicy(OfHost()));
  EXPECT_FALSE(policy["policy_array"][0]["reference"].contains("tdx_attributes"));
  EXPECT_FALSE(policy["policy_array"][0]["reference"].contains("tdx_attributes_mask"));
}

TEST(ReferenceJsonTest, StatesValuesAsInAQuoteAndSaysWhatItLeavesOut) {
  const json values = json::parse(ReferenceJson(OfGuest()));
  EXPECT_EQ(values["mr_td"], absl::BytesToHexString(Filled('\xc0')));
  EXPECT_EQ(values["td_attributes"], "0000001000000000");
  EXPECT_EQ(values["machine_type"], "pc-q35-11.1");
  std::vector<std::string> left_out;
  for (const json& value : values["left_out"]) left_out.push_back(value["field"]);
  for (const char* field : {"xfam", "rtmr0", "rtmr1", "rtmr2", "rtmr3", "mr_seam", "tee_tcb_svn"}) {
    EXPECT_THAT(left_out, Contains(field));
    EXPECT_FALSE(values.contains(field));
  }
  EXPECT_THAT(left_out, Not(Contains("mr_config_id")));
}

TEST(ReferenceJsonTest, KeepsWhatWasPublishedOfTheModuleApart) {
  ReferenceValues of_guest = OfGuest();
  of_guest.tdx_module = "1.5.24";
  EXPECT_FALSE(json::parse(ReferenceJson(of_guest)).contains("published_of_tdx_module"));
  of_guest.published_module = PublishedModule{Filled('s'), 13, 1, "its release notes"};
  const json values = json::parse(ReferenceJson(of_guest));
  EXPECT_EQ(values["tdx_module"], "1.5.24");
  EXPECT_EQ(values["published_of_tdx_module"],
            json::parse(R"({"minor_svn": 13, "major_svn": 1, "source": "its release notes",
                            "mr_seam": ")" +
                        absl::BytesToHexString(Filled('s')) + "\"}"));
  EXPECT_FALSE(values.contains("mr_seam"));
}

TEST(ReferenceJsonTest, LeavesOutWhatEachGuestHasOfItsOwn) {
  const std::string text = ReferenceJson(OfHost());
  EXPECT_THAT(text, HasSubstr("name a guest's UUID"));
  EXPECT_FALSE(json::parse(text).contains("td_attributes"));
}

}  // namespace
}  // namespace ccplace
