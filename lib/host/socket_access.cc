#include "lib/host/socket_access.h"

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/host/apparmor_rules.h"
#include "lib/host/host_files.h"

namespace ccplace {
namespace {

absl::StatusOr<std::vector<AccessStep>> ReadSteps(const HostFiles& files, const std::string& path) {
  const absl::StatusOr<std::string> resolved = files.Resolve(path);
  if (!resolved.ok()) return resolved.status();
  std::vector<AccessStep> steps;
  for (size_t end = 0; end != std::string::npos;) {
    end = resolved->find('/', end + 1);
    const std::string step = steps.empty() ? "/" : resolved->substr(0, end);
    if (steps.empty()) end = 0;
    const absl::StatusOr<FileAccess> access = files.Access(step);
    if (!access.ok()) return access.status();
    steps.push_back({step, *access});
  }
  return steps;
}

// 1 while denials are enforced, 0 while they are only logged (selinux(8)).
absl::StatusOr<bool> ReadSelinuxEnforces(const HostFiles& files) {
  const absl::StatusOr<std::string> word = ReadWord(files, "/sys/fs/selinux/enforce");
  if (!word.ok()) return word.status();
  if (*word == "0" || *word == "1") return *word == "1";
  return absl::InvalidArgumentError(absl::StrCat("'/sys/fs/selinux/enforce' holds ", Quoted(*word),
                                                 ", which is neither 0 nor 1"));
}

}  // namespace

SocketAccess ReadSocketAccess(const HostFiles& files, const std::string& path) {
  SocketAccess access;
  access.steps = ReadSteps(files, path);
  access.accounts = ReadAccounts(files);
  access.apparmor_rule = access.steps.ok() ? FindGuestSocketRule(files, access.steps->back().path)
                                           : access.steps.status();
  access.selinux_enforces = ReadSelinuxEnforces(files);
  return access;
}

}  // namespace ccplace
