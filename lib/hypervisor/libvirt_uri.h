// Where libvirt is asked when nobody named a URI.
#ifndef CCPLACE_LIB_HYPERVISOR_LIBVIRT_URI_H_
#define CCPLACE_LIB_HYPERVISOR_LIBVIRT_URI_H_

#include <string>

#include "absl/status/statusor.h"
#include "lib/hypervisor/libvirt_hypervisor.h"

namespace ccplace {

// `options.uri`; where that is empty, QEMU's driver on the host whose files are below
// `options.host_root`. For the host itself ("/") that is "qemu:///system": libvirt's client looks
// for the sockets of the modular daemon (virtqemud-sock) and of libvirtd (libvirt-sock) by itself,
// in this order (libvirt, src/remote/remote_sockets.c). Below another folder the same two are
// looked for here, and "qemu:///system" stands in where only this process's own /run/libvirt has
// one. UNAVAILABLE, naming both, when neither is anywhere.
//
// The file system is asked each time: a host can change from one daemon to the other. Thread-safe.
absl::StatusOr<std::string> LibvirtUri(const LibvirtOptions& options);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_LIBVIRT_URI_H_
