// libvirt's objects, freed when they go out of scope.
#ifndef CCPLACE_LIB_HYPERVISOR_LIBVIRT_HANDLES_H_
#define CCPLACE_LIB_HYPERVISOR_LIBVIRT_HANDLES_H_

#include <cstdlib>
#include <memory>

#include "lib/hypervisor/libvirt_functions.h"

namespace ccplace {

struct LibvirtFree {
  void operator()(virDomain* domain) const { virDomainFree(domain); }
  void operator()(virDomainStatsRecordPtr* records) const { virDomainStatsRecordListFree(records); }
  void operator()(char* text) const { std::free(text); }  // libvirt's strings are malloc's.
};

using LibvirtDomain = std::unique_ptr<virDomain, LibvirtFree>;
using LibvirtText = std::unique_ptr<char, LibvirtFree>;
// Ends with a null record.
using LibvirtStats = std::unique_ptr<virDomainStatsRecordPtr, LibvirtFree>;

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_LIBVIRT_HANDLES_H_
