#include "client/sync/cloud/environment.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace ccplace::sync {
namespace {

constexpr const char* kSelectors[] = {"OS_CLOUD", "OS_REGION_NAME", "OS_CLIENT_CONFIG_FILE",
                                      "OS_CLIENT_SECURE_FILE", "OS_CLOUD_NAME"};
constexpr const char* kFolders[] = {"HOME", "SNAP_REAL_HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS",
                                    "CREDENTIALS_DIRECTORY"};
// Looked up also where this process has none: tests have an environment of their own.
constexpr const char* kCommon[] = {"OS_AUTH_TYPE", "OS_AUTH_URL", "OS_ENDPOINT", "OS_USERNAME",
                                   "OS_PASSWORD"};

std::set<std::string> NamesToLookUp() {
  std::set<std::string> names(std::begin(kSelectors), std::end(kSelectors));
  names.insert(std::begin(kFolders), std::end(kFolders));
  names.insert(std::begin(kCommon), std::end(kCommon));
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const absl::string_view line = *entry;
    if (absl::StartsWith(line, "OS_")) names.emplace(line.substr(0, line.find('=')));
  }
  return names;
}

}  // namespace

Environment CollectEnvironment(
    const std::function<std::optional<std::string>(const char* name)>& lookup) {
  Environment environment;
  for (const std::string& name : NamesToLookUp()) {
    std::optional<std::string> value = lookup(name.c_str());
    if (value.has_value()) environment[name] = *std::move(value);
  }
  return environment;
}

std::string VariableOf(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

std::vector<std::string> CloudVariables(const Environment& environment) {
  std::vector<std::string> names;
  for (const auto& [name, value] : environment) {
    if (!absl::StartsWith(name, "OS_") || value.empty()) continue;
    if (std::find(std::begin(kSelectors), std::end(kSelectors), name) != std::end(kSelectors)) {
      continue;
    }
    const bool others = absl::StartsWith(name, "OS_TEST") || absl::StartsWith(name, "OS_STD") ||
                        absl::StartsWith(name, "OS_LOG");
    if (!others) names.push_back(name);
  }
  return names;
}

}  // namespace ccplace::sync
