#include "lib/hypervisor/libvirt_connection.h"

#include <array>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/hypervisor/libvirt_error.h"
#include "lib/hypervisor/libvirt_functions.h"
#include "lib/hypervisor/libvirt_uri.h"

namespace ccplace {
namespace {

absl::Status Unavailable(const absl::Status& status) {
  absl::Status unavailable = absl::UnavailableError(status.message());
  const std::string reason = ReasonOf(status);
  return reason.empty() ? unavailable : WithReason(std::move(unavailable), reason);
}

absl::Status WithRemedy(const absl::Status& status) {
  const absl::string_view remedy = AccessRemedy(status);
  if (remedy.empty()) return status;
  return WithReason(absl::Status(status.code(), absl::StrCat(status.message(), "; ", remedy)),
                    ReasonOf(status));
}

uint64_t NextNumber() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

}  // namespace

// Called by libvirt on its event loop's thread.
struct LibvirtConnection::Callbacks {
  using Shared = std::shared_ptr<Events>;

  static void Free(void* opaque) { delete static_cast<Shared*>(opaque); }

  static void OnClose(virConnectPtr /*connection*/, int /*reason*/, void* opaque) {
    Events& events = *static_cast<Events*>(opaque);
    events.lost.store(true, std::memory_order_release);
    if (events.listener != nullptr) events.listener->Call(HypervisorEvent::kConnectionLost);
  }

  static int OnLifecycle(virConnectPtr /*connection*/, virDomainPtr domain, int event,
                         int /*detail*/, void* opaque) {
    const bool xml = event != VIR_DOMAIN_EVENT_SUSPENDED && event != VIR_DOMAIN_EVENT_RESUMED;
    OnDomain(domain, xml, opaque);
    return 0;
  }

  static void OnMetadata(virConnectPtr /*connection*/, virDomainPtr domain, int /*type*/,
                         const char* /*uri*/, void* opaque) {
    OnDomain(domain, /*xml=*/true, opaque);
  }

  // `xml`: that of the domain may be another now.
  static void OnDomain(virDomainPtr domain, bool xml, void* opaque) {
    Events& events = **static_cast<Shared*>(opaque);
    std::array<char, VIR_UUID_STRING_BUFLEN> uuid{};
    if (xml && virDomainGetUUIDString(domain, uuid.data()) == 0) {
      events.xml.Forget(uuid.data());
    }
    events.listener->Call(HypervisorEvent::kDomainChanged);
  }
};

LibvirtConnection::LibvirtConnection(virConnectPtr connection)
    : connection_(connection), number_(NextNumber()) {}

absl::StatusOr<std::shared_ptr<LibvirtConnection>> LibvirtConnection::Open(
    const LibvirtOptions& options, std::shared_ptr<EventListener> listener) {
  const absl::StatusOr<std::string> uri = LibvirtUri(options);
  if (!uri.ok()) return uri.status();
  const std::string attempted = absl::StrCat("connect to ", Printable(*uri));
  const absl::Status loaded = LoadLibvirt();
  if (!loaded.ok()) {
    return absl::UnavailableError(absl::StrCat(attempted, ": ", loaded.message()));
  }
  EnsureLibvirtEventLoop();
  const virConnectPtr connection = virConnectOpen(uri->c_str());
  if (connection == nullptr) {
    return Unavailable(
        StatusFromLibvirt(virGetLastError(), attempted, absl::StatusCode::kUnavailable));
  }
  std::shared_ptr<LibvirtConnection> opened(new LibvirtConnection(connection));
  opened->events_->listener = std::move(listener);
  const absl::Status registered = opened->Register();
  if (!registered.ok()) {
    return absl::UnavailableError(absl::StrCat(attempted, ": ", registered.message()));
  }
  // Drivers inside of this process have no peer to ask, and say so: nothing is lost by that.
  virConnectSetKeepAlive(connection, static_cast<int>(options.keepalive_interval.count()),
                         options.keepalive_count);
  return opened;
}

int LibvirtConnection::RegisterFor(int event, virConnectDomainEventGenericCallback callback) {
  auto* opaque = new Callbacks::Shared(events_);
  const int id = virConnectDomainEventRegisterAny(connection_, nullptr, event, callback, opaque,
                                                  Callbacks::Free);
  if (id < 0) Callbacks::Free(opaque);
  return id;
}

absl::Status LibvirtConnection::Register() {
  // Drivers inside of this process take it, never call it and never free what it came with: so it
  // is lent, until it is taken away again, which waits for a call that is under way.
  hears_of_close_ =
      virConnectRegisterCloseCallback(connection_, Callbacks::OnClose, events_.get(), nullptr) == 0;
  if (events_->listener == nullptr) return absl::OkStatus();
  lifecycle_id_ =
      RegisterFor(VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(Callbacks::OnLifecycle));
  if (lifecycle_id_ >= 0) {
    metadata_id_ = RegisterFor(VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
                               VIR_DOMAIN_EVENT_CALLBACK(Callbacks::OnMetadata));
  }
  if (metadata_id_ >= 0) return absl::OkStatus();
  return Failure("register for domain events", absl::StatusCode::kUnavailable);
}

LibvirtConnection::~LibvirtConnection() {
  if (lifecycle_id_ >= 0) virConnectDomainEventDeregisterAny(connection_, lifecycle_id_);
  if (metadata_id_ >= 0) virConnectDomainEventDeregisterAny(connection_, metadata_id_);
  // libvirt holds a reference of its own for as long as this is registered.
  if (hears_of_close_) virConnectUnregisterCloseCallback(connection_, Callbacks::OnClose);
  virConnectClose(connection_);
}

absl::Status LibvirtConnection::Failure(absl::string_view attempted, absl::StatusCode otherwise) {
  absl::Status status = StatusFromLibvirt(virGetLastError(), attempted, otherwise);
  if (!absl::IsUnavailable(status)) return WithRemedy(status);
  // The daemon too has errors of the transport: XML that is longer than a message holds is one.
  if (Answers()) return absl::Status(otherwise, status.message());
  events_->lost.store(true, std::memory_order_release);
  return status;
}

bool LibvirtConnection::Answers() {
  unsigned long version = 0;
  return !lost() && virConnectGetLibVersion(connection_, &version) == 0;
}

}  // namespace ccplace
