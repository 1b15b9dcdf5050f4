// Users and groups of the host, as its own files list them.
#ifndef CCPLACE_LIB_HOST_ACCOUNTS_H_
#define CCPLACE_LIB_HOST_ACCOUNTS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "lib/host/host_files.h"

namespace ccplace {

// One line of /etc/passwd.
struct HostUser {
  std::string name;
  uint32_t gid = 0;  // The primary group, which need not list the user.
};

// The lines of /etc/group that share a number.
struct HostGroup {
  std::string name;               // The first line's.
  std::set<std::string> members;  // Users that one of them lists.
};

// A plain value. Accounts that come from elsewhere (LDAP) are not in it.
struct HostAccounts {
  std::map<uint32_t, HostUser> users;    // By uid: the first line that has it.
  std::map<uint32_t, HostGroup> groups;  // By gid.
};

// Reads /etc/passwd and /etc/group, 1 MiB of each at most (passwd(5), group(5)). A line that makes
// no sense is passed over. Fails with the codes of HostFiles. Thread-safe.
absl::StatusOr<HostAccounts> ReadAccounts(const HostFiles& files);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_ACCOUNTS_H_
