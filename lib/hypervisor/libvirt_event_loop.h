// libvirt's event loop, which its events and keepalive need.
#ifndef CCPLACE_LIB_HYPERVISOR_LIBVIRT_EVENT_LOOP_H_
#define CCPLACE_LIB_HYPERVISOR_LIBVIRT_EVENT_LOOP_H_

namespace ccplace {

// Starts it once per process, on a thread that runs to the end of it; and has libvirt keep its
// errors to itself instead of printing them. Must come after LoadLibvirt and
// before a connection is opened. Thread-safe.
void EnsureLibvirtEventLoop();

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_LIBVIRT_EVENT_LOOP_H_
