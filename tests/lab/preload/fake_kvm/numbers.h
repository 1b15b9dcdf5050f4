// Numbers of KVM's interface that are newer than Debian 12's headers.
// Source: Linux, Documentation/virt/kvm/api.rst and
// Documentation/virt/kvm/x86/{intel-tdx,amd-memory-encryption}.rst.
#ifndef CCPLACE_TESTS_LAB_PRELOAD_FAKE_KVM_NUMBERS_H_
#define CCPLACE_TESTS_LAB_PRELOAD_FAKE_KVM_NUMBERS_H_

#include <linux/kvm.h>
#include <stdint.h>

enum {  // Capabilities, api.rst, 7 and 8.
  kCapUserMemory2 = 231,
  kCapMemoryFaultInfo = 232,
  kCapMemoryAttributes = 233,
  kCapGuestMemfd = 234,
  kCapVmTypes = 235,
  kCapApicBusCyclesNs = 237,
};

enum {  // The types of KVM_CREATE_VM, api.rst, 4.2.
  kDefaultVm = 0,
  kSevVm = 2,
  kSevEsVm = 3,
  kSnpVm = 4,
  kTdxVm = 5,
};

enum { kMemoryAttributePrivate = 1 << 3 };  // api.rst, 4.141 KVM_SET_MEMORY_ATTRIBUTES.

struct CreateGuestMemfd {  // api.rst, 4.142 KVM_CREATE_GUEST_MEMFD.
  uint64_t size, flags, reserved[6];
};
#define KVM_CREATE_GUEST_MEMFD_NEWER _IOWR(KVMIO, 0xd4, struct CreateGuestMemfd)

enum {  // The ids of intel-tdx.rst, `struct kvm_tdx_cmd`.
  kTdxCapabilities = 0,
  kTdxInitVm = 1,
  kTdxInitVcpu = 2,
  kTdxInitMemoryRegion = 3,
  kTdxFinalizeVm = 4,
  kTdxGetCpuid = 5,
};

struct TdxCommand {
  uint32_t id, flags;
  uint64_t data, hardware_error;
};

struct TdxCapabilities {  // KVM_TDX_CAPABILITIES.
  uint64_t attributes, xfam, kernel_r11, user_r11, kernel_r12, user_r12, reserved[250];
  struct kvm_cpuid2 cpuid;
};

struct TdxInitVm {  // KVM_TDX_INIT_VM, but for the CPUID that follows it.
  uint64_t attributes, xfam;
  uint8_t mr_config_id[48], mr_owner[48], mr_owner_config[48];
};

struct TdxMemoryRegion {  // KVM_TDX_INIT_MEM_REGION.
  uint64_t source, address, pages;
};

enum {  // amd-memory-encryption.rst: commands newer than those headers.
  kSevInit2 = 22,
  kSnpLaunchStart = 100,
  kSnpLaunchUpdate = 101,
};

enum { kSevStatusConfigEs = 1 << 8 };  // SEV API, PLATFORM_STATUS, CONFIG.ES.

struct SnpLaunchUpdate {  // KVM_SEV_SNP_LAUNCH_UPDATE, its beginning.
  uint64_t page, source, bytes;
};

// Intel TDX Module ABI, TD attributes; the one that mainline KVM offers (arch/x86/kvm/vmx/tdx.c).
#define TDX_ATTRIBUTE_SEPT_VE_DISABLE (1ull << 28)

#endif
