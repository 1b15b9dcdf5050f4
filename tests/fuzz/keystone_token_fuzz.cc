// Whatever Keystone answers to a login: it is refused without a word of the password, or it is a
// token that has time left, with an address of Placement.
#include <fuzzer/FuzzedDataProvider.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "client/sync/keystone/token.h"
#include "tests/fuzz/expect.h"

namespace {

using ccplace::fuzz::Expect;
using ccplace::sync::HttpRequest;
using ccplace::sync::HttpResponse;

constexpr char kPassword[] = "pass-and-secret";

class StandingClock : public ccplace::Clock {
 public:
  std::chrono::steady_clock::time_point Monotonic() const override { return now; }
  std::chrono::system_clock::time_point Wall() const override { return {}; }
  std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
};

class Keystone : public ccplace::sync::HttpClient {
 public:
  explicit Keystone(HttpResponse answer) : answer_(std::move(answer)) {}
  absl::StatusOr<HttpResponse> Send(const HttpRequest&) override {
    ++logins;
    return answer_;
  }
  int logins = 0;

 private:
  const HttpResponse answer_;
};

ccplace::sync::CloudConfig PasswordCloud(FuzzedDataProvider& data) {
  ccplace::sync::CloudConfig cloud;
  cloud.auth_url = "http://keystone";
  cloud.username = "ccplace";
  cloud.user_domain_name = cloud.project_domain_name = "Default";
  cloud.password = kPassword;
  cloud.project_name = "service";
  if (data.ConsumeBool()) cloud.region = "RegionOne";
  if (data.ConsumeBool()) cloud.interfaces = {"internal"};
  return cloud;
}

void CheckAccess(const ccplace::sync::Access& access) {
  Expect(!access.token.empty());
  Expect(absl::StartsWith(access.endpoint, "http://") ||
         absl::StartsWith(access.endpoint, "https://"));
  Expect(!absl::EndsWith(access.endpoint, "/"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  FuzzedDataProvider data(bytes, size);  // Takes its choices from the end.
  const ccplace::sync::CloudConfig cloud = PasswordCloud(data);
  const int status = data.ConsumeBool() ? 201 : data.ConsumeIntegralInRange<int>(100, 599);
  Keystone keystone({status, {{"x-subject-token", "t"}}, data.ConsumeRemainingBytesAsString()});
  StandingClock clock;
  const auto tokens = ccplace::sync::MakeTokenSource(cloud, &keystone, clock);
  const auto access = tokens->Get();
  if (!access.ok()) {
    ccplace::fuzz::ExpectSaysWhy(access.status());
    Expect(!absl::StrContains(access.status().message(), kPassword));
    return 0;
  }
  CheckAccess(*access);
  Expect(tokens->Get().ok() && keystone.logins == 1);  // It was not over when it was given out.
  return 0;
}
