// The rules and warnings: one row each. docs/rules.md shows them, and a test holds it to them.
#include <algorithm>
#include <array>

#include "lib/request/rule_functions.h"

namespace ccplace::rules {
namespace {

// What rules read of flavor and image alike.
constexpr Contents Both(Key flavor, Key image) { return BitOf(flavor) | BitOf(image); }
constexpr Contents kEncryption = Both(Key::kFlavorMemEncryption, Key::kImageMemEncryption);
constexpr Contents kModel = Both(Key::kFlavorModel, Key::kImageModel);
constexpr Contents kPmu = Both(Key::kFlavorPmu, Key::kImagePmu);
constexpr Contents kPageSize = Both(Key::kFlavorPageSize, Key::kImagePageSize);
constexpr Contents kSecureBoot = Both(Key::kFlavorSecureBoot, Key::kImageSecureBoot);
constexpr Contents kCpuPolicy = Both(Key::kFlavorCpuPolicy, Key::kImageCpuPolicy);
constexpr Contents kThreadPolicy = Both(Key::kFlavorThreadPolicy, Key::kImageThreadPolicy);
constexpr Contents kLockedMemory = Both(Key::kFlavorLockedMemory, Key::kImageLockedMemory);
constexpr Contents kPciAffinity = Both(Key::kFlavorPciAffinity, Key::kImagePciAffinity);
constexpr Contents kAddressMode = Both(Key::kFlavorAddressMode, Key::kImageAddressMode);

// What rules read of one side.
constexpr Contents kFlavorMachine =
    BitOf(Key::kFlavorFirmwareType) | BitOf(Key::kFlavorMachineType);
constexpr Contents kDiskBus =
    BitOf(Key::kImageDiskBus) | BitOf(Key::kImageScsiModel) | BitOf(Key::kImageAdapterType);
constexpr Contents kGraphics =
    BitOf(Key::kImageVideoRam) | BitOf(Key::kImagePointerModel) | BitOf(Key::kImageInputBus);

// Sources: nova 34's virt/hardware.py (order and conditions up to the video model), the blueprint
// intel-tdx-libvirt-support (SCSI, the flavor's firmware and machine type, operations), oslo.utils'
// bool_from_string, libvirt's refusal of a PMU in a trust domain.
constexpr Rule kRules[] = {
    {v1::VIOLATION_REASON_INVALID_BOOLEAN, kEveryModel,
     kEncryption | BitOf(Key::kImageStateless) | kPmu,
     "hw:mem_encryption, hw_mem_encryption, hw_firmware_stateless, hw:pmu, hw_pmu",
     "a boolean is one of 1, t, true, on, y, yes, 0, f, false, off, n, no in any letter case; nova "
     "takes anything else for false without a word",
     "write true or false", EvaluateBooleans},
    {v1::VIOLATION_REASON_ENCRYPTION_CONFLICT, kEveryModel, kEncryption,
     "hw:mem_encryption, hw_mem_encryption",
     "flavor and image must not contradict each other, and what is no boolean counts as false",
     "set both to the same value, or leave one out",
     EvaluateBooleanConflict<Key::kFlavorMemEncryption, Key::kImageMemEncryption>},
    {v1::VIOLATION_REASON_MODEL_CONFLICT, kEveryModel, kModel,
     "hw:mem_encryption_model, hw_mem_encryption_model",
     "flavor and image must name the same model", "name one model in both, or leave one out",
     EvaluateTextConflict<Key::kFlavorModel, Key::kImageModel>},
    {v1::VIOLATION_REASON_UNKNOWN_MODEL, kEveryModel, kModel,
     "hw:mem_encryption_model, hw_mem_encryption_model",
     "the model must be 'intel-tdx', 'amd-sev', 'amd-sev-es' or 'amd-sev-snp', in lower case",
     "name one of the four models", EvaluateUnknownModel},
    {v1::VIOLATION_REASON_FIRMWARE_NOT_UEFI, kEveryModel, kAnything,
     "hw_firmware_type, hw:firmware_type", "the firmware type must be 'uefi'",
     "set image property hw_firmware_type=uefi", EvaluateFirmwareType},
    {v1::VIOLATION_REASON_FIRMWARE_CONFLICT, kEveryModel, BitOf(Key::kFlavorFirmwareType),
     "hw_firmware_type, hw:firmware_type",
     "flavor and image must not name different firmware types",
     "name uefi in both, or leave one out",
     EvaluateTextConflict<Key::kFlavorFirmwareType, Key::kImageFirmwareType>, kBlueprint},
    {v1::VIOLATION_REASON_MACHINE_NOT_Q35, kEveryModel, kAnything,
     "hw_machine_type, hw:machine_type, host's default_machine_type",
     "the machine type must be a q35 one, as 'q35' or 'pc-q35-9.2'",
     "set image property hw_machine_type=q35", EvaluateMachineType},
    {v1::VIOLATION_REASON_MACHINE_CONFLICT, kEveryModel, BitOf(Key::kFlavorMachineType),
     "hw_machine_type, hw:machine_type", "flavor and image must not name different machine types",
     "name the same in both, or leave one out",
     EvaluateTextConflict<Key::kFlavorMachineType, Key::kImageMachineType>, kBlueprint},
    {v1::VIOLATION_REASON_FIRMWARE_NOT_STATELESS, kStatelessFirmware, kAnything,
     "hw_firmware_stateless", "the model needs stateless firmware: true",
     "set image property hw_firmware_stateless=true", EvaluateStatelessFirmware},
    {v1::VIOLATION_REASON_VIDEO_MODEL_NOT_NONE, kNoVideo, kAnything, "hw_video_model",
     "the model runs without a video device: 'none'", "set image property hw_video_model=none",
     EvaluateVideoModel},
    {v1::VIOLATION_REASON_SCSI_BOOT_DISK, kNoScsiBoot, kDevices | kDiskBus,
     "hw_disk_bus, hw_scsi_model, vmware_adaptertype, block device's disk_bus at boot_index 0",
     "the boot disk must not be on a SCSI bus, for the model's firmware has no SCSI driver",
     "put the boot disk on virtio: set hw_disk_bus=virtio and remove hw_scsi_model and "
     "vmware_adaptertype, or state disk_bus virtio in the boot device",
     EvaluateScsiBoot},
    {v1::VIOLATION_REASON_PMU_CONFLICT, kEveryModel, kPmu, "hw:pmu, hw_pmu",
     "flavor and image must not contradict each other, and what is no boolean counts as false",
     "set both to the same value, or leave one out",
     EvaluateBooleanConflict<Key::kFlavorPmu, Key::kImagePmu>},
    {v1::VIOLATION_REASON_PMU_REQUESTED, kNoPmu, kPmu, "hw:pmu, hw_pmu",
     "the model runs without a performance monitoring unit: false, or nothing",
     "remove the setting, or set it to false", EvaluatePmu},
    {v1::VIOLATION_REASON_SECURE_BOOT_CONFLICT, kEveryModel, kSecureBoot,
     "os:secure_boot, os_secure_boot",
     "flavor and image must not name different secure boot policies",
     "name the same in both, or leave one out", EvaluateSecureBootConflict},
    {v1::VIOLATION_REASON_INVALID_VALUE, kEveryModel, kSecureBoot, "os:secure_boot, os_secure_boot",
     "the secure boot policy must be 'required', 'disabled' or 'optional'",
     "name one of the three, or leave it out", EvaluateSecureBoot},
    {v1::VIOLATION_REASON_INVALID_VALUE, kEveryModel, kCpuPolicy, "hw:cpu_policy, hw_cpu_policy",
     "the CPU policy must be 'shared', 'dedicated' or 'mixed'",
     "name one of the three, or leave it out", EvaluateCpuPolicy},
    {v1::VIOLATION_REASON_CPU_POLICY_CONFLICT, kEveryModel, kCpuPolicy,
     "hw:cpu_policy, hw_cpu_policy",
     "an image must not ask for more dedicated CPUs than the flavor gives: not 'dedicated' beside "
     "'mixed', and neither beside 'shared'",
     "name the same in both, or leave the image's out", EvaluateCpuPolicyConflict},
    {v1::VIOLATION_REASON_CPU_POLICY_CONFLICT, kEveryModel, kThreadPolicy,
     "hw:cpu_thread_policy, hw_cpu_thread_policy",
     "an image may choose a thread policy only where the flavor says 'prefer' or nothing",
     "name the same in both, or leave the image's out", EvaluateThreadPolicyConflict},
    {v1::VIOLATION_REASON_DEDICATED_CPUS_NEEDED, kEveryModel,
     kThreadPolicy | BitOf(Key::kFlavorEmulatorThreads),
     "hw:cpu_thread_policy, hw_cpu_thread_policy, hw:emulator_threads_policy, hw:cpu_policy, "
     "hw_cpu_policy, resources*:PCPU",
     "a thread policy, and isolated emulator threads, are for dedicated CPUs",
     "set hw:cpu_policy=dedicated, or remove the setting", EvaluateDedicatedCpus},
    {v1::VIOLATION_REASON_SETTING_CONFLICT, kEveryModel, kPciAffinity | kAddressMode,
     "hw:pci_numa_affinity_policy, hw_pci_numa_affinity_policy, hw:maxphysaddr_mode, "
     "hw_maxphysaddr_mode",
     "flavor and image must not name different values", "name the same in both, or leave one out",
     EvaluateSettingConflicts},
    {v1::VIOLATION_REASON_INVALID_VALUE, kEveryModel,
     kThreadPolicy | BitOf(Key::kFlavorEmulatorThreads) | kPciAffinity | kAddressMode,
     "hw:cpu_thread_policy, hw:emulator_threads_policy, hw:pci_numa_affinity_policy, "
     "hw:maxphysaddr_mode",
     "nova refuses any word but its own: 'prefer', 'isolate', 'require' for threads; 'isolate', "
     "'share' for the emulator; 'required', 'preferred', 'legacy', 'socket' for PCI; "
     "'passthrough', 'emulate' for addresses; an empty one says nothing, but that of threads ends "
     "in an error beside a page size or dedicated CPUs",
     "correct the word, or remove the extra spec", EvaluateFlavorWords},
    {v1::VIOLATION_REASON_PAGE_SIZE_CONFLICT, kEveryModel, kPageSize,
     "hw:mem_page_size, hw_mem_page_size",
     "an image may name a page size only where the flavor says 'any' or 'large'",
     "remove the image's, or set the flavor's hw:mem_page_size=any", EvaluatePageSizeConflict},
    {v1::VIOLATION_REASON_INVALID_VALUE, kEveryModel, kPageSize,
     "hw:mem_page_size, hw_mem_page_size",
     "a page size must be 'small', 'large', 'any', KiB in digits, or a size as '2MB': nova refuses "
     "to "
     "start a server with '2M' or '2mb', although its API stores both",
     "write the size as 2MB or 1GB", EvaluatePageSizeWord},
    {v1::VIOLATION_REASON_LOCKED_MEMORY_CONFLICT, kEveryModel, kLockedMemory,
     "hw:locked_memory, hw_locked_memory",
     "flavor and image must not contradict each other, and what is no boolean counts as false",
     "set both to the same value, or leave one out",
     EvaluateBooleanConflict<Key::kFlavorLockedMemory, Key::kImageLockedMemory>},
    {v1::VIOLATION_REASON_LOCKED_MEMORY_WITHOUT_PAGE_SIZE, kEveryModel, kLockedMemory,
     "hw:locked_memory, hw_locked_memory, hw:mem_page_size, hw_mem_page_size",
     "memory can be asked to be locked only with a page size",
     "remove the setting: memory that must be locked for encryption is locked without it",
     EvaluateLockedMemory},
    {v1::VIOLATION_REASON_INVALID_VALUE, kEveryModel, kRefusedProperties, "image properties below",
     "nova refuses any word but its own for this property, which docs/rules.md lists",
     "correct the word, or remove the property", EvaluateImageWords},
    {v1::VIOLATION_REASON_INVALID_VALUE, kEveryModel, kRefusedProperties, "image properties below",
     "nova refuses anything but a whole number for this property, which docs/rules.md lists",
     "write a number in digits, or remove the property", EvaluateImageNumbers},
    {v1::VIOLATION_REASON_IMAGE_NOT_ACTIVE, kEveryModel, kImageStatus, "the image's status",
     "nova boots from active images alone",
     "wait until the image is uploaded, or activate it: openstack image set --activate",
     EvaluateImageStatus},
    {v1::VIOLATION_REASON_INVALID_VALUE, kEveryModel, kDevices, "block device's boot_index",
     "a boot index must be a whole number, or nothing (empty, 'None')",
     "number the boot device 0 and leave the others without", EvaluateBootIndex},
    {v1::VIOLATION_REASON_INVALID_VALUE, kEveryModel, kPlacementSpecs, "resources*:CLASS",
     "a resource must be named by A-Z, 0-9 and _, its amount be 0 to 2147483647 in digits",
     "correct the name or the amount", EvaluateResourceSpecs},
    {v1::VIOLATION_REASON_INVALID_VALUE, kEveryModel, kPlacementSpecs, "trait*:NAME",
     "a trait must be named by A-Z, 0-9 and _, and be 'required' (in a flavor also 'forbidden', "
     "unless the request itself requires it)",
     "correct the name or the value", EvaluateTraitSpecs},
    {v1::VIOLATION_REASON_OPERATION_REFUSED, kEveryModel, kAnything, "operation",
     "memory that the host cannot read can be neither saved nor sent: suspend and live migration "
     "are refused, all other operations are fine",
     "shelve the server instead of suspending it, migrate it cold instead of live",
     EvaluateOperation},
};

constexpr WarningRule kWarningRules[] = {
    {v1::WARNING_REASON_MODEL_IGNORED, WarnWhen::kNotConfidential, kEveryModel, kModel,
     "hw:mem_encryption_model, hw_mem_encryption_model",
     "a model alone encrypts nothing: the guest runs unencrypted",
     "set hw:mem_encryption=true or hw_mem_encryption=true, or remove the model", WarnModelIgnored},
    {v1::WARNING_REASON_ENCRYPTION_NOT_ASKED, WarnWhen::kNotConfidential, kEveryModel,
     kPlacementSpecs,
     "resources*:MEM_ENCRYPTION_CONTEXT, resources*:CUSTOM_CCPLACE_*_KEY, trait*: of a model",
     "a trait or a key alone encrypts nothing: the server takes a key, and the guest runs "
     "unencrypted",
     "set hw:mem_encryption=true and hw:mem_encryption_model, which ask for trait and key by "
     "themselves, or remove the setting",
     WarnEncryptionNotAsked},
    {v1::WARNING_REASON_ENCRYPTION_NOT_ASKED, WarnWhen::kNotConfidential, kEveryModel, kModelKeys,
     "hw:mem_encryption_tdx, hw_mem_encryption_tdx and the like",
     "no release reads such a key: encryption is asked for by one key, and its model named by "
     "another, so the guest runs unencrypted",
     "set hw:mem_encryption=true and hw:mem_encryption_model=intel-tdx on the flavor, and remove "
     "the key",
     WarnTdxKey},
    {v1::WARNING_REASON_ENCRYPTION_NOT_ASKED, WarnWhen::kNotConfidential, kEveryModel, kModelKeys,
     "hw:mem_encryption_sev, hw_mem_encryption_snp and the like",
     "no release reads such a key: encryption is asked for by one key, and its model named by "
     "another, so the guest runs unencrypted",
     "set hw:mem_encryption=true and hw:mem_encryption_model on the flavor ('amd-sev', "
     "'amd-sev-es' or 'amd-sev-snp'), and remove the key",
     WarnSevKey},
    {v1::WARNING_REASON_KEY_MISSPELT, WarnWhen::kConfidential, kEveryModel, kModelKeys,
     "hw:mem_encryption_tdx, hw_mem_encryption_tdx and the like",
     "no release reads such a key: encryption is asked for by one key, and its model named by "
     "another",
     "set hw:mem_encryption=true and hw:mem_encryption_model=intel-tdx on the flavor, and remove "
     "the key",
     WarnTdxKey},
    {v1::WARNING_REASON_KEY_MISSPELT, WarnWhen::kConfidential, kEveryModel, kModelKeys,
     "hw:mem_encryption_sev, hw_mem_encryption_snp and the like",
     "no release reads such a key: encryption is asked for by one key, and its model named by "
     "another",
     "set hw:mem_encryption=true and hw:mem_encryption_model on the flavor ('amd-sev', "
     "'amd-sev-es' or 'amd-sev-snp'), and remove the key",
     WarnSevKey},
    {v1::WARNING_REASON_MODEL_DEFAULTED, WarnWhen::kConfidential, kEveryModel, kAnything,
     "hw:mem_encryption_model, hw_mem_encryption_model", "nova's default, amd-sev, is taken",
     "name the model", WarnModelDefaulted},
    {v1::WARNING_REASON_VNC_USELESS, WarnWhen::kConfidential, kNoVideo, kGraphics,
     "hw_video_ram, hw_pointer_model, hw_input_bus",
     "graphics are asked for, and the guest has no video device: a VNC console shows nothing, "
     "even where the host offers one",
     "remove the setting, and use the serial console", WarnGraphicalConsole},
    {v1::WARNING_REASON_HUGE_PAGES_DEMOTED, WarnWhen::kConfidential, kSmallPages, kPageSize,
     "hw:mem_page_size, hw_mem_page_size",
     "the guest runs, but the kernel gives it 4 KiB pages for its private memory",
     "remove the setting, or set it to small", WarnHugePages},
    {v1::WARNING_REASON_SOFT_REBOOT_IS_RESTART, WarnWhen::kConfidential, kEveryModel, kAnything,
     "operation", "it is carried out as a shutdown and a start, and the memory's key changes",
     "expect the time that a shutdown and a start take", WarnSoftReboot},
    {v1::WARNING_REASON_KEY_NOT_READ, WarnWhen::kConfidential, kEveryModel, kFlavorMachine,
     "hw:firmware_type, hw:machine_type",
     "released nova does not read it, and from microversion 2.86 on refuses to store it",
     "set hw_firmware_type and hw_machine_type on the image, and remove the extra spec",
     WarnKeysNotRead, kNova},
    {v1::WARNING_REASON_RELEASED_NOVA_REFUSES, WarnWhen::kConfidential, kEveryModel, kFlavorMachine,
     "hw:firmware_type, hw:machine_type, hw_firmware_type, hw_machine_type",
     "the flavor says it for an image that does not, which released nova (34) does not read: it "
     "refuses the server",
     "set the image's property too", WarnReleasedNovaRefuses, kBlueprint},
    {v1::WARNING_REASON_EXTRA_SPEC_REFUSED, WarnWhen::kConfidential, kEveryModel, kRefusedSpecs,
     "every extra spec of the namespaces hw, os and resources",
     "nova's API refuses to store it from microversion 2.86 on: the name or the value is none that "
     "it knows",
     "correct the extra spec, or remove it", WarnExtraSpecRefused},
    {v1::WARNING_REASON_KEY_MISSPELT, WarnWhen::kAlways, kEveryModel, kMisspeltKeys,
     "every key of flavor and image",
     "nothing reads the first key, and the second looks like what was meant",
     "correct the key's spelling or its place (flavor or image), or remove it", WarnMisspelt},
};

// For each bit of a request's contents the rows that read it: most rows are passed over unseen.
constexpr size_t kContentsBits = 64;
using RowsByContent = std::array<RowSet, kContentsBits>;

template <typename Row, size_t N>
constexpr RowsByContent RowsReadingEach(const Row (&rows)[N]) {
  static_assert(N <= 64, "a row has no bit");
  RowsByContent reading{};
  for (size_t row = 0; row < N; ++row) {
    for (size_t bit = 0; bit < kContentsBits; ++bit) {
      if ((rows[row].reads >> bit & 1u) != 0) reading[bit] |= RowSet{1} << row;
    }
  }
  return reading;
}
constexpr RowsByContent kRulesByContent = RowsReadingEach(kRules);
constexpr RowsByContent kWarningRulesByContent = RowsReadingEach(kWarningRules);

RowSet RowsReading(Contents contents, const RowsByContent& by_content) {
  RowSet rows = 0;
  for (; contents != 0; contents &= contents - 1) {
    rows |= by_content[static_cast<size_t>(absl::countr_zero(contents))];
  }
  return rows;
}

}  // namespace

absl::Span<const Rule> Rules() { return kRules; }

RowSet RulesReading(Contents contents) { return RowsReading(contents, kRulesByContent); }

RowSet WarningRulesReading(Contents contents) {
  return RowsReading(contents, kWarningRulesByContent);
}

const Rule& RuleOf(v1::ViolationReason reason) {
  return *std::find_if(std::begin(kRules), std::end(kRules),
                       [reason](const Rule& rule) { return rule.reason == reason; });
}

absl::Span<const WarningRule> WarningRules() { return kWarningRules; }

}  // namespace ccplace::rules
