#include "absl/strings/ascii.h"
#include "lib/domain/device_xml.h"

namespace ccplace {
namespace {

const char* TypeOf(const v1::NetworkInterface& interface) {
  if (interface.has_vhost_user()) return "vhostuser";
  return interface.has_network() ? "network" : "bridge";
}

void WriteVirtualPort(const v1::OvsSource& ovs, XmlWriter& xml) {
  xml.Start("virtualport").Attribute("type", "openvswitch");
  if (!ovs.interface_id().empty()) xml.Element("parameters", "interfaceid", ovs.interface_id());
  xml.End();
}

void WriteVhostUser(const v1::VhostUserSource& vhost_user, XmlWriter& xml) {
  xml.Start("source").Attribute("type", "unix").Attribute("path", vhost_user.socket_path());
  xml.Attribute("mode", vhost_user.server() ? "server" : "client").End();
}

void WriteSource(const v1::NetworkInterface& interface, XmlWriter& xml) {
  switch (interface.source_case()) {
    case v1::NetworkInterface::kBridge:
      xml.Element("source", "bridge", interface.bridge().bridge());
      break;
    case v1::NetworkInterface::kOvs:
      xml.Element("source", "bridge", interface.ovs().bridge());
      WriteVirtualPort(interface.ovs(), xml);
      break;
    case v1::NetworkInterface::kVhostUser:
      WriteVhostUser(interface.vhost_user(), xml);
      break;
    case v1::NetworkInterface::kNetwork:
      xml.Element("source", "network", interface.network().network());
      break;
    case v1::NetworkInterface::SOURCE_NOT_SET:
      break;
  }
}

void WriteInterface(const v1::NetworkInterface& interface, XmlWriter& xml) {
  xml.Start("interface").Attribute("type", TypeOf(interface));
  xml.Element("mac", "address", absl::AsciiStrToLower(interface.mac()));
  WriteSource(interface, xml);
  if (!interface.target_device().empty()) xml.Element("target", "dev", interface.target_device());
  xml.Own(R"(<model type="virtio"/>)");
  if (interface.queues() > 1) {
    xml.Start("driver").Attribute("queues", interface.queues()).End();
  }
  if (interface.mtu() != 0) xml.Start("mtu").Attribute("size", interface.mtu()).End();
  if (interface.boot_order() != 0) {
    xml.Start("boot").Attribute("order", interface.boot_order()).End();
  }
  // The host's option ROM would be code in the trust domain that its owner did not choose; the
  // firmware boots from the network by itself.
  xml.Own(R"(<rom enabled="no"/>)").End();
}

}  // namespace

void WriteInterfaces(const v1::TdxDomainSpec& spec, XmlWriter& xml) {
  for (const v1::NetworkInterface& interface : spec.interfaces()) WriteInterface(interface, xml);
}

}  // namespace ccplace
