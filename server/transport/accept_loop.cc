#include "server/transport/accept_loop.h"

#include <fcntl.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "server/transport/tcp_listener.h"

namespace ccplace {
namespace {

// Connections are numbered from here up, past what the daemon opens for itself.
constexpr int kFirstNumber = 256;
// And below this: the kernel's table of descriptors grows to the highest number, and never shrinks.
constexpr int kEndOfNumbers = 65536;
// Rest after a failure that would come again at once, as when descriptors have run out.
constexpr useconds_t kFailureRestUs = 100'000;
// How often the loop shows that it runs while nobody comes, at least.
constexpr std::chrono::milliseconds kBeatInterval{5000};
constexpr std::chrono::milliseconds kLeastLookInterval{100};
// How often it looks at each connection before its patience is over, at least: often enough that a
// peer which takes something in is not found with as many bytes waiting each time.
constexpr int kLooks = 16;

}  // namespace

AcceptLoop::AcceptLoop(std::vector<Door> doors, PeerTable& peers, RefusedConnections& refused,
                       std::chrono::milliseconds patience, MemoryWatch memory)
    : doors_(std::move(doors)),
      peers_(peers),
      refused_(refused),
      patience_(patience),
      look_interval_(std::clamp(patience / kLooks, kLeastLookInterval, kBeatInterval)),
      memory_(peers, refused, std::move(memory)),
      next_number_(kFirstNumber),
      stop_fd_(eventfd(0, EFD_CLOEXEC)),
      thread_([this] { Loop(); }) {}

AcceptLoop::~AcceptLoop() {
  stopping_ = true;
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
  while (!stopping_) {
    heartbeat_.Beat();
    LookAtConnections();
    memory_.Look(std::chrono::steady_clock::now());
    const auto longest = peers_.HasUnspared() ? std::min(look_interval_, MemoryGuard::kLookInterval)
                                              : look_interval_;
    if (poll(waits.data(), waits.size(), static_cast<int>(longest.count())) < 0) {
      const int error = errno;
      if (error != EINTR) RestAfter("wait for connections", error);
      continue;
    }
    for (size_t i = 0; i < doors_.size(); ++i) {
      if (waits[i].revents != 0) Accept(doors_[i]);
    }
  }
}

void AcceptLoop::LookAtConnections() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_look_) return;
  next_look_ = now + look_interval_;
  const size_t cut = peers_.LookAtEach(now, patience_);
  if (cut > 0) spdlog::info("closed {} connections that took nothing in (--idle_timeout)", cut);
}

void AcceptLoop::RestAfter(const std::string& failed, int error) {
  if (const auto quiet = failures_.Pass(std::chrono::steady_clock::now())) {
    spdlog::error("cannot {}: {} ({} more times since the last such line)", failed,
                  std::strerror(error), *quiet);
  }
  usleep(kFailureRestUs);
}

void AcceptLoop::Accept(const Door& door) {
  const int accepted = accept4(door.listener->fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted < 0) {
    const int error = errno;
    if (error == EAGAIN || error == ECONNABORTED || error == EINTR) return;
    RestAfter("accept a connection on the " + door.name, error);
    return;
  }
  const auto peer = ReadPeerCredentials(accepted);
  const PlaceHolder holder = {door.name,
                              peer.has_value() ? peers_.CallerOf(*peer) : TcpCaller(accepted)};
  if (memory_.KeepsOut(holder, peer, std::chrono::steady_clock::now())) {
    close(accepted);
    return;
  }
  const Room room = peers_.RoomFor(holder);
  if (room != Room::kFree) {
    Refuse(holder, room);
    // Last: who sees the end finds it counted.
    close(accepted);
    return;
  }
  const int fd = Renumber(accepted);
  peers_.Note(fd, holder, peer);
  door.take(fd);
}

void AcceptLoop::Refuse(const PlaceHolder& holder, Room room) {
  refused_.Count(room);
  const auto quiet = refusals_[{holder.door, room}].Pass(std::chrono::steady_clock::now());
  if (!quiet.has_value()) return;
  spdlog::warn("{} already; closed a new one (--{}; {} more since the last such line)",
               ToText(holder, room, peers_.limits(), "connections"),
               RefusedConnections::FlagOf(room), *quiet);
}

int AcceptLoop::Renumber(int fd) {
  int number = fcntl(fd, F_DUPFD_CLOEXEC, next_number_);
  if (number < 0) number = fcntl(fd, F_DUPFD_CLOEXEC, kFirstNumber);
  if (number < 0) return fd;
  close(fd);
  next_number_ = number + 1 < kEndOfNumbers ? number + 1 : kFirstNumber;
  return number;
}

}  // namespace ccplace
