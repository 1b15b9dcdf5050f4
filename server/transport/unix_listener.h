// A listening unix socket, made so that only its owners can ever open it.
#ifndef CCPLACE_SERVER_TRANSPORT_UNIX_LISTENER_H_
#define CCPLACE_SERVER_TRANSPORT_UNIX_LISTENER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/transport/listener.h"
#include "server/transport/unix_socket_options.h"

namespace ccplace {

// Owns the socket, and its name in the file system unless systemd made it. Not thread-safe.
class UnixListener final : public Listener {
 public:
  // Makes the socket and listens. A missing last folder of the path is made (0755). A socket that a
  // dead daemon left is replaced. The name appears with its owner and mode in force.
  //
  // ALREADY_EXISTS: a program listens there. FAILED_PRECONDITION: something else than a socket is
  // there, or everybody may replace names in the folder. INVALID_ARGUMENT: path, owner or group.
  // UNAVAILABLE: the system's text.
  static absl::StatusOr<std::unique_ptr<UnixListener>> Open(const UnixSocketOptions& options);

  // Takes over a listening socket that systemd made (sd_listen_fds(3)); `endpoint` is for messages.
  // INVALID_ARGUMENT, and `fd` is left alone: it is something else, as a TCP socket, through which
  // every process that reaches the address would have the endpoint's role.
  static absl::StatusOr<std::unique_ptr<UnixListener>> Adopt(absl::string_view endpoint, int fd);

  // Closes, and takes the name away if it is still this socket's.
  ~UnixListener() override;

 private:
  UnixListener(int fd, std::string path);

  const std::string path_;  // Empty: another program owns the name.
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_TRANSPORT_UNIX_LISTENER_H_
