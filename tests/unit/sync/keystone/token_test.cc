#include "client/sync/keystone/token.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/unit/sync/http/http_fake.h"

namespace ccplace::sync {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ClockFake : public Clock {
 public:
  std::chrono::steady_clock::time_point Monotonic() const override { return now; }
  std::chrono::system_clock::time_point Wall() const override { return {}; }
  std::chrono::steady_clock::time_point now;
};

CloudConfig PasswordCloud() {
  CloudConfig cloud;
  cloud.auth_url = "http://keystone/v3/";
  cloud.username = "ccplace";
  cloud.user_domain_name = "Default";
  cloud.password = "pass-and-secret";
  cloud.project_name = "service";
  cloud.project_domain_name = "Default";
  cloud.region = "One";
  return cloud;
}

// A login that lives 60 seconds; Placement stands in two regions.
constexpr char kLogin[] = R"({"token": {
  "issued_at": "2026-11-23T01:00:00.000000Z", "expires_at": "2026-11-23T01:01:00.000000Z",
  "catalog": [{"type": "identity", "endpoints": []}, {"type": "placement", "endpoints": [
    {"interface": "public", "region_id": "One", "url": "http://one/placement/"},
    {"interface": "internal", "region_id": "One", "url": "http://one-inside"},
    {"interface": "public", "region_id": "Two", "url": "http://two"}]}]}})";

class KeystoneTest : public ::testing::Test {
 protected:
  void Login(const std::string& token) { http_.Answer(201, kLogin, {{"x-subject-token", token}}); }
  std::unique_ptr<TokenSource> Source(const CloudConfig& cloud) {
    return MakeTokenSource(cloud, &http_, clock_);
  }
  void Pass(int seconds) { clock_.now += std::chrono::seconds(seconds); }

  HttpFake http_;
  ClockFake clock_;
};

TEST_F(KeystoneTest, LogsInWithAPasswordAndItsScope) {
  Login("first");
  const Access access = *Source(PasswordCloud())->Get();
  EXPECT_EQ(access.token, "first");
  EXPECT_EQ(access.endpoint, "http://one/placement");
  EXPECT_EQ(http_.requests[0].url, "http://keystone/v3/auth/tokens");
  EXPECT_EQ(nlohmann::json::parse(http_.requests[0].body), nlohmann::json::parse(R"({"auth": {
      "identity": {"methods": ["password"], "password": {"user": {"name": "ccplace",
                   "password": "pass-and-secret", "domain": {"name": "Default"}}}},
      "scope": {"project": {"name": "service", "domain": {"name": "Default"}}}}})"));
}

TEST_F(KeystoneTest, LogsInWithAnApplicationCredentialWithoutAScope) {
  CloudConfig cloud;
  cloud.auth_type = AuthType::kApplicationCredential;
  cloud.auth_url = "http://keystone";
  cloud.application_credential_id = "id";
  cloud.application_credential_secret = "s";
  cloud.region = "One";
  Login("first");
  EXPECT_TRUE(Source(cloud)->Get().ok());
  EXPECT_EQ(nlohmann::json::parse(http_.requests[0].body), nlohmann::json::parse(R"({"auth": {
      "identity": {"methods": ["application_credential"],
                   "application_credential": {"id": "id", "secret": "s"}}}})"));
}

TEST_F(KeystoneTest, PicksRegionAndInterface) {
  CloudConfig cloud = PasswordCloud();
  cloud.region = "Two";
  Login("t");
  EXPECT_EQ(Source(cloud)->Get()->endpoint, "http://two");
  cloud.region = "One";
  cloud.interfaces = {"internal"};
  Login("t");
  EXPECT_EQ(Source(cloud)->Get()->endpoint, "http://one-inside");
  cloud.region = "Three";
  Login("t");
  const absl::Status none = Source(cloud)->Get().status();
  EXPECT_EQ(none.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(none.message(), AllOf(HasSubstr("'Three'"), HasSubstr("OS_REGION_NAME")));
}

TEST_F(KeystoneTest, SaysThatKeystoneIsNotWhereItWasSaidToBe) {
  http_.Answer(404, "<html>");
  const absl::Status status = Source(PasswordCloud())->Get().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), AllOf(HasSubstr("http://keystone/v3/"), HasSubstr("OS_AUTH_URL")));
}

TEST_F(KeystoneTest, UsesATokenUntilAFifthOfItsLifeIsLeft) {
  const auto source = Source(PasswordCloud());
  Login("first");
  Login("second");
  EXPECT_EQ(source->Get()->token, "first");
  Pass(47);
  EXPECT_EQ(source->Get()->token, "first");
  Pass(2);
  EXPECT_EQ(source->Get()->token, "second");
  EXPECT_EQ(http_.requests.size(), 2u);
}

TEST_F(KeystoneTest, UsesWhatIsLeftWhileKeystoneIsDown) {
  const auto source = Source(PasswordCloud());
  Login("first");
  EXPECT_TRUE(source->Get().ok());
  Pass(50);
  EXPECT_EQ(source->Get()->token, "first");
  Pass(11);
  EXPECT_EQ(source->Get().status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(KeystoneTest, AsksAnewAfterADrop) {
  const auto source = Source(PasswordCloud());
  Login("first");
  Login("second");
  EXPECT_TRUE(source->Get().ok());
  source->Drop();
  EXPECT_EQ(source->Get()->token, "second");
}

TEST_F(KeystoneTest, SaysThatCredentialsWereRefusedAndNotWhichTheyAre) {
  http_.Answer(401, R"({"error": {"message": "pass-and-secret is wrong"}})");
  const absl::Status status = Source(PasswordCloud())->Get().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(status.message(), AllOf(Not(HasSubstr("pass-and-secret")), HasSubstr("is wrong")));
}

TEST_F(KeystoneTest, SaysNoPasswordThatTheAnswerEscapes) {
  CloudConfig cloud = PasswordCloud();
  cloud.password = "p\"ss-w\xC3\xB6rd";
  for (const char* body : {R"({"error": {"message": "p\"ss-w\u00f6rd is wrong"}})",
                           R"({"error": {"message": "\u0070\"ss-w\u00F6rd is wrong"}})",
                           R"({"detail": "p\"ss-w\u00f6rd is wrong"})",
                           "{\"detail\": \"p\\\"ss-w\xC3\xB6rd is wrong\"}"}) {
    http_.Answer(401, body);
    const std::string message(Source(cloud)->Get().status().message());
    EXPECT_THAT(message, AllOf(Not(HasSubstr("ss-w")), HasSubstr("is wrong")));
  }
}

TEST_F(KeystoneTest, RefusesSeveralRegionsOfWhichNoneIsNamedAndListsThem) {
  CloudConfig cloud = PasswordCloud();
  cloud.region.clear();
  Login("t");
  const absl::Status status = Source(cloud)->Get().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), AllOf(HasSubstr("'One'"), HasSubstr("'Two'")));
}

TEST_F(KeystoneTest, PrefersTheFirstInterfaceThatHasOne) {
  CloudConfig cloud = PasswordCloud();
  cloud.interfaces = {"admin", "internal", "public"};
  Login("t");
  EXPECT_EQ(Source(cloud)->Get()->endpoint, "http://one-inside");
}

TEST_F(KeystoneTest, LogsInWithATokenAndItsScope) {
  CloudConfig cloud = PasswordCloud();
  cloud.auth_type = AuthType::kToken;
  cloud.token = "given";
  Login("t");
  EXPECT_TRUE(Source(cloud)->Get().ok());
  EXPECT_EQ(nlohmann::json::parse(http_.requests[0].body), nlohmann::json::parse(R"({"auth": {
      "identity": {"methods": ["token"], "token": {"id": "given"}},
      "scope": {"project": {"name": "service", "domain": {"name": "Default"}}}}})"));
}

TEST_F(KeystoneTest, NamesTheTargetOfARedirectAndDoesNotFollowIt) {
  http_.Answer(301, "", {{"location", "https://user:hidden@elsewhere/v3?token=hidden"}});
  const absl::Status status = Source(PasswordCloud())->Get().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), AllOf(HasSubstr("'https://elsewhere/v3'"), HasSubstr("auth_url"),
                                      Not(HasSubstr("hidden"))));
  EXPECT_EQ(http_.requests.size(), 1u);
}

TEST_F(KeystoneTest, SaysNothingOfARedirectWhoseLoginIsEscapedByMistake) {
  http_.Answer(301, "", {{"location", "https://user:hidden%40elsewhere/v3"}});
  EXPECT_THAT(Source(PasswordCloud())->Get().status().message(),
              AllOf(HasSubstr("(no URL)"), Not(HasSubstr("hidden"))));
}

TEST_F(KeystoneTest, RefusesACatalogThatLeadsFromTlsToPlainText) {
  CloudConfig cloud = PasswordCloud();
  cloud.auth_url = "https://keystone/v3";
  Login("t");
  const absl::Status status = Source(cloud)->Get().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("placement_endpoint_override"));
  cloud.placement_endpoint = "http://one/placement";
  Login("t");
  EXPECT_TRUE(Source(cloud)->Get().ok());
}

TEST_F(KeystoneTest, SaysThatAProxyAnswered) {
  http_.Answer(502, "<html><title>Bad gateway</title></html>");
  const absl::Status status = Source(PasswordCloud())->Get().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), AllOf(HasSubstr("502"), HasSubstr("a proxy")));
}

TEST_F(KeystoneTest, RefusesAnAnswerThatIsNoToken) {
  for (const char* body : {"", "<html>", "[]", "{}", R"({"token": 1})",
                           R"({"token": {"issued_at": "now", "expires_at": 3}})"}) {
    http_.Answer(201, body, {{"x-subject-token", "t"}});
    EXPECT_EQ(Source(PasswordCloud())->Get().status().code(), absl::StatusCode::kInvalidArgument)
        << body;
  }
}

TEST_F(KeystoneTest, RefusesATokenThatNeverLived) {
  http_.Answer(201, R"({"token": {"issued_at": "2026-11-23T01:01:00Z",
                                  "expires_at": "2026-11-23T01:00:00Z", "catalog": []}})",
               {{"x-subject-token", "t"}});
  EXPECT_EQ(Source(PasswordCloud())->Get().status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(KeystoneTest, UsesATokenThatOutlivesTheClock) {
  for (const char* end : {"9999-12-31T23:59:59Z", "infinite-future"}) {
    CloudConfig cloud = PasswordCloud();
    cloud.placement_endpoint = "http://explicit";
    const auto source = Source(cloud);
    http_.Answer(201,
                 std::string(R"({"token": {"issued_at": "2026-11-23T01:01:00Z",)") +
                     R"("expires_at": ")" + end + "\"}}",
                 {{"x-subject-token", "t"}});
    EXPECT_TRUE(source->Get().ok()) << end;
    Pass(3600);
    EXPECT_TRUE(source->Get().ok()) << end;
  }
}

TEST_F(KeystoneTest, TakesOnlyAnAddressOfTheWebFromTheCatalog) {
  http_.Answer(201, R"({"token": {"issued_at": "2026-11-23T01:00:00Z",
      "expires_at": "2026-11-23T01:01:00Z", "catalog": [{"type": "placement", "endpoints": [
        {"interface": "public"}, {"interface": "public", "url": "file:///etc/shadow"},
        {"interface": "public", "url": "https://there/"}]}]}})",
               {{"x-subject-token", "t"}});
  CloudConfig cloud = PasswordCloud();
  cloud.region.clear();
  EXPECT_EQ(Source(cloud)->Get()->endpoint, "https://there");
}

TEST_F(KeystoneTest, TakesAnExplicitEndpointBeforeTheCatalogs) {
  CloudConfig cloud = PasswordCloud();
  cloud.placement_endpoint = "http://explicit/";
  Login("t");
  EXPECT_EQ(Source(cloud)->Get()->endpoint, "http://explicit");
}

TEST(NoAuthTest, NeedsNoKeystone) {
  CloudConfig cloud;
  cloud.auth_type = AuthType::kNone;
  cloud.placement_endpoint = "http://127.0.0.1:8778/";
  HttpFake http;
  const auto source = MakeTokenSource(cloud, &http, Clock::System());
  EXPECT_EQ(source->Get()->token, "admin");
  EXPECT_EQ(source->Get()->endpoint, "http://127.0.0.1:8778");
  EXPECT_TRUE(http.requests.empty());
}

}  // namespace
}  // namespace ccplace::sync
