// A vCPU sleeps in KVM_RUN until QEMU interrupts it, or a file names how it leaves.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fake_kvm.h"

enum { kRunBytes = 3 * kPageBytes, kLookNs = 20 * 1000 * 1000, kArrivalNs = 100 * 1000 * 1000 };

// What KVM_RUN ends with for each word in the guest's `exit` (Linux,
// Documentation/virt/kvm/api.rst, "The kvm_run structure").
static const struct {
  const char *word;
  __u32 reason, detail;
} kExits[] = {
    {"reboot", KVM_EXIT_SHUTDOWN, 0},  // A triple fault, upon which QEMU resets the machine.
    {"panic", KVM_EXIT_SYSTEM_EVENT, KVM_SYSTEM_EVENT_CRASH},
    {"power-off", KVM_EXIT_SYSTEM_EVENT, KVM_SYSTEM_EVENT_SHUTDOWN},
    {"internal-error", KVM_EXIT_INTERNAL_ERROR, KVM_INTERNAL_ERROR_EMULATION},
};

int CreateVcpu(int fd, unsigned long argument) {
  (void)fd, (void)argument;
  int vcpu = memfd_create("fake-kvm-vcpu", MFD_CLOEXEC);
  if (vcpu >= 0 && ftruncate(vcpu, kRunBytes) != 0) return -1;
  return vcpu;
}

// Takes the word away, so that one vCPU alone leaves for it.
static bool TakeWord(char *word, int size) {
  char path[160];
  if (!GuestPath("exit", path, sizeof(path))) return false;
  FILE *file = fopen(path, "re");
  if (file == NULL) return false;
  bool taken = fscanf(file, "%15s", word) == 1 && size > 15 && unlink(path) == 0;
  fclose(file);
  return taken;
}

static bool LeaveByWord(struct kvm_run *run) {
  char word[16];
  if (!TakeWord(word, sizeof(word))) return false;
  for (unsigned i = 0; i < sizeof(kExits) / sizeof(kExits[0]); ++i) {
    if (strcmp(word, kExits[i].word) != 0) continue;
    run->exit_reason = kExits[i].reason;
    run->system_event.type = kExits[i].detail;  // internal.suberror lies in the same place.
    run->internal.ndata = 0;
    return true;
  }
  return false;
}

// 0 when the vCPU left by word; -1 with EINTR when a signal came or QEMU asked for its return.
static int Sleep(volatile struct kvm_run *run) {
  const struct timespec look = {0, kLookNs};
  while (!run->immediate_exit) {
    if (LeaveByWord((struct kvm_run *)run)) return 0;
    if (nanosleep(&look, NULL) != 0) break;
  }
  errno = EINTR;
  return -1;
}

int Run(int fd, unsigned long argument) {
  (void)argument;
  struct kvm_run *run = mmap(NULL, kRunBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (run == MAP_FAILED) return -1;
  int result = Sleep(run);
  int error = errno;
  syscall(SYS_munmap, run, kRunBytes);
  errno = error;
  return result;
}

// QEMU 11.1 unmaps a vCPU's kvm_run when a trust domain is made anew at a reboot. Its own signals
// to that vCPU may be under way then, and their handler writes to kvm_run: on a machine under load
// the process would end with SIGSEGV. They arrive while this waits.
__attribute__((visibility("default"))) int munmap(void *address, size_t bytes) {
  const struct timespec arrival = {0, kArrivalNs};
  if (bytes == kRunBytes) nanosleep(&arrival, NULL);
  return (int)syscall(SYS_munmap, address, bytes);
}
