// The ioctls of KVM, one a line (Linux, Documentation/virt/kvm/api.rst).
#define _GNU_SOURCE
#include "fake_kvm.h"

#include <errno.h>
#include <linux/psp-sev.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "numbers.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum { kBanks = 32 };  // Of machine checks.

// KVM_CHECK_EXTENSION: what is not here is 0.
static const struct {
  unsigned long capability;
  int value;
} kCapabilities[] = {
    // QEMU starts with none of these missing.
    {KVM_CAP_USER_MEMORY, 1},
    {KVM_CAP_SYNC_MMU, 1},
    {KVM_CAP_DESTROY_MEMORY_REGION_WORKS, 1},
    {KVM_CAP_JOIN_MEMORY_REGIONS_WORKS, 1},
    {KVM_CAP_INTERNAL_ERROR_DATA, 1},
    {KVM_CAP_IOEVENTFD, 1},
    {KVM_CAP_IOEVENTFD_ANY_LENGTH, 1},
    {KVM_CAP_X86_ROBUST_SINGLESTEP, 1},
    {KVM_CAP_SET_TSS_ADDR, 1},
    {KVM_CAP_SET_IDENTITY_MAP_ADDR, 1},
    {KVM_CAP_EXT_CPUID, 1},
    {KVM_CAP_MP_STATE, 1},
    {KVM_CAP_SIGNAL_MSI, 1},
    {KVM_CAP_IRQ_ROUTING, 4096},
    {KVM_CAP_IRQFD, 1},
    {KVM_CAP_IRQFD_RESAMPLE, 1},
    {KVM_CAP_IRQCHIP, 1},
    {KVM_CAP_IRQ_INJECT_STATUS, 1},
    {KVM_CAP_SPLIT_IRQCHIP, 1},
    {KVM_CAP_PIT2, 1},
    {KVM_CAP_PIT_STATE2, 1},
    {KVM_CAP_REINJECT_CONTROL, 1},
    {KVM_CAP_X2APIC_API, 3},
    {KVM_CAP_ADJUST_CLOCK, 1},
    {KVM_CAP_VCPU_EVENTS, 1},
    {KVM_CAP_DEBUGREGS, 1},
    {KVM_CAP_XSAVE, 1},
    {KVM_CAP_XCRS, 1},
    {KVM_CAP_MCE, kBanks},
    {KVM_CAP_TSC_CONTROL, 1},
    {KVM_CAP_GET_TSC_KHZ, 1},
    {KVM_CAP_TSC_DEADLINE_TIMER, 1},
    {KVM_CAP_IMMEDIATE_EXIT, 1},
    {KVM_CAP_READONLY_MEM, 1},
    {KVM_CAP_MULTI_ADDRESS_SPACE, 2},
    {KVM_CAP_CHECK_EXTENSION_VM, 1},
    {KVM_CAP_ENABLE_CAP_VM, 1},
    {KVM_CAP_GET_MSR_FEATURES, 1},
    {KVM_CAP_X86_DISABLE_EXITS, 0xf},
    // How much of each.
    {KVM_CAP_NR_VCPUS, 16},
    {KVM_CAP_MAX_VCPUS, 1024},
    {KVM_CAP_MAX_VCPU_ID, 1024},
    {KVM_CAP_NR_MEMSLOTS, 32764},
    // Trust domains keep their memory in guest_memfd; KVM_CAP_VM_TYPES is in CheckExtension.
    {kCapUserMemory2, 1},
    {kCapMemoryFaultInfo, 1},
    {kCapMemoryAttributes, kMemoryAttributePrivate},
    {kCapGuestMemfd, 1},
    {kCapApicBusCyclesNs, 1},
};

// The registers that QEMU saves and that this KVM has (arch/x86/include/asm/msr-index.h).
static const __u32 kMsrs[] = {
    0x10,        // IA32_TIME_STAMP_COUNTER
    0x3a,        // IA32_FEATURE_CONTROL
    0x8b,        // IA32_BIOS_SIGN_ID
    0x10a,       // IA32_ARCH_CAPABILITIES
    0x140,       // MSR_MISC_FEATURES_ENABLES
    0x174,       // IA32_SYSENTER_CS
    0x1a0,       // IA32_MISC_ENABLE
    0x277,       // IA32_PAT
    0x6e0,       // IA32_TSC_DEADLINE
    0xda0,       // IA32_XSS
    0x4b564d00,  // MSR_KVM_WALL_CLOCK_NEW
    0x4b564d01,  // MSR_KVM_SYSTEM_TIME_NEW
    0xc0000080,  // EFER
};

static int Fail(int error) {
  errno = error;
  return -1;
}

static int ApiVersion(int fd, unsigned long argument) {
  (void)fd, (void)argument;
  return KVM_API_VERSION;
}

static int VmTypes(void) {
  if (SwitchIsOn("amd")) return 1 << kDefaultVm | 1 << kSevVm | 1 << kSevEsVm | 1 << kSnpVm;
  return 1 << kDefaultVm | (SwitchIsOn("no-tdx") ? 0 : 1 << kTdxVm);
}

static int CheckExtension(int fd, unsigned long capability) {
  (void)fd;
  if (capability == kCapVmTypes) return VmTypes();
  if (capability == KVM_CAP_XSAVE2) return SaveAreaBytes();
  for (unsigned i = 0; i < COUNT(kCapabilities); ++i) {
    if (kCapabilities[i].capability == capability) return kCapabilities[i].value;
  }
  return 0;
}

static int CreateVmOfType(int fd, unsigned long type) {
  (void)fd;
  const bool is_offered = type < 32 && (VmTypes() >> type & 1) != 0;
  const bool is_refused = type != kDefaultVm && SwitchIsOn("refuse-guests");
  return is_offered && !is_refused ? CreateVm(type) : Fail(EINVAL);
}

static int MemoryEncryptOperation(int fd, unsigned long argument) {
  return SwitchIsOn("amd") ? SevOperation(fd, argument) : TdxOperation(fd, argument);
}

static int CreateGuestMemfd(int fd, unsigned long argument) {
  (void)fd, (void)argument;
  return memfd_create("fake-kvm-guest-memory", MFD_CLOEXEC);
}

static int RunBytes(int fd, unsigned long argument) {
  (void)fd, (void)argument;
  return 3 * kPageBytes;
}

static int TscKhz(int fd, unsigned long argument) {
  (void)fd, (void)argument;
  return 2500000;
}

static int Cpuid(int fd, unsigned long argument) {
  (void)fd;
  return FillCpuid((struct kvm_cpuid2 *)argument);
}

static int NoCpuid(int fd, unsigned long argument) {
  (void)fd;
  ((struct kvm_cpuid2 *)argument)->nent = 0;
  return 0;
}

static int MsrList(int fd, unsigned long argument) {
  (void)fd;
  struct kvm_msr_list *list = (struct kvm_msr_list *)argument;
  const unsigned room = list->nmsrs;
  list->nmsrs = COUNT(kMsrs);
  if (room < COUNT(kMsrs)) return Fail(E2BIG);
  memcpy(list->indices, kMsrs, sizeof(kMsrs));
  return 0;
}

static int MachineChecks(int fd, unsigned long argument) {
  (void)fd;
  *(__u64 *)argument = 1ull << 24 | 1ull << 8 | kBanks;  // MCG_SER_P, MCG_CTL_P.
  return 0;
}

static int AllMsrs(int fd, unsigned long argument) {
  (void)fd;
  return (int)((const struct kvm_msrs *)argument)->nmsrs;
}

static int NotHere(int fd, unsigned long argument) {
  (void)fd, (void)argument;
  return Fail(ENOTTY);
}

static const struct {
  unsigned long request;
  int (*answer)(int fd, unsigned long argument);
} kAnswers[] = {
    {KVM_GET_API_VERSION, ApiVersion},
    {KVM_CHECK_EXTENSION, CheckExtension},
    {KVM_CREATE_VM, CreateVmOfType},
    {KVM_CREATE_VCPU, CreateVcpu},
    {KVM_CREATE_GUEST_MEMFD_NEWER, CreateGuestMemfd},
    {KVM_GET_VCPU_MMAP_SIZE, RunBytes},
    {KVM_RUN, Run},
    {KVM_MEMORY_ENCRYPT_OP, MemoryEncryptOperation},
    {KVM_GET_SUPPORTED_CPUID, Cpuid},
    {KVM_GET_EMULATED_CPUID, NoCpuid},
    {KVM_GET_SUPPORTED_HV_CPUID, NoCpuid},
    {KVM_GET_MSR_INDEX_LIST, MsrList},
    {KVM_GET_MSR_FEATURE_INDEX_LIST, MsrList},
    {KVM_X86_GET_MCE_CAP_SUPPORTED, MachineChecks},
    {KVM_GET_MSRS, AllMsrs},
    {KVM_SET_MSRS, AllMsrs},
    {KVM_GET_TSC_KHZ, TscKhz},
    {KVM_CREATE_DEVICE, NotHere},
    {KVM_GET_STATS_FD, NotHere},
};

// What has no answer of its own succeeds, and reads as zeroes.
static int Succeed(unsigned long request, unsigned long argument) {
  if (_IOC_DIR(request) == _IOC_READ) memset((void *)argument, 0, _IOC_SIZE(request));
  return 0;
}

static int Answer(int fd, unsigned long request, unsigned long argument) {
  for (unsigned i = 0; i < COUNT(kAnswers); ++i) {
    if (kAnswers[i].request == request) return kAnswers[i].answer(fd, argument);
  }
  return Succeed(request, argument);
}

__attribute__((visibility("default"))) int ioctl(int fd, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  unsigned long argument = va_arg(arguments, unsigned long);
  va_end(arguments);
  request &= 0xffffffff;  // Callers that have it in an int extend its sign.
  if (request == SEV_ISSUE_CMD) return SevFirmware(argument);
  if (_IOC_TYPE(request) != KVMIO) return (int)syscall(SYS_ioctl, fd, request, argument);
  return Answer(fd, request, argument);
}
