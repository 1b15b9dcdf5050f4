#include "lib/hypervisor/libvirt_event_loop.h"

#include <mutex>
#include <thread>

#include "lib/hypervisor/libvirt_functions.h"

namespace ccplace {
namespace {

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

void EnsureLibvirtEventLoop() {
  static std::once_flag once;
  std::call_once(once, Start);
}

}  // namespace ccplace
