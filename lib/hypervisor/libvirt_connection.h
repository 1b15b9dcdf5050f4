// One connection to libvirt, from its opening to its loss.
#ifndef CCPLACE_LIB_HYPERVISOR_LIBVIRT_CONNECTION_H_
#define CCPLACE_LIB_HYPERVISOR_LIBVIRT_CONNECTION_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/hypervisor/domain_xml_cache.h"
#include "lib/hypervisor/event_listener.h"
#include "lib/hypervisor/libvirt_functions.h"
#include "lib/hypervisor/libvirt_hypervisor.h"

namespace ccplace {

// Open and registered for events. Thread-safe. The destructor closes it, which blocks as any call
// to libvirt does.
class LibvirtConnection {
 public:
  // UNAVAILABLE when there is no connection to be had. `listener` gets events of domains and the
  // loss; null: no events, and xml() is not updated by them.
  static absl::StatusOr<std::shared_ptr<LibvirtConnection>> Open(
      const LibvirtOptions& options, std::shared_ptr<EventListener> listener);
  ~LibvirtConnection();
  LibvirtConnection(const LibvirtConnection&) = delete;
  LibvirtConnection& operator=(const LibvirtConnection&) = delete;

  virConnectPtr get() const { return connection_; }
  // No other connection of this process has it.
  uint64_t number() const { return number_; }
  DomainXmlCache& xml() { return events_->xml; }

  // True once libvirt said so, or a call failed for it.
  bool lost() const { return events_->lost.load(std::memory_order_acquire); }

  // The calling thread's latest libvirt error, as StatusFromLibvirt; notes a loss. UNAVAILABLE only
  // when the connection does not work any more, for which it is asked.
  [[nodiscard]] absl::Status Failure(absl::string_view attempted, absl::StatusCode otherwise);

 private:
  // What callbacks on libvirt's thread need; they own it together with the connection.
  struct Events {
    std::atomic<bool> lost{false};
    DomainXmlCache xml;
    std::shared_ptr<EventListener> listener;
  };
  struct Callbacks;

  explicit LibvirtConnection(virConnectPtr connection);
  absl::Status Register();
  bool Answers();
  int RegisterFor(int event, virConnectDomainEventGenericCallback callback);

  const virConnectPtr connection_;
  const uint64_t number_;
  const std::shared_ptr<Events> events_ = std::make_shared<Events>();
  bool hears_of_close_ = false;
  int lifecycle_id_ = -1;
  int metadata_id_ = -1;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_LIBVIRT_CONNECTION_H_
