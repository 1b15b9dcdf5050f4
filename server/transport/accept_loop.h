// Accepts connections, records the peer of each, and hands them to gRPC.
#ifndef CCPLACE_SERVER_TRANSPORT_ACCEPT_LOOP_H_
#define CCPLACE_SERVER_TRANSPORT_ACCEPT_LOOP_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/common/heartbeat.h"
#include "server/common/log_rate_limiter.h"
#include "server/common/refusal_counts.h"
#include "server/transport/connection_table.h"
#include "server/transport/listener.h"
#include "server/transport/memory_pressure/memory_pressure_handler.h"

namespace ccplace {

// One thread for all sockets. gRPC could accept by itself, but it does not give the peer's user
// (SO_PEERCRED), has no limits per caller, and stops listening for good once it runs out of
// descriptors. The object is for one thread; Stop may be called once.
class AcceptLoop {
 public:
  // A socket, and the function that gets its connections. `take` owns the descriptor.
  struct ListeningSocket {
    std::string name;
    std::unique_ptr<Listener> listener;
    std::function<void(int fd)> take;
  };

  // Connections over the limits of `connections` are closed at once, counted in `refused`, and
  // logged, with a limit on log lines. Both must outlive the loop. A connection whose peer reads
  // nothing for `patience` is closed; under memory pressure (`memory`), so are those that flood.
  AcceptLoop(std::vector<ListeningSocket> sockets, ConnectionTable& connections,
             RefusedConnections& refused, std::chrono::milliseconds patience, MemoryMonitor memory);
  // Takes no more connections and closes the sockets.
  ~AcceptLoop();
  AcceptLoop(const AcceptLoop&) = delete;
  AcceptLoop& operator=(const AcceptLoop&) = delete;

  // How long ago the thread last showed that it runs: a few seconds, where it does. Thread-safe.
  std::chrono::nanoseconds TimeSinceHeartbeat() const { return heartbeat_.Age(); }

 private:
  void Loop();
  void Accept(const ListeningSocket& socket);
  // Logs a failure and waits a moment, because it would happen again at once.
  void BackOff(const std::string& failed, int error);
  void Refuse(const QuotaKey& quota_key, QuotaResult result);
  void CheckConnections();
  // Puts `fd` on a number that was not used for as long as possible, for the ConnectionTable's
  // sake: a late call of a closed connection must not be taken for the next one's.
  int MoveToUnusedFd(int fd);

  const std::vector<ListeningSocket> sockets_;
  ConnectionTable& connections_;
  RefusedConnections& refused_;
  const std::chrono::milliseconds patience_;
  const std::chrono::milliseconds look_interval_;
  std::chrono::steady_clock::time_point next_look_;
  std::map<std::pair<std::string, QuotaResult>, LogRateLimiter> refusals_;  // By endpoint.
  MemoryPressureHandler memory_;
  LogRateLimiter failures_;
  int next_number_;
  Heartbeat heartbeat_;
  std::atomic<bool> stopping_{false};
  const int stop_fd_;  // Ends a wait.
  std::thread thread_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_TRANSPORT_ACCEPT_LOOP_H_
