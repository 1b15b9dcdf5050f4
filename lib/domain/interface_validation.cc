#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/domain/device_validation.h"

namespace ccplace {
namespace {

// The smallest MTU that IPv4 allows (RFC 791), and the largest that virtio's 16 bits hold.
constexpr uint32_t kMinMtu = 68;
constexpr uint32_t kMaxMtu = 65535;
// MAX_TAP_QUEUES (Linux, drivers/net/tun.c).
constexpr uint32_t kMaxQueuePairs = 256;

void ValidateOvs(const MessageValidator& check, const v1::OvsSource& ovs) {
  check.Text("bridge", ovs.bridge(), kNetworkDeviceText);
  check.Text("interface_id", ovs.interface_id(), Optional(kUuidText));
}

void ValidateSource(const MessageValidator& check, const v1::NetworkInterface& interface) {
  switch (interface.source_case()) {
    case v1::NetworkInterface::kBridge:
      return check.In("bridge").Text("bridge", interface.bridge().bridge(), kNetworkDeviceText);
    case v1::NetworkInterface::kOvs:
      return ValidateOvs(check.In("ovs"), interface.ovs());
    case v1::NetworkInterface::kVhostUser:
      return check.In("vhost_user")
          .Text("socket_path", interface.vhost_user().socket_path(), kSocketPathText);
    case v1::NetworkInterface::kNetwork:
      return check.In("network").Text("network", interface.network().network(), kNetworkNameText);
    case v1::NetworkInterface::SOURCE_NOT_SET:
      return check.Fault("source", "is missing; give bridge, ovs, vhost_user or network");
  }
}

void ValidateTarget(const MessageValidator& check, const v1::NetworkInterface& interface) {
  check.Text("target_device", interface.target_device(), Optional(kTargetDeviceText));
  if (interface.has_vhost_user() && !interface.target_device().empty()) {
    check.Fault("target_device", "is set; leave it out with vhost_user, which has no tap");
  }
}

void ValidateInterface(const MessageValidator& check, const v1::NetworkInterface& interface) {
  ValidateSource(check, interface);
  check.Text("mac", interface.mac(), kMacText);
  check.RangeOrZero("mtu", interface.mtu(), kMinMtu, kMaxMtu);
  check.RangeOrZero("queues", interface.queues(), 1, kMaxQueuePairs);
  ValidateTarget(check, interface);
}

}  // namespace

void ValidateInterfaces(const MessageValidator& domain, const v1::TdxDomainSpec& spec,
                        UniqueValues& boot_orders) {
  if (!domain.Count("interfaces", spec.interfaces_size(), kMaxInterfaces)) return;
  UniqueValues macs;
  UniqueValues targets;
  UniqueValues sockets;
  for (int i = 0; i < spec.interfaces_size(); ++i) {
    const MessageValidator check = domain.In("interfaces", i);
    const v1::NetworkInterface& interface = spec.interfaces(i);
    ValidateInterface(check, interface);
    ValidateBootOrder(check, interface.boot_order(), boot_orders);
    macs.Check(check, "mac", absl::AsciiStrToLower(interface.mac()));
    targets.Check(check, "target_device", interface.target_device());
    sockets.Check(check.In("vhost_user"), "socket_path", interface.vhost_user().socket_path());
  }
}

}  // namespace ccplace
