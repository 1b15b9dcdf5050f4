// The connection that is in force, made anew when it is lost.
#ifndef CCPLACE_LIB_HYPERVISOR_LIBVIRT_CONNECTOR_H_
#define CCPLACE_LIB_HYPERVISOR_LIBVIRT_CONNECTOR_H_

#include <condition_variable>
#include <memory>
#include <mutex>

#include "absl/status/statusor.h"
#include "lib/hypervisor/event_listener.h"
#include "lib/hypervisor/libvirt_connection.h"
#include "lib/hypervisor/libvirt_hypervisor.h"

namespace ccplace {

// Thread-safe. libvirt's connect has no timeout (a stopped libvirtd takes the connection and never
// answers): one caller at a time connects, and the others give up after connect_wait.
class LibvirtConnector {
 public:
  explicit LibvirtConnector(LibvirtOptions options);
  // Closes in the background and waits a second at most for it: closing asks the peer.
  ~LibvirtConnector();
  LibvirtConnector(const LibvirtConnector&) = delete;
  LibvirtConnector& operator=(const LibvirtConnector&) = delete;

  // A connection that was not lost when last heard of; connects when there is none. UNAVAILABLE.
  absl::StatusOr<std::shared_ptr<LibvirtConnection>> Get();

  EventListener& listener() { return *listener_; }

 private:
  const LibvirtOptions options_;
  const std::shared_ptr<EventListener> listener_ = std::make_shared<EventListener>();
  std::mutex mutex_;
  std::condition_variable settled_;
  std::shared_ptr<LibvirtConnection> connection_;  // Guarded by mutex_, as is the next.
  bool connecting_ = false;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_LIBVIRT_CONNECTOR_H_
