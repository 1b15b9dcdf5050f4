// The connections in use, which are made again when they are lost.
#ifndef CCPLACE_LIB_HYPERVISOR_LIBVIRT_CONNECTOR_H_
#define CCPLACE_LIB_HYPERVISOR_LIBVIRT_CONNECTOR_H_

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/hypervisor/event_listener.h"
#include "lib/hypervisor/libvirt_connection.h"
#include "lib/hypervisor/libvirt_hypervisor.h"

namespace ccplace {

// Thread-safe. libvirt's connect has no timeout (a stopped libvirtd takes the connection and never
// answers): one caller at a time connects, and the others give up after connect_wait.
//
// One connection for the readings, which also receives events, and one for each call that is under
// way beside them. libvirt's client lets threads share a connection, but the thread that waits for
// its answer can miss that another one wants to send (virNetClientIO quits an event loop that has
// not begun to run, libvirt 9.0): that other call then waits until something else arrives, a
// keepalive at the latest. Behind a start that takes long, every call would.
class LibvirtConnector {
 public:
  explicit LibvirtConnector(LibvirtOptions options);
  // Closes in the background and waits a second at most for it: closing asks the peer.
  ~LibvirtConnector();
  LibvirtConnector(const LibvirtConnector&) = delete;
  LibvirtConnector& operator=(const LibvirtConnector&) = delete;

  using Connection = std::shared_ptr<LibvirtConnection>;

  // The connection that receives events, for one thread at a time: alive as far as is known, made
  // when there is none. UNAVAILABLE. Lost connections of Own that nobody has are closed first.
  absl::StatusOr<Connection> Readings();

  // A connection of the caller's own, until the last owner lets go of it. UNAVAILABLE. Must not
  // outlive the connector.
  absl::StatusOr<Connection> Own();

  // The domain was changed through a connection of Own: what Readings keeps of it is old. The age
  // is for Keep, which takes what was read of the domain since.
  uint64_t Forget(const std::string& uuid);
  void Keep(const std::string& uuid, uint64_t age, const std::string& xml);

  EventListener& listener() { return *listener_; }

 private:
  absl::StatusOr<Connection> Connect(std::unique_lock<std::mutex>& lock,
                                     std::shared_ptr<EventListener> listener);
  absl::Status AwaitTurn(std::unique_lock<std::mutex>& lock);
  std::vector<Connection> TakeLost();
  Connection Lend(Connection connection);

  const LibvirtOptions options_;
  const std::shared_ptr<EventListener> listener_ = std::make_shared<EventListener>();
  std::mutex mutex_;
  std::condition_variable settled_;
  // Guarded by mutex_, as is what follows.
  Connection readings_;
  std::vector<Connection> spare_;  // Nobody's own now.
  bool connecting_ = false;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_LIBVIRT_CONNECTOR_H_
