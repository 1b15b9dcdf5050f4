#include "client/sync/keystone/token.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "client/sync/http/json_body.h"
#include "client/sync/http/redact.h"
#include "client/sync/http/url.h"
#include "client/sync/keystone/service_catalog.h"
#include "lib/base/json_read.h"
#include "lib/base/text.h"
#include "nlohmann/json.hpp"

namespace ccplace::sync {
namespace {

using TimePoint = std::chrono::steady_clock::time_point;

constexpr std::chrono::milliseconds kMostMargin = std::chrono::minutes(1);

// Placement's own noauth2 middleware takes this token for an administrator's.
constexpr char kNoAuthToken[] = "admin";

std::string WithoutSlash(absl::string_view url) {
  while (absl::ConsumeSuffix(&url, "/")) {
  }
  return std::string(url);
}

class NoAuthTokens : public TokenSource {
 public:
  explicit NoAuthTokens(const CloudConfig& cloud)
      : access_{kNoAuthToken, WithoutSlash(cloud.placement_endpoint)} {}
  absl::StatusOr<Access> Get() override { return access_; }
  void Drop() override {}

 private:
  const Access access_;
};

// {"id": ...}, or {"name": ...}.
nlohmann::json Named(const std::string& id, const std::string& name) {
  return id.empty() ? nlohmann::json{{"name", name}} : nlohmann::json{{"id", id}};
}

nlohmann::json UserOf(const CloudConfig& cloud) {
  nlohmann::json user = Named(cloud.user_id, cloud.username);
  if (cloud.user_id.empty()) user["domain"] = Named(cloud.user_domain_id, cloud.user_domain_name);
  return user;
}

nlohmann::json ScopeOf(const CloudConfig& cloud) {
  if (cloud.system_scope) return {{"system", {{"all", true}}}};
  nlohmann::json project = Named(cloud.project_id, cloud.project_name);
  if (cloud.project_id.empty()) {
    project["domain"] = Named(cloud.project_domain_id, cloud.project_domain_name);
  }
  return {{"project", project}};
}

nlohmann::json CredentialOf(const CloudConfig& cloud) {
  nlohmann::json credential =
      Named(cloud.application_credential_id, cloud.application_credential_name);
  if (cloud.application_credential_id.empty()) credential["user"] = UserOf(cloud);
  credential["secret"] = cloud.application_credential_secret;
  return credential;
}

// An application credential has its own scope.
nlohmann::json LoginOf(const CloudConfig& cloud) {
  nlohmann::json auth;
  if (cloud.auth_type == AuthType::kToken) {
    auth["identity"] = {{"methods", {"token"}}, {"token", {{"id", cloud.token}}}};
    auth["scope"] = ScopeOf(cloud);
  } else if (cloud.auth_type == AuthType::kApplicationCredential) {
    auth["identity"] = {{"methods", {"application_credential"}},
                        {"application_credential", CredentialOf(cloud)}};
  } else {
    nlohmann::json user = UserOf(cloud);
    user["password"] = cloud.password;
    auth["identity"] = {{"methods", {"password"}}, {"password", {{"user", user}}}};
    auth["scope"] = ScopeOf(cloud);
  }
  return {{"auth", auth}};
}

std::string TokensUrl(const CloudConfig& cloud) {
  const std::string base = WithoutSlash(cloud.auth_url);
  return absl::StrCat(base, absl::EndsWith(base, "/v3") ? "" : "/v3", "/auth/tokens");
}

std::optional<absl::Time> TimeOf(const nlohmann::json& token, const char* name) {
  const auto found = token.find(name);
  if (found == token.end() || !found->is_string()) return std::nullopt;
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, found->get<std::string>(), &time, nullptr)) {
    return std::nullopt;
  }
  return time;
}

// A token that lives longer is renewed anyway; and times this far apart can be added.
constexpr absl::Duration kLongestLife = absl::Hours(24 * 365);

// How long a token lives from when it was issued; nothing when Keystone does not say, or says that
// it never lived.
std::optional<std::chrono::milliseconds> LifeOf(const nlohmann::json& token) {
  const std::optional<absl::Time> issued = TimeOf(token, "issued_at");
  const std::optional<absl::Time> expires = TimeOf(token, "expires_at");
  if (!issued.has_value() || !expires.has_value()) return std::nullopt;
  const absl::Duration life = std::min(*expires - *issued, kLongestLife);
  if (life <= absl::ZeroDuration()) return std::nullopt;
  return absl::ToChronoMilliseconds(life);
}

// What no message may hold, even if a server sent it back.
std::vector<std::string> SecretsOf(const CloudConfig& cloud) {
  return {cloud.password, cloud.application_credential_secret, cloud.token};
}

// Keystone's own words for a refusal, else what its body is.
std::string WordsOf(const HttpResponse& answer, const CloudConfig& cloud) {
  if (answer.status >= 300 && answer.status < 400) return DescribeRedirect(answer);
  const std::vector<std::string> secrets = SecretsOf(cloud);
  // Redacted after the parse: JSON can write one letter in several ways.
  const std::string message =
      Redacted(TextAt(MemberAt(ParseBody(answer), "error"), "message"), secrets);
  if (!message.empty()) return Printable(message, 3 * kQuotedTextLimit);
  return DescribeBody({answer.status, answer.headers, Redacted(answer.body, secrets)});
}

class KeystoneTokens : public TokenSource {
 public:
  KeystoneTokens(const CloudConfig& cloud, HttpClient* http, const Clock& clock)
      : cloud_(cloud), http_(http), clock_(clock) {}

  absl::StatusOr<Access> Get() override {
    const TimePoint now = clock_.Monotonic();
    if (access_.has_value() && now < renew_at_) return *access_;
    absl::Status renewed = LogIn(now);
    const bool still_good = access_.has_value() && now < expires_at_;
    if (!renewed.ok() && !still_good) return renewed;
    return *access_;
  }

  void Drop() override { access_.reset(); }

 private:
  absl::Status Refused(absl::StatusCode code, absl::string_view what) const {
    return absl::Status(
        code, absl::StrCat("Keystone at ", Printable(UrlForLog(cloud_.auth_url), 512), ": ", what));
  }

  absl::Status LogIn(TimePoint now) {
    const absl::StatusOr<HttpResponse> answer = http_->Send({"POST",
                                                             TokensUrl(cloud_),
                                                             {{"Content-Type", "application/json"}},
                                                             LoginOf(cloud_).dump()});
    if (!answer.ok()) return answer.status();
    if (answer->status == 201 || answer->status == 200) return Take(*answer, now);
    return RefusedWith(*answer);
  }

  absl::Status RefusedWith(const HttpResponse& answer) const {
    const std::string words = WordsOf(answer, cloud_);
    const int status = answer.status;
    if (status == 401) {
      return Refused(absl::StatusCode::kUnauthenticated,
                     absl::StrCat("refused the credentials (401): ", words,
                                  "; correct them in clouds.yaml or the OS_* variables, or renew "
                                  "the password or credential where it has expired"));
    }
    if (status == 403) {
      return Refused(absl::StatusCode::kPermissionDenied,
                     absl::StrCat("answered 403: ", words,
                                  "; give the user a role in the project, or unlock it"));
    }
    if (status == 404 || (status >= 300 && status < 400)) {
      return Refused(absl::StatusCode::kFailedPrecondition,
                     absl::StrCat("answered ", status, ": ", words,
                                  "; Keystone is elsewhere: correct auth_url (OS_AUTH_URL)"));
    }
    return Refused(absl::StatusCode::kUnavailable, absl::StrCat("answered ", status, ": ", words));
  }

  absl::Status Take(const HttpResponse& answer, TimePoint now) {
    const nlohmann::json body = ParseBody(answer);
    const nlohmann::json& about = MemberAt(body, "token");
    const auto token = answer.headers.find("x-subject-token");
    const bool usable = about.is_object() && token != answer.headers.end();
    const auto life = usable ? LifeOf(about) : std::nullopt;
    if (!life.has_value()) {
      return Refused(absl::StatusCode::kInvalidArgument, "its answer is not a token");
    }
    absl::StatusOr<std::string> endpoint = EndpointFrom(about);
    if (!endpoint.ok()) return endpoint.status();
    access_ = Access{token->second, *std::move(endpoint), cloud_.system_scope};
    expires_at_ = now + *life;
    renew_at_ = expires_at_ - std::min(*life / 5, kMostMargin);
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> EndpointFrom(const nlohmann::json& token) const {
    if (!cloud_.placement_endpoint.empty()) return WithoutSlash(cloud_.placement_endpoint);
    absl::StatusOr<std::string> url = PlacementInCatalog(token, cloud_.region, cloud_.interfaces);
    if (!url.ok()) return url.status();
    absl::Status safe = CheckCatalogUrl(*url);
    if (!safe.ok()) return safe;
    return WithoutSlash(*url);
  }

  // Keystone's catalog must not lead the token from TLS to plain text.
  absl::Status CheckCatalogUrl(const std::string& text) const {
    const std::optional<Url> url = ParseUrl(text);
    const std::optional<Url> keystone = ParseUrl(cloud_.auth_url);
    if (!url.has_value() || url->has_user) {
      return Refused(absl::StatusCode::kFailedPrecondition,
                     absl::StrCat("its catalog's endpoint of placement, ", Quoted(UrlForLog(text)),
                                  ", is no URL without a user in it: correct the catalog"));
    }
    const bool keystone_by_tls = keystone.has_value() && keystone->scheme == "https";
    if (!keystone_by_tls || url->scheme == "https" || url->is_local) return absl::OkStatus();
    return Refused(
        absl::StatusCode::kFailedPrecondition,
        absl::StrCat("its catalog leads to Placement without TLS, ", Quoted(UrlForLog(text)),
                     ", and Keystone is asked with TLS: correct "
                     "the catalog, or set placement_endpoint_override where this is "
                     "meant"));
  }

  const CloudConfig cloud_;
  HttpClient* const http_;
  const Clock& clock_;
  std::optional<Access> access_;
  TimePoint renew_at_;
  TimePoint expires_at_;
};

}  // namespace

std::unique_ptr<TokenSource> MakeTokenSource(const CloudConfig& cloud, HttpClient* http,
                                             const Clock& clock) {
  if (cloud.auth_type == AuthType::kNone) return std::make_unique<NoAuthTokens>(cloud);
  return std::make_unique<KeystoneTokens>(cloud, http, clock);
}

}  // namespace ccplace::sync
