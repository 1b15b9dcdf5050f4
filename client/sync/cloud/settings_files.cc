#include "client/sync/cloud/settings_files.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

constexpr size_t kFileLimitBytes = 1u << 20;

std::string HomeOf(const Environment& environment) {
  const std::string home = VariableOf(environment, "HOME");
  if (!home.empty()) return home;
  const passwd* user = getpwuid(getuid());  // Before there are threads that ask, too.
  return user == nullptr ? "/" : user->pw_dir;
}

std::vector<std::string> Folders(const Environment& environment) {
  const std::string home = HomeOf(environment);
  const std::string real_home = VariableOf(environment, "SNAP_REAL_HOME");
  std::string user = VariableOf(environment, "XDG_CONFIG_HOME");
  if (user.empty()) user = absl::StrCat(home, "/.config");
  std::string site = VariableOf(environment, "XDG_CONFIG_DIRS");
  if (site.empty()) site = "/etc/xdg";
  std::vector<std::string> folders = {
      ".", absl::StrCat(user, "/openstack"),
      absl::StrCat(real_home.empty() ? home : real_home, "/.config/openstack"),
      absl::StrCat(site, "/openstack"), "/etc/openstack"};
  // systemd's LoadCredential=: files that a service's user may not read where they are.
  const std::string credentials = VariableOf(environment, "CREDENTIALS_DIRECTORY");
  if (!credentials.empty()) folders.insert(folders.begin(), credentials);
  return folders;
}

absl::Status CannotRead(const std::string& path, int error) {
  if (error != EACCES && error != EPERM) {
    return absl::InvalidArgumentError(absl::StrCat(Printable(path), ": ", strerror(error)));
  }
  return absl::PermissionDeniedError(
      absl::StrCat(Printable(path), ": is there, and this user (uid ", geteuid(),
                   ") may not read it: give it to this user, or under systemd hand it over with "
                   "LoadCredential=clouds.yaml:",
                   Printable(path)));
}

absl::StatusOr<std::string> ReadAll(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return CannotRead(path, errno);
  std::string text;
  char buffer[4096];
  ssize_t size = 0;
  while (text.size() <= kFileLimitBytes && (size = read(fd, buffer, sizeof buffer)) > 0) {
    text.append(buffer, static_cast<size_t>(size));
  }
  const int error = errno;
  close(fd);
  if (size < 0) return CannotRead(path, error);
  if (text.size() <= kFileLimitBytes) return text;
  return absl::InvalidArgumentError(
      absl::StrCat(Printable(path), ": is longer than ", kFileLimitBytes, " bytes"));
}

absl::StatusOr<SettingsFile> Load(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadAll(path);
  if (!text.ok()) return text.status();
  absl::StatusOr<Setting> settings = ParseSettings(path, *text);
  if (!settings.ok()) return settings.status();
  if (settings->type != Setting::Type::kMap) {
    return absl::InvalidArgumentError(absl::StrCat(Printable(path), ": is empty, or no map"));
  }
  return SettingsFile{path, *std::move(settings), {}};
}

bool IsThere(const std::string& path) {
  struct stat status = {};
  return stat(path.c_str(), &status) == 0;
}

}  // namespace

absl::StatusOr<SettingsFile> FindSettingsFile(const Environment& environment,
                                              const std::string& name, const char* variable) {
  const std::string stated = variable == nullptr ? "" : VariableOf(environment, variable);
  if (!stated.empty()) {
    if (IsThere(stated)) return Load(stated);
    return absl::NotFoundError(absl::StrCat(variable, " names ", Quoted(stated),
                                            ", which is not there: correct it, or unset it"));
  }
  SettingsFile none;
  none.looked = Folders(environment);
  for (const std::string& folder : none.looked) {
    for (const char* end : {".yaml", ".yml", ".json"}) {
      const std::string path = absl::StrCat(folder == "." ? "" : folder + "/", name, end);
      if (IsThere(path)) return Load(path);
    }
  }
  return none;
}

absl::StatusOr<std::string> ExpandHome(const Environment& environment, const std::string& path) {
  if (path.empty() || path.front() != '~') return path;
  if (path == "~" || absl::StartsWith(path, "~/")) {
    return absl::StrCat(HomeOf(environment), path.substr(1));
  }
  return absl::InvalidArgumentError(
      absl::StrCat(Quoted(path), ": another user's home is not looked up: write the whole path"));
}

}  // namespace ccplace::sync
