// Disks, interfaces and other devices of a domain's XML as settings.
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/domain/domain_settings.h"
#include "lib/xml/xml_document.h"

namespace ccplace {
namespace {

std::string TextAttribute(const xmlNode* parent, const char* child, const char* attribute) {
  return AttributeOf(FindChild(parent, child), attribute);
}

// Where libvirt states a protocol's own port, nobody asked for another.
std::string HostOf(const xmlNode* host, absl::string_view protocol) {
  const std::string port = AttributeOf(host, "port");
  const bool own = port.empty() || port == "0" || (protocol == "iscsi" && port == "3260") ||
                   (protocol == "rbd" && (port == "6789" || port == "3300"));
  return absl::StrCat(AttributeOf(host, "name"), own ? "" : absl::StrCat(":", port));
}

std::string NetworkSource(const xmlNode* source) {
  const std::string protocol = AttributeOf(source, "protocol");
  std::string text = absl::StrCat(protocol, " ", AttributeOf(source, "name"));
  EachChild(source, "host",
            [&](const xmlNode* host) { absl::StrAppend(&text, " ", HostOf(host, protocol)); });
  const xmlNode* auth = FindChild(source, "auth");
  if (auth == nullptr) return text;
  return absl::StrCat(text, " as ", AttributeOf(auth, "username"), " with secret ",
                      TextAttribute(auth, "secret", "uuid"));
}

std::string DiskSource(const xmlNode* disk) {
  const xmlNode* source = FindChild(disk, "source");
  const std::string type = AttributeOf(disk, "type");
  if (source == nullptr) return type;
  if (type == "file") return absl::StrCat("file ", AttributeOf(source, "file"));
  if (type == "block") return absl::StrCat("block ", AttributeOf(source, "dev"));
  return type == "network" ? NetworkSource(source) : type;
}

void ReadDisk(const xmlNode* disk, DomainSettings& settings) {
  const xmlNode* target = FindChild(disk, "target");
  const std::string key = Printable(AttributeOf(target, "dev"));
  settings.disk_order.try_emplace(key, static_cast<int>(settings.disk_order.size()));
  Settings& out = settings.disks[key];
  const xmlNode* driver = FindChild(disk, "driver");
  Set(out, "source", DiskSource(disk));
  Set(out, "device", AttributeOf(disk, "device"));
  Set(out, "format", AttributeOf(driver, "type"));
  Set(out, "bus", AttributeOf(target, "bus"));
  Set(out, "cache", AttributeOf(driver, "cache"));
  Set(out, "io", AttributeOf(driver, "io"));
  Set(out, "queues", AttributeOf(driver, "queues"));
  const std::string discard = AttributeOf(driver, "discard");
  Set(out, "discard", discard == "ignore" ? "" : discard);
  Set(out, "read_only", FindChild(disk, "readonly") == nullptr ? "" : "true");
  Set(out, "shareable", FindChild(disk, "shareable") == nullptr ? "" : "true");
  Set(out, "boot_order", TextAttribute(disk, "boot", "order"));
  Set(out, "serial", TextOf(FindChild(disk, "serial")));
}

std::string InterfaceSource(const xmlNode* interface) {
  const std::string type = AttributeOf(interface, "type");
  const xmlNode* source = FindChild(interface, "source");
  if (type == "network") return absl::StrCat("network ", AttributeOf(source, "network"));
  if (type == "vhostuser") {
    return absl::StrCat("vhost-user ", AttributeOf(source, "path"), " as ",
                        AttributeOf(source, "mode"));
  }
  if (type != "bridge") return type;
  const std::string port = TextAttribute(interface, "virtualport", "type");
  return absl::StrCat(port.empty() ? "bridge" : port, " ", AttributeOf(source, "bridge"));
}

// Names that libvirt gives are no choice of anybody's: "vnet..." is kept for it.
void ReadInterface(const xmlNode* interface, DomainSettings& settings) {
  const std::string mac =
      Printable(absl::AsciiStrToLower(TextAttribute(interface, "mac", "address")));
  settings.interface_order.try_emplace(mac, static_cast<int>(settings.interface_order.size()));
  Settings& out = settings.interfaces[mac];
  Set(out, "source", InterfaceSource(interface));
  Set(out, "ovs.interface_id",
      TextAttribute(FindChild(interface, "virtualport"), "parameters", "interfaceid"));
  Set(out, "model", TextAttribute(interface, "model", "type"));
  const std::string target = TextAttribute(interface, "target", "dev");
  Set(out, "target_device", absl::StartsWith(target, "vnet") ? "" : target);
  const std::string queues = TextAttribute(interface, "driver", "queues");
  Set(out, "queues", queues == "1" ? "" : queues);
  Set(out, "mtu", TextAttribute(interface, "mtu", "size"));
  Set(out, "boot_order", TextAttribute(interface, "boot", "order"));
  Set(out, "rom", TextAttribute(interface, "rom", "enabled"));
}

void ReadVsock(const xmlNode* devices, Settings& out) {
  const xmlNode* cid = FindChild(FindChild(devices, "vsock"), "cid");
  const bool automatic = AttributeOf(cid, "auto") == "yes";
  Set(out, "domain.vsock.cid", automatic ? "the kernel's choice" : AttributeOf(cid, "address"));
}

}  // namespace

void ReadDeviceSettings(const xmlNode* devices, DomainSettings& settings) {
  if (devices == nullptr) return;
  EachChild(devices, "disk", [&](const xmlNode* disk) { ReadDisk(disk, settings); });
  EachChild(devices, "interface", [&](const xmlNode* device) { ReadInterface(device, settings); });
  Settings& out = settings.domain;
  Set(out, "domain.serial_log_path", TextAttribute(FindChild(devices, "serial"), "log", "file"));
  ReadVsock(devices, out);
  Set(out, "xml.devices.memballoon", TextAttribute(devices, "memballoon", "model"));
  Set(out, "xml.devices.rng", TextAttribute(devices, "rng", "model"));
  const std::string video = TextAttribute(FindChild(devices, "video"), "model", "type");
  Set(out, "xml.devices.video", video == "none" ? "" : video);
  // libvirt gives each machine controllers, inputs, a console, a sound backend and a watchdog of
  // its chipset's, and an I/O MMU to one of more than 255 processors.
  SetOthers(devices, "xml.devices",
            "|emulator|disk|interface|serial|console|controller|input|audio|watchdog|iommu"
            "|memballoon|rng|vsock|video|",
            out);
}

}  // namespace ccplace
