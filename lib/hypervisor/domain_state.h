// What each of libvirt's domain states means. Thread-safe: constants and pure functions.
#ifndef CCPLACE_LIB_HYPERVISOR_DOMAIN_STATE_H_
#define CCPLACE_LIB_HYPERVISOR_DOMAIN_STATE_H_

#include "absl/strings/string_view.h"
#include "ccplace/v1/domain.pb.h"

namespace ccplace {

// One state of a domain, as libvirt numbers it and as the contract calls it.
struct DomainStateRow {
  int libvirt;            // virDomainState (libvirt-domain.h).
  v1::DomainState state;  // The same for states that the contract does not distinguish.
  bool active;            // It has a QEMU, and an id: it cannot be started, only stopped.
  bool runs;              // The guest's CPUs execute.
  bool holds_key;         // A trust domain in this state holds its KeyID.
  absl::string_view word;
};

// By libvirt's number. A key is KVM's from the creation of the guest to the end of its QEMU:
// every active guest holds it, paused and crashed ones too. A crashed one is active: libvirt ends
// the QEMU of every other (<on_crash>), and states the domain as shut off.
//
// What libvirt calls no state, or a later version adds, is taken for active, so that nothing is
// undefined under a guest; whether it holds a key nobody knows (see inventory.cc).
inline constexpr DomainStateRow kDomainStates[] = {
    {0, v1::DOMAIN_STATE_UNSPECIFIED, true, false, true, "unknown state"},    // NOSTATE
    {1, v1::DOMAIN_STATE_RUNNING, true, true, true, "running"},               // RUNNING
    {2, v1::DOMAIN_STATE_RUNNING, true, true, true, "running"},               // BLOCKED
    {3, v1::DOMAIN_STATE_PAUSED, true, false, true, "paused"},                // PAUSED
    {4, v1::DOMAIN_STATE_SHUTTING_DOWN, true, false, true, "shutting down"},  // SHUTDOWN
    {5, v1::DOMAIN_STATE_SHUT_OFF, false, false, false, "shut off"},          // SHUTOFF
    {6, v1::DOMAIN_STATE_CRASHED, true, false, true, "crashed"},              // CRASHED
    {7, v1::DOMAIN_STATE_PAUSED, true, false, true, "paused"},                // PMSUSPENDED
};

// The row of a number of libvirt's; that of no state for a number that is not in the table.
constexpr const DomainStateRow& RowOfLibvirt(int libvirt) {
  for (const DomainStateRow& row : kDomainStates) {
    if (row.libvirt == libvirt) return row;
  }
  return kDomainStates[0];
}

// The first row of a state; that of no state for a value that the contract does not have.
constexpr const DomainStateRow& RowOf(v1::DomainState state) {
  for (const DomainStateRow& row : kDomainStates) {
    if (row.state == state) return row;
  }
  return kDomainStates[0];
}

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_DOMAIN_STATE_H_
