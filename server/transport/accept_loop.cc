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
// Longest time between two heartbeats of the loop while no connection comes.
constexpr std::chrono::milliseconds kBeatInterval{5000};
constexpr std::chrono::milliseconds kLeastLookInterval{100};
// How often it looks at each connection before its patience is over, at least: often enough that a
// peer which takes something in is not found with as many bytes waiting each time.
constexpr int kLooks = 16;

}  // namespace

AcceptLoop::AcceptLoop(std::vector<ListeningSocket> sockets, ConnectionTable& connections,
                       RefusedConnections& refused, std::chrono::milliseconds patience,
                       MemoryMonitor memory)
    : sockets_(std::move(sockets)),
      connections_(connections),
      refused_(refused),
      patience_(patience),
      look_interval_(std::clamp(patience / kLooks, kLeastLookInterval, kBeatInterval)),
      memory_(connections, refused, std::move(memory)),
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
  for (const ListeningSocket& socket : sockets_)
    waits.push_back({socket.listener->fd(), POLLIN, 0});
  waits.push_back({stop_fd_, POLLIN, 0});
  while (!stopping_) {
    heartbeat_.Beat();
    CheckConnections();
    memory_.Poll(std::chrono::steady_clock::now());
    const auto longest = connections_.HasNonExempt()
                             ? std::min(look_interval_, MemoryPressureHandler::kLookInterval)
                             : look_interval_;
    if (poll(waits.data(), waits.size(), static_cast<int>(longest.count())) < 0) {
      const int error = errno;
      if (error != EINTR) BackOff("wait for connections", error);
      continue;
    }
    for (size_t i = 0; i < sockets_.size(); ++i) {
      if (waits[i].revents != 0) Accept(sockets_[i]);
    }
  }
}

void AcceptLoop::CheckConnections() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_look_) return;
  next_look_ = now + look_interval_;
  const size_t cut = connections_.CloseStalled(now, patience_);
  if (cut > 0) spdlog::info("closed {} connections that read nothing (--idle_timeout)", cut);
}

void AcceptLoop::BackOff(const std::string& failed, int error) {
  if (const auto quiet = failures_.Allow(std::chrono::steady_clock::now())) {
    spdlog::error("cannot {}: {} ({} more times since the last such line)", failed,
                  std::strerror(error), *quiet);
  }
  usleep(kFailureRestUs);
}

void AcceptLoop::Accept(const ListeningSocket& socket) {
  const int accepted =
      accept4(socket.listener->fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted < 0) {
    const int error = errno;
    if (error == EAGAIN || error == ECONNABORTED || error == EINTR) return;
    BackOff("accept a connection on the " + socket.name, error);
    return;
  }
  const auto peer = ReadPeerCredentials(accepted);
  const QuotaKey quota_key = {
      socket.name, peer.has_value() ? connections_.CallerOf(*peer) : TcpCaller(accepted)};
  if (memory_.ShouldReject(quota_key, peer, std::chrono::steady_clock::now())) {
    close(accepted);
    return;
  }
  const QuotaResult result = connections_.CheckQuota(quota_key);
  if (result != QuotaResult::kWithinLimits) {
    Refuse(quota_key, result);
    // Last: a peer that sees the end must find it counted.
    close(accepted);
    return;
  }
  const int fd = MoveToUnusedFd(accepted);
  connections_.Register(fd, quota_key, peer);
  socket.take(fd);
}

void AcceptLoop::Refuse(const QuotaKey& quota_key, QuotaResult result) {
  refused_.Count(result);
  const auto quiet =
      refusals_[{quota_key.endpoint, result}].Allow(std::chrono::steady_clock::now());
  if (!quiet.has_value()) return;
  spdlog::warn("{} already; closed a new one (--{}; {} more since the last such line)",
               ToText(quota_key, result, connections_.limits(), "connections"),
               RefusedConnections::FlagOf(result), *quiet);
}

int AcceptLoop::MoveToUnusedFd(int fd) {
  int number = fcntl(fd, F_DUPFD_CLOEXEC, next_number_);
  if (number < 0) number = fcntl(fd, F_DUPFD_CLOEXEC, kFirstNumber);
  if (number < 0) return fd;
  close(fd);
  next_number_ = number + 1 < kEndOfNumbers ? number + 1 : kFirstNumber;
  return number;
}

}  // namespace ccplace
