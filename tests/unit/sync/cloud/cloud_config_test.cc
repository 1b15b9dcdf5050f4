#include "client/sync/cloud/cloud_config.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ccplace::sync {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

CloudSettings Password() {
  return {{"auth_url", "http://127.0.0.1:5000/v3"},
          {"username", "ccplace"},
          {"password", "pass-and-secret"},
          {"user_domain_name", "Default"},
          {"project_name", "service"},
          {"project_domain_name", "Default"}};
}

CloudSettings Without(CloudSettings settings, const std::string& name) {
  settings.erase(name);
  return settings;
}

CloudSettings With(CloudSettings settings, const std::string& name, const std::string& value) {
  settings[name] = value;
  return settings;
}

std::string Fault(const CloudSettings& settings) {
  const auto cloud = CloudFrom(settings);
  EXPECT_EQ(cloud.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(cloud.status().message(), Not(HasSubstr("secret")));
  return std::string(cloud.status().message());
}

TEST(CloudTest, TakesAPasswordLogin) {
  const CloudConfig cloud = *CloudFrom(Password());
  EXPECT_EQ(cloud.auth_type, AuthType::kPassword);
  EXPECT_EQ(cloud.username, "ccplace");
  EXPECT_EQ(cloud.password, "pass-and-secret");
  EXPECT_EQ(cloud.project_name, "service");
  EXPECT_EQ(cloud.interface, "public");
}

TEST(CloudTest, NamesEachSettingThatIsMissingAndItsVariable) {
  EXPECT_THAT(Fault(Without(Password(), "auth_url")), HasSubstr("OS_AUTH_URL"));
  EXPECT_THAT(Fault(Without(Password(), "username")), HasSubstr("OS_USERNAME"));
  EXPECT_THAT(Fault(Without(Password(), "password")), HasSubstr("OS_PASSWORD"));
  EXPECT_THAT(Fault(Without(Password(), "project_name")), HasSubstr("OS_PROJECT_NAME"));
  EXPECT_THAT(Fault(Without(Password(), "user_domain_name")), HasSubstr("OS_USER_DOMAIN_NAME"));
  EXPECT_THAT(Fault({{"auth_type", "none"}}), HasSubstr("--placement_endpoint"));
}

TEST(CloudTest, TakesAnApplicationCredentialWithoutBeingToldSo) {
  const CloudConfig cloud = *CloudFrom({{"auth_url", "https://keystone"},
                                        {"application_credential_id", "id"},
                                        {"application_credential_secret", "s"}});
  EXPECT_EQ(cloud.auth_type, AuthType::kApplicationCredential);
  EXPECT_THAT(Fault({{"auth_url", "https://keystone"}, {"application_credential_secret", "s"}}),
              HasSubstr("OS_APPLICATION_CREDENTIAL_ID"));
}

TEST(CloudTest, NamesTheVariableOfASettingThatIsNoUtf8) {
  EXPECT_THAT(Fault(With(Password(), "password", "secret-of-latin-\xE9")),
              HasSubstr("OS_PASSWORD"));
  EXPECT_THAT(Fault(With(Password(), "project_name", "\xFF")), HasSubstr("OS_PROJECT_NAME"));
  EXPECT_EQ(CloudFrom(With(Password(), "password", "\xC3\xA9\x07"))->password, "\xC3\xA9\x07");
}

TEST(CloudTest, RefusesAnAuthTypeItDoesNotKnow) {
  EXPECT_THAT(Fault(With(Password(), "auth_type", "v3oidcpassword")),
              AllOf(HasSubstr("v3oidcpassword"), HasSubstr("v3applicationcredential")));
}

TEST(CloudTest, RefusesAUrlOfAnotherScheme) {
  EXPECT_THAT(Fault(With(Password(), "auth_url", "file:///etc/passwd")), HasSubstr("https://"));
  EXPECT_THAT(Fault(With(Password(), "placement_endpoint_override", "gopher://x")),
              HasSubstr("placement_endpoint"));
}

TEST(CloudTest, TakesTheInterfaceInBothSpellings) {
  EXPECT_EQ(CloudFrom(With(Password(), "interface", "internal"))->interface, "internal");
  EXPECT_EQ(CloudFrom(With(Password(), "endpoint_type", "internalURL"))->interface, "internal");
}

TEST(CloudTest, ChecksCertificatesUnlessToldNotTo) {
  EXPECT_FALSE(CloudFrom(Password())->tls.insecure);
  EXPECT_TRUE(CloudFrom(With(Password(), "insecure", "True"))->tls.insecure);
  EXPECT_TRUE(CloudFrom(With(Password(), "verify", "false"))->tls.insecure);
  EXPECT_FALSE(CloudFrom(With(Password(), "verify", "true"))->tls.insecure);
}

constexpr char kCloudsYaml[] = R"(
clouds:
  one:
    auth_type: password
    auth:
      auth_url: http://keystone/v3
      username: ccplace
    region_name: RegionOne
  two: {auth: {auth_url: "http://other"}}
)";

TEST(CloudsYamlTest, LaysTheAuthSettingsBesideTheOthers) {
  const CloudSettings settings = *SettingsFromYaml(kCloudsYaml, "", "one");
  EXPECT_EQ(settings.at("auth_url"), "http://keystone/v3");
  EXPECT_EQ(settings.at("region_name"), "RegionOne");
  EXPECT_EQ(settings.count("auth"), 0u);
}

TEST(CloudsYamlTest, LaysSecureYamlOverIt) {
  const CloudSettings settings =
      *SettingsFromYaml(kCloudsYaml, "clouds: {one: {auth: {password: hidden}}}", "one");
  EXPECT_EQ(settings.at("password"), "hidden");
  EXPECT_EQ(settings.at("username"), "ccplace");
}

TEST(CloudsYamlTest, ListsTheCloudsThereAre) {
  const auto settings = SettingsFromYaml(kCloudsYaml, "", "three");
  EXPECT_EQ(settings.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(settings.status().message(), AllOf(HasSubstr("'one'"), HasSubstr("'two'")));
}

TEST(CloudsYamlTest, RefusesWhatIsNoCloudsYaml) {
  for (const char* text : {"", "clouds: 1", "clouds: [a]", "{{{", "a: [1", "\x01"}) {
    EXPECT_EQ(SettingsFromYaml(text, "", "one").status().code(), absl::StatusCode::kInvalidArgument)
        << text;
  }
}

TEST(ReadCloudTest, ReadsTheEnvironment) {
  const std::map<std::string, std::string> variables = {{"OS_AUTH_TYPE", "none"},
                                                        {"OS_ENDPOINT", "http://127.0.0.1:8778"}};
  const auto environment = [&variables](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? "" : found->second;
  };
  EXPECT_EQ(ReadCloud(environment, "", "")->placement_endpoint, "http://127.0.0.1:8778");
  EXPECT_EQ(ReadCloud(environment, "", "http://other")->placement_endpoint, "http://other");
  EXPECT_EQ(ReadCloud(environment, "absent", "").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace ccplace::sync
