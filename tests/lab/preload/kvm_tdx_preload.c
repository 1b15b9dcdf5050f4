// Makes this machine's KVM say that it offers TD virtual machines.
//
// libvirtd and QEMU ask KVM_CHECK_EXTENSION(KVM_CAP_VM_TYPES) and look for the
// bit of the TDX type (Linux, Documentation/virt/kvm/api.rst, 4.5 and 8).
// Every other request reaches the kernel unchanged, so KVM_CREATE_VM of a TD
// still fails, as on a host whose TDX module refuses.
#define _GNU_SOURCE
#include <linux/kvm.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { kCapVmTypes = 235, kTdxVmType = 5 };  // Newer than Debian 12's headers.

int ioctl(int fd, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  unsigned long argument = va_arg(arguments, unsigned long);
  va_end(arguments);
  long result = syscall(SYS_ioctl, fd, request, argument);
  if (request == KVM_CHECK_EXTENSION && argument == kCapVmTypes && result >= 0)
    result |= 1 << kTdxVmType;
  return (int)result;
}
