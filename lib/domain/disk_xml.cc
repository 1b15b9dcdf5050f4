#include <string>

#include "absl/strings/str_cat.h"
#include "lib/domain/device_xml.h"
#include "lib/domain/spec_defaults.h"

namespace ccplace {
namespace {

// "vda" to "vdz", then "vdaa": the kernel's own scheme (sd_format_disk_name, drivers/scsi/sd.c).
std::string DeviceName(const char* prefix, int index) {
  std::string letters;
  for (int rest = index; rest >= 0; rest = rest / 26 - 1) {
    letters.insert(letters.begin(), static_cast<char>('a' + rest % 26));
  }
  return absl::StrCat(prefix, letters);
}

const char* TypeOf(const v1::Disk& disk) {
  switch (disk.source_case()) {
    case v1::Disk::kFile:
      return "file";
    case v1::Disk::kBlock:
      return "block";
    default:
      return "network";
  }
}

const char* CacheOf(const v1::Disk& disk) {
  switch (disk.cache()) {
    case v1::DISK_CACHE_WRITEBACK:
      return "writeback";
    case v1::DISK_CACHE_WRITETHROUGH:
      return "writethrough";
    default:
      return "none";
  }
}

// Linux AIO needs O_DIRECT, which is what the host's cache being off means; QEMU's own drivers for
// network storage do without.
bool UsesNativeIo(const v1::Disk& disk) {
  const bool local = disk.has_file() || disk.has_block();
  return local && disk.cache() != v1::DISK_CACHE_WRITEBACK &&
         disk.cache() != v1::DISK_CACHE_WRITETHROUGH;
}

void WriteDriver(const v1::Disk& disk, XmlWriter& xml) {
  const bool qcow2 = disk.format() == v1::DISK_FORMAT_QCOW2;
  xml.Start("driver").Attribute("name", "qemu").Attribute("type", qcow2 ? "qcow2" : "raw");
  xml.Attribute("cache", CacheOf(disk));
  if (UsesNativeIo(disk)) xml.Attribute("io", "native");
  if (disk.discard()) xml.Attribute("discard", "unmap");
  if (disk.queues() != 0) xml.Attribute("queues", disk.queues());
  xml.End();
}

void WriteHost(const v1::StorageHost& host, XmlWriter& xml) {
  xml.Start("host").Attribute("name", host.name());
  if (host.port() != 0) xml.Attribute("port", host.port());
  xml.End();
}

void WriteAuth(const v1::StorageAuth& auth, const char* secret_type, XmlWriter& xml) {
  xml.Start("auth").Attribute("username", auth.username());
  xml.Element("secret", "type", secret_type, "uuid", auth.secret_uuid()).End();
}

void WriteRbdSource(const v1::RbdSource& rbd, XmlWriter& xml) {
  xml.Start("source").Attribute("protocol", "rbd");
  xml.Attribute("name", absl::StrCat(rbd.pool(), "/", rbd.image()));
  for (const v1::StorageHost& host : rbd.hosts()) WriteHost(host, xml);
  if (rbd.has_auth()) WriteAuth(rbd.auth(), "ceph", xml);
  xml.End();
}

void WriteIscsiSource(const v1::IscsiSource& iscsi, XmlWriter& xml) {
  xml.Start("source").Attribute("protocol", "iscsi");
  xml.Attribute("name", absl::StrCat(iscsi.target(), "/", iscsi.lun()));
  WriteHost(iscsi.portal(), xml);
  if (iscsi.has_auth()) WriteAuth(iscsi.auth(), "iscsi", xml);
  xml.End();
}

void WriteSource(const v1::Disk& disk, XmlWriter& xml) {
  switch (disk.source_case()) {
    case v1::Disk::kFile:
      xml.Element("source", "file", disk.file().path());
      break;
    case v1::Disk::kBlock:
      xml.Element("source", "dev", disk.block().path());
      break;
    case v1::Disk::kRbd:
      WriteRbdSource(disk.rbd(), xml);
      break;
    case v1::Disk::kIscsi:
      WriteIscsiSource(disk.iscsi(), xml);
      break;
    case v1::Disk::SOURCE_NOT_SET:
      break;
  }
}

// One SCSI target for each disk: all on one controller, where a name alone would have libvirt add
// controllers of its own choice after the fifteenth.
void WriteScsiAddress(int target, XmlWriter& xml) {
  xml.Start("address").Attribute("type", "drive").Attribute("controller", 0u);
  xml.Attribute("bus", 0u).Attribute("target", static_cast<uint64_t>(target));
  xml.Attribute("unit", 0u).End();
}

// `index` counts the disks on the same bus.
void WriteDisk(const v1::Disk& disk, int index, uint32_t boot_order, XmlWriter& xml) {
  const bool scsi = disk.bus() == v1::DISK_BUS_SCSI;
  xml.Start("disk").Attribute("type", TypeOf(disk)).Attribute("device", "disk");
  WriteDriver(disk, xml);
  WriteSource(disk, xml);
  // No file but the image itself, whatever its header says: libvirt then gives QEMU "backing: null"
  // and looks for no chain.
  if (disk.format() == v1::DISK_FORMAT_QCOW2) xml.Own("<backingStore/>");
  xml.Element("target", "dev", DeviceName(scsi ? "sd" : "vd", index), "bus",
              scsi ? "scsi" : "virtio");
  if (disk.read_only()) xml.Own("<readonly/>");
  if (disk.shareable()) xml.Own("<shareable/>");
  if (!disk.serial().empty()) xml.TextElement("serial", disk.serial());
  if (boot_order != 0) xml.Start("boot").Attribute("order", boot_order).End();
  if (scsi) WriteScsiAddress(index, xml);
  xml.End();
}

}  // namespace

void WriteDisks(const v1::TdxDomainSpec& spec, XmlWriter& xml) {
  int virtio_count = 0;
  int scsi_count = 0;
  for (int i = 0; i < spec.disks_size(); ++i) {
    const v1::Disk& disk = spec.disks(i);
    int& count = disk.bus() == v1::DISK_BUS_SCSI ? scsi_count : virtio_count;
    WriteDisk(disk, count++, BootOrderOfDisk(spec, i), xml);
  }
  if (scsi_count > 0) xml.Own(R"(<controller type="scsi" index="0" model="virtio-scsi"/>)");
}

}  // namespace ccplace
