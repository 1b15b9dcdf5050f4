// Trust domains: KVM_MEMORY_ENCRYPT_OP of theirs (Linux, Documentation/virt/kvm/x86/intel-tdx.rst).
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#include "fake_kvm.h"
#include "numbers.h"

static int Capabilities(int fd, const struct TdxCommand *command) {
  (void)fd;
  struct TdxCapabilities *capabilities = (void *)(uintptr_t)command->data;
  capabilities->attributes = TDX_ATTRIBUTE_SEPT_VE_DISABLE;
  capabilities->xfam = StateComponents();
  return FillCpuid(&capabilities->cpuid);
}

static int InitVm(int fd, const struct TdxCommand *command) {
  if (TakeKey(fd, kTdxKey) != 0) return -1;
  int regions = OpenRecord("regions", O_TRUNC);
  int launches = OpenRecord("launches", 0);
  int result =
      WriteRecord(launches, (const void *)(uintptr_t)command->data, sizeof(struct TdxInitVm));
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
  int result = WriteRecord(regions, head, sizeof(head)) != 0 ||
                       WriteRecord(regions, (const void *)(uintptr_t)region->source, bytes) != 0
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

// Without a command it asks whether there is SEV, which this host has not.
int TdxOperation(int fd, unsigned long argument) {
  struct TdxCommand *command = (void *)argument;
  if (command == NULL || command->id >= sizeof(kCommands) / sizeof(kCommands[0])) {
    errno = command == NULL ? ENOTTY : EINVAL;
    return -1;
  }
  command->hardware_error = 0;
  return kCommands[command->id](fd, command);
}
