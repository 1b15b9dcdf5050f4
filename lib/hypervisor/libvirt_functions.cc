#include "lib/hypervisor/libvirt_functions.h"

#include <dlfcn.h>

#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"

namespace ccplace {
namespace {

// Stable since libvirt 0.1: the number in it is libvirt's promise to keep its functions.
constexpr char kLibrary[] = "libvirt.so.0";

absl::Status LoadError() {
  return absl::FailedPreconditionError(
      absl::StrCat("libvirt's client library cannot be used: ", dlerror(),
                   "; install Debian's libvirt0, 9.0 or later"));
}

void DropError(void* /*user_data*/, virErrorPtr /*error*/) {}

void Start() {
  virSetErrorFunc(nullptr, DropError);
  virInitialize();
  virEventRegisterDefaultImpl();
  std::thread([] {
    for (;;) virEventRunDefaultImpl();
  }).detach();
}

}  // namespace

absl::Status LoadLibvirt() {
  static const absl::Status loaded = [] {
    // For all to see, as if it had been linked.
    if (dlopen(kLibrary, RTLD_NOW | RTLD_GLOBAL) == nullptr) return LoadError();
#define CCPLACE_LIBVIRT_FIND(name)                                                  \
  name.function_ = reinterpret_cast<decltype(&::name)>(dlsym(RTLD_DEFAULT, #name)); \
  if (name.function_ == nullptr) return LoadError();
    CCPLACE_LIBVIRT_FUNCTIONS(CCPLACE_LIBVIRT_FIND)
#undef CCPLACE_LIBVIRT_FIND
    return absl::OkStatus();
  }();
  return loaded;
}

void EnsureLibvirtEventLoop() {
  static std::once_flag once;
  std::call_once(once, Start);
}

}  // namespace ccplace
