#include "client/sync/cloud/cloud_warnings.h"

#include <sys/stat.h>

#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/sync/http/url.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

constexpr char kUnchecked[] =
    "OS_INSECURE (clouds.yaml: insecure, or verify: false): the certificates of Keystone and "
    "Placement are not checked, and a machine in between gets the login; take it away, and name "
    "their authority's file in OS_CACERT (clouds.yaml: cacert)";

bool IsPlainToAnotherMachine(const std::string& text) {
  const std::optional<Url> url = ParseUrl(text);
  return url.has_value() && url->scheme == "http" && !url->is_local;
}

bool IsReadableByOthers(const std::string& path) {
  struct stat status = {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         (status.st_mode & S_IROTH) != 0;
}

// The files that the login's secrets are from, and the client key.
std::set<std::string> SecretFiles(const CloudLayers& layers, const CloudConfig& cloud) {
  std::set<std::string> files;
  for (const auto* settings : {&layers.auth, &layers.settings}) {
    for (const char* name : {"password", "application_credential_secret", "token", "auth_token"}) {
      const auto found = settings->find(name);
      if (found != settings->end() && !layers.from_environment) files.insert(found->second.file);
    }
  }
  if (!cloud.tls.key_file.empty()) files.insert(cloud.tls.key_file);
  return files;
}

}  // namespace

std::vector<std::string> WarningsOf(const CloudLayers& layers, const CloudConfig& cloud) {
  std::vector<std::string> warnings;
  if (cloud.tls.insecure) warnings.push_back(kUnchecked);
  for (const std::string& url : {cloud.auth_url, cloud.placement_endpoint}) {
    if (!IsPlainToAnotherMachine(url)) continue;
    warnings.push_back(absl::StrCat(Printable(UrlForLog(url)),
                                    ": http:// to another machine: the login or its token can be "
                                    "read on the way; use https://"));
  }
  for (const std::string& file : SecretFiles(layers, cloud)) {
    if (!IsReadableByOthers(file)) continue;
    warnings.push_back(absl::StrCat(Printable(file),
                                    ": holds a secret and every user of this host can read it: "
                                    "chmod o-r it"));
  }
  if (!layers.ignored.empty()) {
    warnings.push_back(absl::StrCat("cloud ", Quoted(layers.name), " is from ",
                                    Printable(absl::StrJoin(layers.files, ", "), 512),
                                    ", and these variables are not used beside it: ",
                                    Printable(absl::StrJoin(layers.ignored, ", "), 1024),
                                    "; unset them, or OS_CLOUD"));
  }
  return warnings;
}

}  // namespace ccplace::sync
