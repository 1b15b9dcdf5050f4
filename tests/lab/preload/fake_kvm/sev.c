// AMD SEV, SEV-ES and SEV-SNP: /dev/sev and KVM_MEMORY_ENCRYPT_OP of their virtual machines (Linux,
// Documentation/virt/kvm/x86/amd-memory-encryption.rst, include/uapi/linux/psp-sev.h).
#include <errno.h>
#include <linux/psp-sev.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "fake_kvm.h"
#include "numbers.h"

enum { kCertificateBytes = 2084, kChainBytes = 6252, kIdBytes = 64, kMeasurementBytes = 48 };

static void *At(uint64_t address) { return (void *)(uintptr_t)address; }

// What the firmware answers where it needs more room, having said how much.
static int RoomFor(int is_enough) { return is_enough ? SEV_RET_SUCCESS : SEV_RET_INVALID_LEN; }

static int Answer(int firmware_error) {
  errno = EIO;
  return firmware_error == SEV_RET_SUCCESS ? 0 : -1;
}

static int PlatformStatus(struct sev_user_data_status *status) {
  *status = (struct sev_user_data_status){
      .api_major = 1, .api_minor = 55, .state = 2, .flags = kSevStatusConfigEs, .build = 9};
  return 0;
}

static int ExportCertificates(struct sev_user_data_pdh_cert_export *certificates) {
  const int is_enough = certificates->pdh_cert_len >= kCertificateBytes &&
                        certificates->cert_chain_len >= kChainBytes;
  certificates->pdh_cert_len = kCertificateBytes;
  certificates->cert_chain_len = kChainBytes;
  if (is_enough) memset(At(certificates->pdh_cert_address), 0, kCertificateBytes);
  if (is_enough) memset(At(certificates->cert_chain_address), 0, kChainBytes);
  return RoomFor(is_enough);
}

static int GetId(struct sev_user_data_get_id2 *id) {
  const int is_enough = id->length >= kIdBytes;
  id->length = kIdBytes;
  if (is_enough) memset(At(id->address), 0, kIdBytes);
  return RoomFor(is_enough);
}

int SevFirmware(unsigned long argument) {
  struct sev_issue_cmd *command = (struct sev_issue_cmd *)argument;
  void *data = At(command->data);
  switch (command->cmd) {
    case SEV_PLATFORM_STATUS:
      command->error = PlatformStatus(data);
      break;
    case SEV_PDH_CERT_EXPORT:
      command->error = ExportCertificates(data);
      break;
    case SEV_GET_ID2:
      command->error = GetId(data);
      break;
    default:
      command->error = SEV_RET_UNSUPPORTED;
  }
  return Answer(command->error);
}

static int Record(uint64_t policy) {
  int policies = OpenRecord("sev-policies", 0);
  int result = WriteRecord(policies, &policy, sizeof(policy));
  close(policies);
  return result;
}

static int LaunchStart(struct kvm_sev_launch_start *start) {
  start->handle = 1;
  return Record(start->policy);
}

static int LaunchMeasure(struct kvm_sev_launch_measure *measurement) {
  const int is_enough = measurement->len >= kMeasurementBytes;
  measurement->len = kMeasurementBytes;
  if (is_enough) memset(At(measurement->uaddr), 0, kMeasurementBytes);
  return RoomFor(is_enough);
}

static int GuestStatus(struct kvm_sev_guest_status *status) {
  *status = (struct kvm_sev_guest_status){.handle = 1, .state = 2};
  return 0;
}

static int SnpLaunchUpdate(struct SnpLaunchUpdate *update) {
  update->page += update->bytes / kPageBytes;
  update->source += update->bytes;
  update->bytes = 0;
  return 0;
}

// What has no answer of its own succeeds. Without a command it asks whether there is SEV.
int SevOperation(int fd, unsigned long argument) {
  struct kvm_sev_cmd *command = (struct kvm_sev_cmd *)argument;
  if (command == NULL) return 0;
  void *data = At(command->data);
  command->error = SEV_RET_SUCCESS;
  switch (command->id) {
    case KVM_SEV_INIT:
      return TakeKey(fd, kSevKey);
    case KVM_SEV_ES_INIT:
      return TakeKey(fd, kSevEsKey);
    case kSevInit2:
      return TakeKey(fd, VmType() == kSevVm ? kSevKey : kSevEsKey);
    case KVM_SEV_LAUNCH_START:
      return LaunchStart(data);
    case KVM_SEV_LAUNCH_MEASURE:
      command->error = LaunchMeasure(data);
      break;
    case KVM_SEV_GUEST_STATUS:
      return GuestStatus(data);
    case kSnpLaunchStart:
      return Record(*(const uint64_t *)data);
    case kSnpLaunchUpdate:
      return SnpLaunchUpdate(data);
    default:
      break;
  }
  return Answer(command->error);
}
