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

// One line of /etc/group.
struct HostGroup {
  std::string name;
  std::set<std::string> members;  // Users that it lists; not those whose primary group it is.
};

// A plain value. Accounts that come from elsewhere (LDAP) are not in it.
struct HostAccounts {
  std::map<uint32_t, std::string> users;  // By uid: the first name that has it.
  std::map<uint32_t, HostGroup> groups;   // By gid: the first of that number.
};

// Reads /etc/passwd and /etc/group, 1 MiB of each at most (passwd(5), group(5)). A line that makes
// no sense is passed over. Fails with the codes of HostFiles. Thread-safe.
absl::StatusOr<HostAccounts> ReadAccounts(const HostFiles& files);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_ACCOUNTS_H_
