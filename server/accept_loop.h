// Takes connections, notes who is behind each, and hands them to gRPC.
#ifndef CCPLACE_SERVER_ACCEPT_LOOP_H_
#define CCPLACE_SERVER_ACCEPT_LOOP_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "server/listener.h"
#include "server/peer_table.h"

namespace ccplace {

// One thread for all sockets. gRPC could accept by itself, but would not tell who is at the other
// end (SO_PEERCRED), would know no limit, and stops listening for good once it runs out of
// descriptors. The object is for one thread; Stop may be called once.
class AcceptLoop {
 public:
  // A socket and who gets its connections. `take` owns the descriptor it is given.
  struct Door {
    std::string name;
    std::unique_ptr<Listener> listener;
    std::function<void(int fd)> take;
  };

  // At most `connection_limit` connections open at one time; more are closed at once. `peers` must
  // outlive the loop.
  AcceptLoop(std::vector<Door> doors, size_t connection_limit, PeerTable& peers);
  // Takes no more connections and closes the sockets.
  ~AcceptLoop();
  AcceptLoop(const AcceptLoop&) = delete;
  AcceptLoop& operator=(const AcceptLoop&) = delete;

 private:
  void Loop();
  void Accept(const Door& door);
  // Puts `fd` on a number that was not used for as long as possible, for the PeerTable's sake: a
  // late call of a closed connection must not be taken for the next one's.
  int Renumber(int fd);

  const std::vector<Door> doors_;
  const size_t connection_limit_;
  PeerTable& peers_;
  int next_number_;
  const int stop_fd_;
  std::thread thread_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_ACCEPT_LOOP_H_
