#include "client/sync/cloud/cloud_config.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kAuth[] =
    "auth: {auth_url: 'http://127.0.0.1:5000/v3', username: ccplace, password: pass-and-secret, "
    "user_domain_name: Default, project_name: service, project_domain_name: Default}";

Environment PasswordVariables() {
  return {{"OS_AUTH_URL", "http://127.0.0.1:5000/v3"},
          {"OS_USERNAME", "ccplace"},
          {"OS_PASSWORD", "pass-and-secret"},
          {"OS_USER_DOMAIN_NAME", "Default"},
          {"OS_PROJECT_NAME", "service"},
          {"OS_PROJECT_DOMAIN_NAME", "Default"}};
}

// A home folder of its own; the files in it are found as in ~/.config/openstack.
class CloudTest : public ::testing::Test {
 protected:
  CloudTest() {
    folder_ = ::testing::TempDir() + "cloud-" + std::to_string(getpid()) + "/openstack";
    std::filesystem::create_directories(folder_);
    environment_ = {{"XDG_CONFIG_HOME", folder_.substr(0, folder_.rfind('/'))},
                    {"HOME", "/nonexistent"}};
  }
  ~CloudTest() override {
    std::filesystem::remove_all(std::filesystem::path(folder_).parent_path());
  }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = absl::StrCat(folder_, "/", name);
    std::ofstream(path) << text;
    chmod(path.c_str(), 0600);
    return path;
  }

  // Cloud `c` of clouds.yaml: a login and these lines.
  absl::StatusOr<CloudConfig> Cloud(const std::string& lines) {
    Write("clouds.yaml", absl::StrCat("clouds:\n  c:\n    ", kAuth, "\n", lines));
    return Read("c");
  }

  absl::StatusOr<CloudConfig> Read(const std::string& name) {
    return ReadCloud(environment_, {name, "", ""});
  }

  absl::StatusOr<CloudConfig> From(const Environment& variables) {
    Environment environment = environment_;
    environment.insert(variables.begin(), variables.end());
    return ReadCloud(environment, {});
  }

  std::string Fault(const absl::StatusOr<CloudConfig>& cloud) {
    EXPECT_FALSE(cloud.ok());
    EXPECT_THAT(cloud.status().message(), Not(HasSubstr("pass-and-secret")));
    return std::string(cloud.status().message());
  }

  std::string folder_;
  Environment environment_;
};

using VariablesTest = CloudTest;

TEST_F(VariablesTest, AreAPasswordLogin) {
  const CloudConfig cloud = *From(PasswordVariables());
  EXPECT_EQ(cloud.auth_type, AuthType::kPassword);
  EXPECT_EQ(cloud.username, "ccplace");
  EXPECT_EQ(cloud.password, "pass-and-secret");
  EXPECT_EQ(cloud.project_name, "service");
  EXPECT_THAT(cloud.interfaces, ElementsAre("public"));
}

TEST_F(VariablesTest, EachIsNamedWhereItIsMissing) {
  for (const char* name : {"OS_USERNAME", "OS_PASSWORD", "OS_AUTH_URL", "OS_PROJECT_NAME",
                           "OS_USER_DOMAIN_NAME", "OS_PROJECT_DOMAIN_NAME"}) {
    Environment variables = PasswordVariables();
    variables.erase(name);
    EXPECT_THAT(Fault(From(variables)), HasSubstr(name));
  }
  EXPECT_THAT(Fault(From({{"OS_AUTH_TYPE", "none"}})), HasSubstr("--placement_endpoint"));
  EXPECT_THAT(Fault(From({})), HasSubstr("OS_AUTH_URL"));
}

TEST_F(VariablesTest, AreAnApplicationCredential) {
  Environment variables = {{"OS_AUTH_URL", "https://keystone"},
                           {"OS_AUTH_TYPE", "v3applicationcredential"},
                           {"OS_APPLICATION_CREDENTIAL_ID", "id"},
                           {"OS_APPLICATION_CREDENTIAL_SECRET", "s"}};
  EXPECT_EQ(From(variables)->auth_type, AuthType::kApplicationCredential);
  variables.erase("OS_APPLICATION_CREDENTIAL_ID");
  EXPECT_THAT(Fault(From(variables)), HasSubstr("OS_APPLICATION_CREDENTIAL_ID"));
  variables.erase("OS_AUTH_TYPE");
  EXPECT_THAT(Fault(From(variables)), HasSubstr("OS_AUTH_TYPE"));
}

TEST_F(VariablesTest, AreNamedWhereTheyAreNoUtf8) {
  Environment variables = PasswordVariables();
  variables["OS_PASSWORD"] = "latin-\xE9";
  EXPECT_THAT(Fault(From(variables)), HasSubstr("OS_PASSWORD"));
  variables["OS_PASSWORD"] = "\xC3\xA9\x07";
  EXPECT_EQ(From(variables)->password, "\xC3\xA9\x07");
}

TEST_F(VariablesTest, AreTheCloudCalledEnvvars) {
  Environment variables = PasswordVariables();
  variables["OS_CLOUD"] = "envvars";
  variables["OS_REGION_NAME"] = "RegionTwo";
  EXPECT_EQ(From(variables)->region, "RegionTwo");
}

TEST_F(VariablesTest, OfAnUnknownLoginOrUrlAreRefused) {
  Environment variables = PasswordVariables();
  variables["OS_AUTH_TYPE"] = "v3oidcpassword";
  EXPECT_THAT(Fault(From(variables)), HasSubstr("v3applicationcredential"));
  variables = PasswordVariables();
  variables["OS_AUTH_URL"] = "file:///etc/passwd";
  EXPECT_THAT(Fault(From(variables)), HasSubstr("https://"));
  variables["OS_AUTH_URL"] = "https://ccplace:hidden@keystone/v3";
  EXPECT_THAT(Fault(From(variables)), AllOf(HasSubstr("password"), Not(HasSubstr("hidden"))));
}

TEST_F(VariablesTest, ThatAreNotUsedBesideAFileAreNamed) {
  Write("clouds.yaml", absl::StrCat("clouds:\n  c:\n    ", kAuth));
  environment_["OS_CLOUD"] = "c";
  EXPECT_THAT(From({})->warnings, IsEmpty());
  EXPECT_THAT(From({{"OS_PASSWORD", "other"}, {"OS_REGION_NAME", "RegionTwo"}})->warnings,
              ElementsAre(AllOf(HasSubstr("OS_PASSWORD"), HasSubstr("OS_REGION_NAME"),
                                Not(HasSubstr("other")))));
}

TEST_F(VariablesTest, ArePointedToWhereTheFileLacksWhatTheySay) {
  Write("clouds.yaml",
        "clouds: {c: {auth: {auth_url: 'http://k', username: u, user_domain_id: d}}}");
  environment_["OS_CLOUD"] = "c";
  EXPECT_THAT(
      Fault(From({{"OS_PASSWORD", "other"}})),
      AllOf(HasSubstr("password is not set"), HasSubstr("OS_PASSWORD is set, and not used")));
}

using CloudsYamlTest = CloudTest;

TEST_F(CloudsYamlTest, MergesKeysOfAnchors) {
  Write("clouds.yaml", absl::StrCat("common: &common\n  region_name: RegionTwo\n"
                                    "clouds:\n  c:\n    <<: *common\n    ",
                                    kAuth));
  EXPECT_EQ(Read("c")->region, "RegionTwo");
}

TEST_F(CloudsYamlTest, TakesTheFirstRegionAndItsValues) {
  EXPECT_EQ(Cloud("    regions: [RegionTwo, RegionOne]")->region, "RegionTwo");
  const CloudConfig cloud =
      *Cloud("    regions: [{name: Two, values: {interface: internal}}, One]");
  EXPECT_EQ(cloud.region, "Two");
  EXPECT_THAT(cloud.interfaces, ElementsAre("internal"));
  EXPECT_EQ(Cloud("    region_name: RegionTwo\n    placement_region_name: Three")->region, "Three");
}

TEST_F(CloudsYamlTest, FillsTheCloudsRegionIntoItsUrls) {
  EXPECT_EQ(Cloud("    region_name: One\n    placement_region_name: Two\n"
                  "    placement_endpoint: 'https://p/{region_name}/x'")
                ->placement_endpoint,
            "https://p/One/x");
  EXPECT_THAT(Fault(Cloud("    placement_endpoint: 'https://{profile}/x'")), HasSubstr("braces"));
}

TEST_F(CloudsYamlTest, TakesARegionOfTheCommandLineThatIsAmongThem) {
  ASSERT_TRUE(Cloud("    regions: [RegionTwo, RegionOne]").ok());
  EXPECT_EQ(ReadCloud(environment_, {"c", "RegionOne", ""})->region, "RegionOne");
  EXPECT_THAT(Fault(ReadCloud(environment_, {"c", "Three", ""})),
              AllOf(HasSubstr("'Three'"), HasSubstr("'RegionTwo'")));
}

TEST_F(CloudsYamlTest, LaysItselfOverItsProfile) {
  Write("clouds-public.yaml",
        "public-clouds: {vend: {region_name: RegionTwo, interface: admin, auth: {username: v}}}");
  const CloudConfig cloud = *Cloud("    profile: vend\n    interface: internal");
  EXPECT_EQ(cloud.region, "RegionTwo");
  EXPECT_EQ(cloud.username, "ccplace");
  EXPECT_THAT(cloud.interfaces, ElementsAre("internal"));
  EXPECT_THAT(Fault(Cloud("    profile: ovh")), AllOf(HasSubstr("'ovh'"), HasSubstr("line 4")));
}

TEST_F(CloudsYamlTest, HasSecureYamlLaidOverIt) {
  Write("secure.yaml", "clouds: {c: {auth: {password: hidden}}}");
  EXPECT_EQ(Cloud("")->password, "hidden");
}

TEST_F(CloudsYamlTest, NeedsNoNameWhereItHasOneCloud) {
  ASSERT_TRUE(Cloud("").ok());
  EXPECT_EQ(Read("")->name, "c");
  Write("clouds.yaml", "clouds: {one: {}, two: {}}");
  EXPECT_THAT(Fault(Read("")), AllOf(HasSubstr("'one'"), HasSubstr("'two'")));
  EXPECT_THAT(Fault(Read("three")), AllOf(HasSubstr("'one'"), HasSubstr("'two'")));
}

TEST_F(CloudsYamlTest, IsFoundByEachOfItsNames) {
  Write("clouds.yml", absl::StrCat("clouds:\n  c:\n    ", kAuth));
  EXPECT_TRUE(Read("c").ok());
  std::filesystem::remove(folder_ + "/clouds.yml");
  Write("clouds.json", R"({"clouds": {"c": {"auth_type": "none", "endpoint": "http://[::1]/"}}})");
  EXPECT_EQ(Read("c")->placement_endpoint, "http://[::1]/");
}

TEST_F(CloudsYamlTest, MayHaveDashesAndTheNamesOfOldTools) {
  Write("clouds.yaml",
        "clouds: {c: {placement-endpoint-override: 'http://127.0.0.1:1', auth: {auth-url: "
        "'http://127.0.0.1', user-name: u, tenant-name: t, domain-id: d, password: p}}}");
  const CloudConfig cloud = *Read("c");
  EXPECT_EQ(cloud.username, "u");
  EXPECT_EQ(cloud.project_name, "t");
  EXPECT_EQ(cloud.user_domain_id, "d");
  EXPECT_EQ(cloud.project_domain_id, "d");
  EXPECT_EQ(cloud.placement_endpoint, "http://127.0.0.1:1");
}

TEST_F(CloudsYamlTest, IsRefusedByKeyFileAndLineWhereItIsNotUnderstood) {
  for (const char* line :
       {"verfiy: false", "region: RegionTwo", "auth_plugin: v3token", "placement_service_type: x",
        "endpoint_override: http://x", "interface: outside", "auth-type: none", "trust_id: t",
        "identity_api_version: 2", "regions: []", "has_placement: false"}) {
    const std::string key = std::string(line).substr(0, std::string(line).find(':'));
    EXPECT_THAT(Fault(Cloud(absl::StrCat("    ", line))),
                AllOf(HasSubstr("clouds.yaml, line 4"), HasSubstr(key)))
        << line;
  }
}

// Found by the fuzz target clouds.
TEST_F(CloudsYamlTest, IsRefusedInWordsThatAreFitForALogWhateverAKeyHolds) {
  for (const char* line : {"\"c\\x01-endpoint-type\": x", "\"c\\n-endpoint-type\": x"}) {
    const std::string fault = Fault(Cloud(absl::StrCat("    ", line)));
    EXPECT_THAT(fault, HasSubstr("write it as"));
    EXPECT_TRUE(IsPrintable(fault)) << fault;
  }
  const std::string twice = Fault(Cloud("    \"a\\x01-b\": x\n    \"a\\x01_b\": x"));
  EXPECT_TRUE(IsPrintable(twice)) << twice;
}

TEST_F(CloudsYamlTest, MaySayWhatConcernsOtherServices) {
  for (const char* line : {"volume_api_version: 3", "networks: [{name: n}]", "image_format: raw",
                           "identity_api_version: 3", "compute_endpoint_override: http://x"}) {
    EXPECT_TRUE(Cloud(absl::StrCat("    ", line)).ok()) << line;
  }
}

TEST_F(CloudsYamlTest, IsRefusedWhereTwoSettingsDisagree) {
  EXPECT_THAT(Fault(Cloud("    project_name: other")),
              AllOf(HasSubstr("project_name"), HasSubstr("line 4"), HasSubstr("line 3")));
  EXPECT_THAT(Fault(Cloud("    token: t")), HasSubstr("token"));
}

TEST_F(CloudsYamlTest, TakesInterfacesInOrder) {
  EXPECT_THAT(Cloud("    interface: [internal, public]")->interfaces,
              ElementsAre("internal", "public"));
  EXPECT_THAT(Cloud("    endpoint_type: internalURL")->interfaces, ElementsAre("internal"));
  EXPECT_THAT(Cloud("    interface: public\n    placement_interface: admin")->interfaces,
              ElementsAre("admin"));
}

TEST_F(CloudsYamlTest, ChecksCertificatesByBooleansAndPaths) {
  const std::string path = Write("ca.pem", "");
  EXPECT_FALSE(Cloud("")->tls.insecure);
  EXPECT_FALSE(Cloud("    verify: yes")->tls.insecure);
  EXPECT_TRUE(Cloud("    verify: no")->tls.insecure);
  EXPECT_TRUE(Cloud("    insecure: true")->tls.insecure);
  EXPECT_EQ(Cloud(absl::StrCat("    verify: ", path))->tls.ca_file, path);
  EXPECT_FALSE(Cloud(absl::StrCat("    verify: ", path))->tls.insecure);
  EXPECT_EQ(Cloud(absl::StrCat("    verify: ", folder_))->tls.ca_folder, folder_);
  for (const char* nonsense : {"Ture", "\"False\"", "0", "/not/there.pem", "~"}) {
    EXPECT_THAT(Fault(Cloud(absl::StrCat("    verify: ", nonsense))), HasSubstr("verify"));
  }
}

TEST_F(CloudsYamlTest, FindsCertificatesAtHome) {
  environment_["HOME"] = folder_;
  Write("ca.pem", "");
  EXPECT_EQ(Cloud("    cacert: ~/ca.pem")->tls.ca_file, folder_ + "/ca.pem");
  EXPECT_THAT(Fault(Cloud("    cacert: /not/there.pem")), HasSubstr("cacert"));
  EXPECT_THAT(Fault(Cloud("    key: ~/ca.pem")), HasSubstr("cert"));
}

TEST_F(CloudsYamlTest, WarnsOfSecretsThatOthersGet) {
  Write("clouds.yaml", "");
  chmod((folder_ + "/clouds.yaml").c_str(), 0600);
  EXPECT_THAT(Cloud("")->warnings, IsEmpty());
  EXPECT_THAT(Cloud("    verify: false")->warnings, ElementsAre(HasSubstr("not checked")));
  EXPECT_THAT(Cloud("    placement_endpoint_override: http://elsewhere")->warnings,
              ElementsAre(HasSubstr("http:// to another machine")));
  chmod((folder_ + "/clouds.yaml").c_str(), 0644);
  EXPECT_THAT(Read("c")->warnings, ElementsAre(HasSubstr("http://"), HasSubstr("can read it")));
}

TEST_F(CloudsYamlTest, TellsAFileThatIsThereFromOneThatIsNot) {
  EXPECT_THAT(Fault(Read("c")), HasSubstr("there is no clouds.yaml"));
  environment_["OS_CLIENT_CONFIG_FILE"] = folder_ + "/absent.yaml";
  EXPECT_THAT(Fault(Read("c")), HasSubstr("OS_CLIENT_CONFIG_FILE"));
}

TEST_F(CloudsYamlTest, ExplainsTheLoginWithoutItsSecrets) {
  const std::string told = ExplainLogin(*Cloud("    region_name: RegionTwo"));
  EXPECT_THAT(told, AllOf(HasSubstr("region: RegionTwo\n"), HasSubstr("password: (set)\n"),
                          HasSubstr("interface: public\n"), Not(HasSubstr("pass-and-secret"))));
}

}  // namespace
}  // namespace ccplace::sync
