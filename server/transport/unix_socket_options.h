// The options of a unix socket.
#ifndef CCPLACE_SERVER_TRANSPORT_UNIX_SOCKET_OPTIONS_H_
#define CCPLACE_SERVER_TRANSPORT_UNIX_SOCKET_OPTIONS_H_

#include <sys/types.h>

#include <string>

namespace ccplace {

struct UnixSocketOptions {
  std::string path;   // Absolute, 107 bytes at most. Empty: no such socket.
  std::string owner;  // User name or number. Empty: the daemon's own.
  std::string group;  // Group name or number. Empty: the daemon's own.
  mode_t mode = 0660;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_TRANSPORT_UNIX_SOCKET_OPTIONS_H_
