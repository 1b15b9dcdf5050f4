// Who may reach a socket, by owners and modes of the socket and of every folder on the way.
#ifndef CCPLACE_LIB_HOST_SOCKET_ACCESS_H_
#define CCPLACE_LIB_HOST_SOCKET_ACCESS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/host/access_steps.h"
#include "lib/host/accounts.h"
#include "lib/host/host_files.h"

namespace ccplace {

// One reading; a plain value.
struct SocketAccess {
  // From "/" to the socket. Fails with the codes of HostFiles.
  absl::StatusOr<std::vector<AccessStep>> steps = absl::UnknownError("not read yet");
  absl::StatusOr<HostAccounts> accounts = absl::UnknownError("not read yet");
  // As FindGuestSocketRule has it, of the socket without links.
  absl::StatusOr<std::string> apparmor_rule = absl::UnknownError("not read yet");
  // Whether SELinux enforces its policy. NOT_FOUND: the host has none, or it is not in sight.
  absl::StatusOr<bool> selinux_enforces = absl::UnknownError("not read yet");
};

SocketAccess ReadSocketAccess(const HostFiles& files, const std::string& path);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_SOCKET_ACCESS_H_
