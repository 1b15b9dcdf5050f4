// libvirt's client library, loaded when it is first needed: its functions, its objects freed when
// they go out of scope, and the event loop that its events and keepalive need.
#ifndef CCPLACE_LIB_HYPERVISOR_LIBVIRT_FUNCTIONS_H_
#define CCPLACE_LIB_HYPERVISOR_LIBVIRT_FUNCTIONS_H_

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <cstdlib>
#include <memory>

#include "absl/status/status.h"

// Every function of libvirt that is used here, once, for the declarations below and for
// LoadLibvirt.
#define CCPLACE_LIBVIRT_FUNCTIONS(USE)    \
  USE(virConnectClose)                    \
  USE(virConnectDomainEventDeregisterAny) \
  USE(virConnectDomainEventRegisterAny)   \
  USE(virConnectDomainXMLToNative)        \
  USE(virConnectGetAllDomainStats)        \
  USE(virConnectGetCapabilities)          \
  USE(virConnectGetDomainCapabilities)    \
  USE(virConnectGetLibVersion)            \
  USE(virConnectGetVersion)               \
  USE(virConnectOpen)                     \
  USE(virConnectRegisterCloseCallback)    \
  USE(virConnectSetKeepAlive)             \
  USE(virConnectUnregisterCloseCallback)  \
  USE(virDomainCreate)                    \
  USE(virDomainDefineXMLFlags)            \
  USE(virDomainDestroy)                   \
  USE(virDomainFree)                      \
  USE(virDomainGetControlInfo)            \
  USE(virDomainGetID)                     \
  USE(virDomainGetMetadata)               \
  USE(virDomainGetName)                   \
  USE(virDomainGetState)                  \
  USE(virDomainGetUUIDString)             \
  USE(virDomainGetXMLDesc)                \
  USE(virDomainIsActive)                  \
  USE(virDomainIsPersistent)              \
  USE(virDomainLookupByName)              \
  USE(virDomainLookupByUUIDString)        \
  USE(virDomainSetMetadata)               \
  USE(virDomainStatsRecordListFree)       \
  USE(virDomainUndefineFlags)             \
  USE(virEventRegisterDefaultImpl)        \
  USE(virEventRunDefaultImpl)             \
  USE(virGetLastError)                    \
  USE(virInitialize)                      \
  USE(virSetErrorFunc)                    \
  USE(virTypedParamsGetInt)

namespace ccplace {

// One function of libvirt. An object, so that inside this namespace its name means it and not the
// library's own, which nothing is linked with.
template <typename Function>
class LibvirtFunction;

template <typename Result, typename... Arguments>
class LibvirtFunction<Result (*)(Arguments...)> {
 public:
  Result operator()(Arguments... arguments) const { return function_(arguments...); }

 private:
  friend absl::Status LoadLibvirt();
  Result (*function_)(Arguments...) = nullptr;
};

#define CCPLACE_LIBVIRT_DECLARE(name) inline LibvirtFunction<decltype(&::name)> name;
CCPLACE_LIBVIRT_FUNCTIONS(CCPLACE_LIBVIRT_DECLARE)
#undef CCPLACE_LIBVIRT_DECLARE

// Loads the library, once per process; none of the functions above may be called before it
// succeeded. libvirt's client and the thirty libraries that it brings are half of this daemon's
// memory and of its start: a simulated host does without. Thread-safe. FAILED_PRECONDITION: it
// cannot be loaded, or is too old to have one of the functions.
absl::Status LoadLibvirt();

struct LibvirtFree {
  void operator()(virDomain* domain) const { virDomainFree(domain); }
  void operator()(virDomainStatsRecordPtr* records) const { virDomainStatsRecordListFree(records); }
  void operator()(char* text) const { std::free(text); }  // libvirt's strings are malloc's.
};

using LibvirtDomain = std::unique_ptr<virDomain, LibvirtFree>;
using LibvirtText = std::unique_ptr<char, LibvirtFree>;
// Ends with a null record.
using LibvirtStats = std::unique_ptr<virDomainStatsRecordPtr, LibvirtFree>;

// Starts it once per process, on a thread that runs to the end of it; and has libvirt keep its
// errors to itself instead of printing them. Must come after LoadLibvirt and
// before a connection is opened. Thread-safe.
void EnsureLibvirtEventLoop();

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_LIBVIRT_FUNCTIONS_H_
