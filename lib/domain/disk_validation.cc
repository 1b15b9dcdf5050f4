#include <string>

#include "absl/strings/str_cat.h"
#include "lib/domain/device_validation.h"
#include "lib/domain/spec_defaults.h"

namespace ccplace {
namespace {

constexpr int kMaxRbdHosts = 16;
constexpr uint32_t kMaxQueues = 256;
// QEMU's virtio-scsi and libiscsi take a LUN of 14 bits (VIRTIO_SCSI_MAX_LUN,
// hw/scsi/virtio-scsi.c).
constexpr uint32_t kMaxLun = 16383;

void ValidateHost(const MessageValidator& check, const v1::StorageHost& host) {
  check.Text("name", host.name(), kHostNameText);
  check.RangeOrZero("port", host.port(), 1, 65535);
}

void ValidateAuth(const MessageValidator& check, const v1::StorageAuth& auth) {
  check.Text("username", auth.username(), kUserNameText);
  check.Text("secret_uuid", auth.secret_uuid(), kUuidText);
}

void ValidateRbd(const MessageValidator& check, const v1::RbdSource& rbd) {
  check.Text("pool", rbd.pool(), kRbdNameText);
  check.Text("image", rbd.image(), kRbdNameText);
  if (check.Count("hosts", rbd.hosts_size(), kMaxRbdHosts)) {
    for (int i = 0; i < rbd.hosts_size(); ++i) ValidateHost(check.In("hosts", i), rbd.hosts(i));
  }
  if (rbd.has_auth()) ValidateAuth(check.In("auth"), rbd.auth());
}

void ValidateIscsi(const MessageValidator& check, const v1::IscsiSource& iscsi) {
  ValidateHost(check.In("portal"), iscsi.portal());
  check.Text("target", iscsi.target(), kIscsiTargetText);
  check.Range("lun", iscsi.lun(), 0, kMaxLun);
  if (iscsi.has_auth()) ValidateAuth(check.In("auth"), iscsi.auth());
}

void ValidateSource(const MessageValidator& check, const v1::Disk& disk) {
  switch (disk.source_case()) {
    case v1::Disk::kFile:
      return check.In("file").Text("path", disk.file().path(), kFilePathText);
    case v1::Disk::kBlock:
      return check.In("block").Text("path", disk.block().path(), kFilePathText);
    case v1::Disk::kRbd:
      return ValidateRbd(check.In("rbd"), disk.rbd());
    case v1::Disk::kIscsi:
      return ValidateIscsi(check.In("iscsi"), disk.iscsi());
    case v1::Disk::SOURCE_NOT_SET:
      return check.Fault("source", "is missing; give file, block, rbd or iscsi");
  }
}

// Whether two domains that write to the disk see what the other wrote.
bool IsPlain(const v1::Disk& disk) {
  return disk.format() != v1::DISK_FORMAT_QCOW2 && disk.cache() != v1::DISK_CACHE_WRITEBACK &&
         disk.cache() != v1::DISK_CACHE_WRITETHROUGH;
}

// What each field allows by itself, and the others rule out.
void ValidateTogether(const MessageValidator& check, const v1::Disk& disk, uint32_t boot_order) {
  const bool network = disk.has_rbd() || disk.has_iscsi();
  if (network && disk.format() == v1::DISK_FORMAT_QCOW2) {
    check.Fault("format", "is DISK_FORMAT_QCOW2; give DISK_FORMAT_RAW with rbd and iscsi");
  }
  if (disk.shareable() && !IsPlain(disk)) {
    check.Fault("shareable", "is true; give DISK_FORMAT_RAW and DISK_CACHE_NONE with it");
  }
  if (disk.bus() != v1::DISK_BUS_SCSI) return;
  if (disk.queues() != 0) {
    check.Fault("queues", absl::StrCat("is ", disk.queues(), "; give 0 with DISK_BUS_SCSI"));
  }
  if (boot_order != 0) {
    check.Fault("bus",
                "is DISK_BUS_SCSI on a disk that is booted from; give DISK_BUS_VIRTIO, or "
                "boot_order to another device");
  }
}

// Two devices that write to one image destroy it.
void ValidateImage(const MessageValidator& check, const v1::Disk& disk, UniqueValues& images) {
  if (disk.has_file()) images.Check(check.In("file"), "path", disk.file().path());
  if (disk.has_block()) images.Check(check.In("block"), "path", disk.block().path());
}

void ValidateDisk(const MessageValidator& check, const v1::Disk& disk) {
  ValidateSource(check, disk);
  check.Enum("format", disk.format(), v1::DiskFormat_IsValid);
  check.Enum("bus", disk.bus(), v1::DiskBus_IsValid);
  check.Enum("cache", disk.cache(), v1::DiskCache_IsValid);
  check.Text("serial", disk.serial(), Optional(kSerialText));
  check.RangeOrZero("queues", disk.queues(), 1, kMaxQueues);
}

}  // namespace

void ValidateDisks(const MessageValidator& domain, const v1::TdxDomainSpec& spec,
                   UniqueValues& boot_orders) {
  if (!domain.Count("disks", spec.disks_size(), kMaxDisks)) return;
  UniqueValues images;
  UniqueValues serials;
  for (int i = 0; i < spec.disks_size(); ++i) {
    const MessageValidator check = domain.In("disks", i);
    const v1::Disk& disk = spec.disks(i);
    ValidateDisk(check, disk);
    ValidateTogether(check, disk, BootOrderOfDisk(spec, i));
    ValidateBootOrder(check, disk.boot_order(), boot_orders);
    ValidateImage(check, disk, images);
    serials.Check(check, "serial", disk.serial());
  }
}

}  // namespace ccplace
