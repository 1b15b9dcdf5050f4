#include "lib/host/socket_access.h"

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/host/apparmor_rules.h"
#include "lib/host/host_files.h"

namespace ccplace {
namespace {

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
  access.steps = ReadAccessSteps(files, path);
  access.accounts = ReadAccounts(files);
  access.apparmor_rule = access.steps.ok() ? FindGuestSocketRule(files, access.steps->back().path)
                                           : access.steps.status();
  access.selinux_enforces = ReadSelinuxEnforces(files);
  return access;
}

}  // namespace ccplace
