// Whatever a clouds.yaml holds: it is refused with a reason, or is a login; and nothing that is
// said of it has a secret's value in it.
#include <fuzzer/FuzzedDataProvider.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/sync/cloud/cloud_config.h"
#include "tests/fuzz/expect.h"

namespace {

using ccplace::fuzz::Expect;
using ccplace::sync::Environment;

constexpr char kSecret[] = "hush-hush";
const char* const kSecretKeys[] = {"password", "application_credential_secret", "token",
                                   "auth_token"};
const char* const kKeys[] = {"auth",
                             "auth_url",
                             "username",
                             "user_id",
                             "project_name",
                             "project-name",
                             "project_id",
                             "user_domain_name",
                             "project_domain_id",
                             "domain_name",
                             "system_scope",
                             "auth_type",
                             "region_name",
                             "regions",
                             "interface",
                             "profile",
                             "verify",
                             "cacert",
                             "cert",
                             "key",
                             "insecure",
                             "placement_endpoint_override",
                             "placement_region_name",
                             "application_credential_id",
                             "<<",
                             "nonsense"};
const char* const kValues[] = {"https://keystone.example/v3",
                               "http://user@keystone.example",
                               "ccplace",
                               "Default",
                               "v3password",
                               "v3applicationcredential",
                               "v3token",
                               "none",
                               "all",
                               "RegionOne",
                               "[RegionOne, RegionTwo]",
                               "[{name: RegionOne, values: {interface: internal}}]",
                               "[internal, public]",
                               "true",
                               "False",
                               "yes",
                               "0",
                               "1e3",
                               "~",
                               "2026-11-29",
                               "{}",
                               "[]",
                               "&a x",
                               "*a",
                               "!!str x",
                               "'quoted'",
                               "\"\\u00e9\""};

// One "key: value" a line, at a depth that may fit and may not.
std::string Structured(FuzzedDataProvider& data) {
  std::string text = "clouds:\n  mycloud:\n";
  while (data.remaining_bytes() > 0) {
    const std::string indent(data.PickValueInArray({4, 4, 6, 6, 2, 0, 8}), ' ');
    if (data.ConsumeIntegralInRange<int>(0, 4) == 0) {
      absl::StrAppend(&text, indent, data.PickValueInArray(kSecretKeys), ": ", kSecret, "\n");
    } else {
      absl::StrAppend(&text, indent, data.PickValueInArray(kKeys), ": ",
                      data.ConsumeBool() ? data.PickValueInArray(kValues) : "", "\n");
    }
  }
  return text;
}

// A file that has a path and no name.
class File {
 public:
  explicit File(const std::string& text) : fd_(memfd_create("clouds", MFD_CLOEXEC)) {
    Expect(write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  ~File() { close(fd_); }
  std::string path() const { return absl::StrCat("/proc/self/fd/", fd_); }

 private:
  const int fd_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  FuzzedDataProvider data(bytes, size);
  // Raw text may have the secret's value where a name stands, which messages may quote.
  const bool structured = data.ConsumeBool();
  const bool named = data.ConsumeBool();
  const File file(structured ? Structured(data) : data.ConsumeRemainingBytesAsString());
  const Environment environment = {{"OS_CLIENT_CONFIG_FILE", file.path()},
                                   {"HOME", "/nonexistent"}};
  ccplace::sync::CloudOptions options;
  if (named) options.name = "mycloud";
  const auto cloud = ccplace::sync::ReadCloud(environment, options);
  if (!cloud.ok()) {
    ccplace::fuzz::ExpectSaysWhy(cloud.status());
    Expect(!structured || !absl::StrContains(cloud.status().message(), kSecret));
    return 0;
  }
  Expect(cloud->auth_type == ccplace::sync::AuthType::kNone || !cloud->auth_url.empty());
  if (!structured) return 0;
  Expect(!absl::StrContains(ccplace::sync::ExplainLogin(*cloud), kSecret));
  for (const std::string& warning : cloud->warnings) Expect(!absl::StrContains(warning, kSecret));
  return 0;
}
