// A KVM made of nothing, preloaded into libvirtd and thereby into QEMU: probes find what a TDX or
// SEV host offers, and confidential guests start, stop, crash and end. No guest code ever runs.
//
// It is steered by files in the folder kFolder, and records there:
//   keys                       socket of the key pool: a confidential guest takes its key there
//   switches/amd               the host offers SEV, SEV-ES and SEV-SNP, and no trust domains
//   switches/no-tdx            KVM offers no trust domains
//   switches/refuse-guests     KVM_CREATE_VM of a confidential guest fails with EINVAL
//   guests/UUID/exit           a word that takes the guest's next vCPU out of KVM_RUN (vcpu.c)
//   guests/UUID/launches       a TdxInitVm for each KVM_TDX_INIT_VM
//   guests/UUID/regions        each KVM_TDX_INIT_MEM_REGION since the last of those (tdx.c)
//   guests/UUID/sev-policies   the policy of each launch of a SEV guest, 8 bytes (sev.c)
#ifndef CCPLACE_TESTS_LAB_PRELOAD_FAKE_KVM_FAKE_KVM_H_
#define CCPLACE_TESTS_LAB_PRELOAD_FAKE_KVM_FAKE_KVM_H_

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>

#define FAKE_KVM_FOLDER "/run/fake-kvm"

enum { kPageBytes = 4096 };

// Every handler answers one ioctl on file `fd`: as the system call would, errno set with -1.

// cpuid.c: fills in what this machine's CPU says, E2BIG when `table` is too small.
int FillCpuid(struct kvm_cpuid2 *table);
// cpuid.c: the state components that this machine's CPU can save (XCR0 and IA32_XSS).
unsigned long long StateComponents(void);
// cpuid.c: what they take (Intel SDM, CPUID leaf 0DH, ECX), a page at least: more than that with
// AMX.
int SaveAreaBytes(void);

// The names of keys (Linux, kernel/cgroup/misc.c, misc_res_name).
#define kTdxKey "tdx"
#define kSevKey "sev"
#define kSevEsKey "sev_es"

// keys.c: KVM_CREATE_VM.
int CreateVm(unsigned long type);
// keys.c: the type of this process' virtual machine, the latest.
unsigned long VmType(void);
// keys.c: takes a key for the virtual machine, which holds it until its last file is closed.
int TakeKey(int vm, const char *name);

// tdx.c, sev.c: KVM_MEMORY_ENCRYPT_OP.
int TdxOperation(int fd, unsigned long argument);
int SevOperation(int fd, unsigned long argument);
// sev.c: SEV_ISSUE_CMD on /dev/sev.
int SevFirmware(unsigned long argument);

// vcpu.c: KVM_CREATE_VCPU and KVM_RUN.
int CreateVcpu(int fd, unsigned long argument);
int Run(int fd, unsigned long argument);

// files.c: whether the switch is on.
bool SwitchIsOn(const char *name);
// files.c: the path of a file of this process' guest; false when the process has no guest.
bool GuestPath(const char *name, char *path, unsigned size);
// files.c: opens such a file to append to it; open(2)'s flags beside. Less than 0: failed.
int OpenRecord(const char *name, int flags);
// files.c: 0, or -1 unless all was written: no test compares half a record.
int WriteRecord(int file, const void *data, size_t size);

#endif
