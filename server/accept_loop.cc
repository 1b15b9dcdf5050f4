#include "server/accept_loop.h"

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

#include "server/tcp_listener.h"

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
// How often it looks at the memory while callers have connections that are not trusted with it:
// requests that are reset at once can take a hundred MiB in this time.
constexpr std::chrono::milliseconds kMemoryLookInterval{100};
// How long such callers stay out then, for gRPC to clear away what they have left.
constexpr std::chrono::seconds kMemoryRest{1};

}  // namespace

AcceptLoop::AcceptLoop(std::vector<Door> doors, PeerTable& peers, RefusedConnections& refused,
                       std::chrono::milliseconds patience, MemoryWatch memory)
    : doors_(std::move(doors)),
      peers_(peers),
      refused_(refused),
      patience_(patience),
      look_interval_(std::clamp(patience / kLooks, kLeastLookInterval, kBeatInterval)),
      memory_(std::move(memory)),
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
    LookAtMemory();
    const auto longest =
        peers_.HasUnspared() ? std::min(look_interval_, kMemoryLookInterval) : look_interval_;
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

void AcceptLoop::LookAtMemory() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_memory_look_) return;
  next_memory_look_ = now + kMemoryLookInterval;
  if (!memory_.IsTooMuch(now)) return;
  const size_t cut = peers_.CutHasty();
  memory_rest_until_ = now + kMemoryRest;
  refused_.CountForMemory(cut);
  const auto quiet = growths_.Pass(now);
  if (!quiet.has_value()) return;
  spdlog::warn(
      "memory has grown to {} MiB, more than requests may take (--grpc_memory_mib); closed {} "
      "connections that send faster than they are read, and for {} s closes new ones of callers "
      "other than root and the daemon's user ({} more times since the last such line)",
      memory_.resident_bytes() >> 20, cut, kMemoryRest.count(), *quiet);
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
  if (!peers_.IsSpared(peer) && std::chrono::steady_clock::now() < memory_rest_until_) {
    refused_.CountForMemory(1);
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
