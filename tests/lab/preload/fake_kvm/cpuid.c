// CPUID as KVM_GET_SUPPORTED_CPUID gives it: this machine's own, and KVM's leaves.
#include <cpuid.h>
#include <errno.h>
#include <string.h>

#include "fake_kvm.h"

enum { kMostEntries = 128, kX2Apic = 1 << 21, kTscDeadline = 1 << 24 };

// Leaves and how many subleaves of each (Intel SDM, volume 2, CPUID; AMD APM, volume 3, appendix
// E).
static const struct {
  unsigned leaf, subleaves;
} kLeaves[] = {
    {0x0, 1},        {0x1, 1},        {0x2, 1},        {0x4, 4},        {0x5, 1},
    {0x6, 1},        {0x7, 3},        {0xb, 4},        {0xd, 20},       {0x14, 1},
    {0x15, 1},       {0x16, 1},       {0x19, 1},       {0x1d, 1},       {0x1e, 1},
    {0x80000000, 1}, {0x80000001, 1}, {0x80000002, 1}, {0x80000003, 1}, {0x80000004, 1},
    {0x80000005, 1}, {0x80000006, 1}, {0x80000007, 1}, {0x80000008, 1}, {0x8000000a, 1},
    {0x8000001d, 4}, {0x8000001e, 1}, {0x8000001f, 1}, {0x80000021, 1},
};

// KVM's own leaves: "KVMKVMKVM" and its features (Linux, Documentation/virt/kvm/x86/cpuid.rst).
static const struct kvm_cpuid_entry2 kOwnLeaves[] = {
    {.function = 0x40000000, .eax = 0x40000001, .ebx = 0x4b4d564b, .ecx = 0x564b4d56, .edx = 0x4d},
    {.function = 0x40000001, .eax = 0x0100fefb},
};

static bool CpuHas(unsigned leaf) { return leaf <= __get_cpuid_max(leaf & 0x80000000, NULL); }

static bool ReadLeaf(unsigned leaf, unsigned subleaf, struct kvm_cpuid_entry2 *entry) {
  entry->function = leaf;
  entry->index = subleaf;
  __cpuid_count(leaf, subleaf, entry->eax, entry->ebx, entry->ecx, entry->edx);
  if (leaf == 0x1) entry->ecx |= kX2Apic | kTscDeadline;  // KVM emulates both.
  return leaf != 0xd || subleaf < 2 || entry->eax != 0;   // A state component that is not there.
}

static unsigned ReadLeaves(struct kvm_cpuid_entry2 *entries) {
  unsigned count = 0;
  for (unsigned i = 0; i < sizeof(kLeaves) / sizeof(kLeaves[0]); ++i) {
    if (!CpuHas(kLeaves[i].leaf)) continue;
    for (unsigned subleaf = 0; subleaf < kLeaves[i].subleaves; ++subleaf) {
      struct kvm_cpuid_entry2 *entry = &entries[count];
      if (kLeaves[i].subleaves > 1) entry->flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX;
      if (ReadLeaf(kLeaves[i].leaf, subleaf, entry)) ++count;
    }
  }
  memcpy(&entries[count], kOwnLeaves, sizeof(kOwnLeaves));
  return count + sizeof(kOwnLeaves) / sizeof(kOwnLeaves[0]);
}

int FillCpuid(struct kvm_cpuid2 *table) {
  struct kvm_cpuid_entry2 entries[kMostEntries] = {0};
  unsigned count = ReadLeaves(entries);
  if (table->nent < count) {
    errno = E2BIG;
    return -1;
  }
  table->nent = count;
  memcpy(table->entries, entries, count * sizeof(entries[0]));
  return 0;
}

int SaveAreaBytes(void) {
  unsigned low, rest, more, high;
  __cpuid_count(0xd, 0, low, rest, more, high);
  return more > kPageBytes ? (int)more : kPageBytes;
}

unsigned long long StateComponents(void) {
  unsigned low, high, rest, more;
  __cpuid_count(0xd, 0, low, rest, more, high);
  const unsigned long long user = (unsigned long long)high << 32 | low;
  __cpuid_count(0xd, 1, rest, more, low, high);
  return user | (unsigned long long)high << 32 | low;
}
