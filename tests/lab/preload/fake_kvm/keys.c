// The files of virtual machines, and the keys that they hold.
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake_kvm.h"

static unsigned long vm_type;

// A connection to the key pool, which thereby learns of the end of a virtual machine however its
// process ends.
int CreateVm(unsigned long type) {
  const struct sockaddr_un pool = {AF_UNIX, FAKE_KVM_FOLDER "/keys"};
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, (const struct sockaddr *)&pool, sizeof(pool)) != 0) {
    close(fd);
    return -1;
  }
  vm_type = type;
  return fd;
}

unsigned long VmType(void) { return vm_type; }

// The pool answers a key's name with 0 or the error number of the kernel's own refusal.
int TakeKey(int vm, const char *name) {
  uint8_t answer = EIO;
  if (send(vm, name, strlen(name), MSG_NOSIGNAL) < 0 || recv(vm, &answer, 1, 0) != 1) answer = EIO;
  errno = answer;
  return answer == 0 ? 0 : -1;
}
