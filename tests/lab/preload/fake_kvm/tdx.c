// Trust domains: KVM_CREATE_VM of their type and the commands of Linux,
// Documentation/virt/kvm/x86/intel-tdx.rst.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake_kvm.h"
#include "numbers.h"

// The file of a trust domain is a connection to the key pool, which thereby learns of its end
// however the process ends.
int CreateTrustDomain(void) {
  if (SwitchIsOn("no-tdx") || SwitchIsOn("refuse-tdx")) {
    errno = EINVAL;
    return -1;
  }
  const struct sockaddr_un pool = {AF_UNIX, FAKE_KVM_FOLDER "/keys"};
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, (const struct sockaddr *)&pool, sizeof(pool)) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

// One byte asks the pool for a key; it answers with 0 or an error number, as the kernel's own count
// would refuse (drivers: kernel/cgroup/misc.c, misc_cg_try_charge).
static int TakeKey(int fd) {
  uint8_t answer = EIO;
  if (send(fd, "k", 1, MSG_NOSIGNAL) != 1 || recv(fd, &answer, 1, 0) != 1) answer = EIO;
  errno = answer;
  return answer == 0 ? 0 : -1;
}

static int OpenRecord(const char *name, int flags) {
  char path[160];
  if (!GuestPath(name, path, sizeof(path))) return -1;
  return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | flags, 0644);
}

// Records are whole or the command fails, so that no test compares half of one.
static int Write(int file, const void *data, size_t size) {
  while (size > 0) {
    ssize_t written = write(file, data, size);
    if (written <= 0) return -1;
    data = (const char *)data + written;
    size -= (size_t)written;
  }
  return 0;
}

static int Capabilities(int fd, const struct TdxCommand *command) {
  (void)fd;
  struct TdxCapabilities *capabilities = (void *)(uintptr_t)command->data;
  capabilities->attributes = TDX_ATTRIBUTE_SEPT_VE_DISABLE;
  capabilities->xfam = StateComponents();
  return FillCpuid(&capabilities->cpuid);
}

static int InitVm(int fd, const struct TdxCommand *command) {
  if (TakeKey(fd) != 0) return -1;
  int regions = OpenRecord("regions", O_TRUNC);
  int launches = OpenRecord("launches", 0);
  int result = Write(launches, (const void *)(uintptr_t)command->data, sizeof(struct TdxInitVm));
  close(launches);
  close(regions);
  return result;
}

// Kept as: address, pages, flags (each 8 bytes), content.
static int InitMemoryRegion(int fd, const struct TdxCommand *command) {
  (void)fd;
  struct TdxMemoryRegion *region = (void *)(uintptr_t)command->data;
  const uint64_t bytes = region->pages * kPageBytes;
  const uint64_t head[] = {region->address, region->pages, command->flags};
  int regions = OpenRecord("regions", 0);
  int result = Write(regions, head, sizeof(head)) != 0 ||
                       Write(regions, (const void *)(uintptr_t)region->source, bytes) != 0
                   ? -1
                   : 0;
  close(regions);
  // The kernel says how far it came.
  *region = (struct TdxMemoryRegion){region->source + bytes, region->address + bytes, 0};
  return result;
}

static int GetCpuid(int fd, const struct TdxCommand *command) {
  (void)fd;
  return FillCpuid((void *)(uintptr_t)command->data);
}

static int Nothing(int fd, const struct TdxCommand *command) {
  (void)fd, (void)command;
  return 0;
}

static int (*const kCommands[])(int, const struct TdxCommand *) = {
    [kTdxCapabilities] = Capabilities, [kTdxInitVm] = InitVm,
    [kTdxInitVcpu] = Nothing,          [kTdxInitMemoryRegion] = InitMemoryRegion,
    [kTdxFinalizeVm] = Nothing,        [kTdxGetCpuid] = GetCpuid,
};

// Without a command it is a probe for SEV, which this host has not.
int MemoryEncryptOperation(int fd, unsigned long argument) {
  struct TdxCommand *command = (void *)argument;
  if (command == NULL || command->id >= sizeof(kCommands) / sizeof(kCommands[0])) {
    errno = command == NULL ? ENOTTY : EINVAL;
    return -1;
  }
  command->hardware_error = 0;
  return kCommands[command->id](fd, command);
}
