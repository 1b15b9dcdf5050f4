// A KVM made of nothing, preloaded into libvirtd and thereby into QEMU: probes find what a TDX host
// offers, and trust domains start, stop, crash and end. No guest code ever runs.
//
// It is steered by files in the folder kFolder, and records there:
//   keys                       socket of the key pool: a trust domain takes its key there
//   switches/no-tdx            KVM offers no trust domains
//   switches/refuse-tdx        KVM_CREATE_VM of a trust domain fails with EINVAL
//   guests/UUID/exit           a word that takes the guest's next vCPU out of KVM_RUN (vcpu.c)
//   guests/UUID/launches       a TdxInitVm for each KVM_TDX_INIT_VM
//   guests/UUID/regions        each KVM_TDX_INIT_MEM_REGION since the last of those (tdx.c)
#ifndef CCPLACE_TESTS_LAB_PRELOAD_FAKE_KVM_FAKE_KVM_H_
#define CCPLACE_TESTS_LAB_PRELOAD_FAKE_KVM_FAKE_KVM_H_

#include <linux/kvm.h>
#include <stdbool.h>

#define FAKE_KVM_FOLDER "/run/fake-kvm"

enum { kPageBytes = 4096 };

// Every handler answers one ioctl on file `fd`: as the system call would, errno set with -1.

// cpuid.c: fills in what this machine's CPU says, E2BIG when `table` is too small.
int FillCpuid(struct kvm_cpuid2 *table);
// cpuid.c: the state components that this machine's CPU can save (XCR0 and IA32_XSS).
unsigned long long StateComponents(void);

// tdx.c: KVM_CREATE_VM of a trust domain, and KVM_MEMORY_ENCRYPT_OP.
int CreateTrustDomain(void);
int MemoryEncryptOperation(int fd, unsigned long argument);

// vcpu.c: KVM_CREATE_VCPU and KVM_RUN.
int CreateVcpu(int fd, unsigned long argument);
int Run(int fd, unsigned long argument);

// files.c: whether the switch is on.
bool SwitchIsOn(const char *name);
// files.c: the path of a file of this process' guest; false when the process has no guest.
bool GuestPath(const char *name, char *path, unsigned size);

#endif
