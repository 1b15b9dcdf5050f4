#include "server/accept_loop.h"

#include <fcntl.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace ccplace {
namespace {

// Connections are numbered from here up, past what the daemon opens for itself.
constexpr int kFirstNumber = 256;
// Rest after a failure that would come again at once, as when descriptors have run out.
constexpr useconds_t kFailureRestUs = 100'000;

}  // namespace

AcceptLoop::AcceptLoop(std::vector<Door> doors, size_t connection_limit, PeerTable& peers)
    : doors_(std::move(doors)),
      connection_limit_(connection_limit),
      peers_(peers),
      next_number_(kFirstNumber),
      stop_fd_(eventfd(0, EFD_CLOEXEC)),
      thread_([this] { Loop(); }) {}

AcceptLoop::~AcceptLoop() {
  const uint64_t one = 1;
  // A counter that is 0 always takes a 1.
  [[maybe_unused]] const ssize_t written = write(stop_fd_, &one, sizeof(one));
  thread_.join();
  close(stop_fd_);
}

void AcceptLoop::Loop() {
  std::vector<pollfd> waits;
  for (const Door& door : doors_) waits.push_back({door.listener->fd(), POLLIN, 0});
  waits.push_back({stop_fd_, POLLIN, 0});
  while (poll(waits.data(), waits.size(), -1) >= 0 || errno == EINTR) {
    if (waits.back().revents != 0) return;
    for (size_t i = 0; i < doors_.size(); ++i) {
      if (waits[i].revents != 0) Accept(doors_[i]);
    }
  }
}

void AcceptLoop::Accept(const Door& door) {
  const int accepted = accept4(door.listener->fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted < 0) {
    if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR) return;
    spdlog::error("{}: cannot accept a connection: {}", door.name, std::strerror(errno));
    usleep(kFailureRestUs);
    return;
  }
  if (!peers_.HasRoom(connection_limit_)) {
    spdlog::warn("{}: {} connections are open already; closed a new one (--max_connections)",
                 door.name, connection_limit_);
    close(accepted);
    return;
  }
  const int fd = Renumber(accepted);
  peers_.Note(fd, ReadPeerCredentials(fd));
  door.take(fd);
}

int AcceptLoop::Renumber(int fd) {
  int number = fcntl(fd, F_DUPFD_CLOEXEC, next_number_);
  if (number < 0) number = fcntl(fd, F_DUPFD_CLOEXEC, kFirstNumber);
  if (number < 0) return fd;
  close(fd);
  next_number_ = number + 1;
  return number;
}

}  // namespace ccplace
