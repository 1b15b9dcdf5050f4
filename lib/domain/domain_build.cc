#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/domain/device_xml.h"
#include "lib/domain/domain_xml.h"
#include "lib/domain/os_xml.h"
#include "lib/domain/ownership.h"
#include "lib/domain/spec_defaults.h"
#include "lib/domain/xml_writer.h"

namespace ccplace {
namespace {

void WriteLaunch(const LaunchRecord& launch, XmlWriter& xml) {
  xml.Start(kLaunchElement).TextElement(kStartedAtElement, launch.started_at);
  xml.TextElement(kFirmwareElement, launch.firmware_path);
  xml.TextElement(kFirmwareSha384Element, absl::BytesToHexString(launch.firmware_sha384));
  if (!launch.mrtd.empty()) xml.TextElement(kMrtdElement, absl::BytesToHexString(launch.mrtd));
  if (!launch.tdx_module.empty()) xml.TextElement(kTdxModuleElement, launch.tdx_module);
  xml.End();
}

void WriteOwnership(const DomainOwnership& ownership, XmlWriter& xml) {
  if (!ownership.owner.empty()) xml.TextElement(kOwnerElement, ownership.owner);
  xml.TextElement(kRequestDigestElement, ownership.request_digest);
  xml.TextElement(kDefinedAtElement, ownership.defined_at);
  xml.TextElement(kServiceVersionElement, ownership.service_version);
  if (!ownership.firmware_path.empty()) xml.TextElement(kFirmwareElement, ownership.firmware_path);
  if (ownership.launch.has_value()) WriteLaunch(*ownership.launch, xml);
}

void WriteMetadata(const v1::TdxDomainSpec& spec, const DomainPolicy& policy, XmlWriter& xml) {
  xml.Start("metadata").Start(kOwnershipElement).Attribute("xmlns", kOwnershipNamespace);
  WriteOwnership({policy.request_digest, spec.owner(), policy.defined_at, policy.service_version,
                  "", std::nullopt},
                 xml);
  // By the prefix that libvirt itself writes once the element was set: os has a <firmware> too.
  if (!policy.firmware_path.empty()) {
    xml.Start("ccplace:firmware").Attribute("xmlns:ccplace", kOwnershipNamespace);
    xml.Text(policy.firmware_path).End();
  }
  xml.End().End();
}

// Shared memory alone: private memory is guest_memfd's, which QEMU sets up for every trust domain.
// memfd needs no hugetlbfs mount, and is the kind that other processes can be handed.
void WriteMemoryBacking(const v1::TdxDomainSpec& spec, XmlWriter& xml) {
  const uint64_t hugepage_size_kib = spec.memory_backing().hugepage_size_kib();
  const bool shared = NeedsSharedMemory(spec);
  if (hugepage_size_kib == 0 && !shared) return;
  xml.Start("memoryBacking");
  if (hugepage_size_kib != 0) {
    xml.Start("hugepages").Start("page").Attribute("size", hugepage_size_kib);
    xml.Attribute("unit", "KiB").End().End();
  }
  xml.Own(R"(<source type="memfd"/>)");
  if (shared) xml.Own(R"(<access mode="shared"/>)");
  xml.End();
}

void WritePlacement(const v1::TdxDomainSpec& spec, XmlWriter& xml) {
  const v1::Placement& placement = spec.placement();
  xml.Start("vcpu").Attribute("placement", "static");
  if (!placement.cpuset().empty()) xml.Attribute("cpuset", placement.cpuset());
  xml.Text(absl::StrCat(spec.vcpus())).End();
  if (!placement.emulator_cpuset().empty()) {
    xml.Start("cputune").Element("emulatorpin", "cpuset", placement.emulator_cpuset()).End();
  }
  if (!placement.numa_nodeset().empty()) {
    xml.Start("numatune");
    xml.Element("memory", "mode", "strict", "nodeset", placement.numa_nodeset()).End();
  }
}

// A trust domain can have neither a PMU of the host's nor System Management Mode: libvirt refuses
// both. Its I/O APIC is QEMU's (split irqchip), since KVM cannot see the interrupt acknowledgements
// that one of its own would need, and refuses it (Linux, arch/x86/kvm/vmx/tdx.c); libvirt takes no
// other, but leaves it to QEMU when nothing is said.
constexpr char kFeatures[] = R"(<features>
    <acpi/>
    <apic/>
    <ioapic driver="qemu"/>
    <pmu state="off"/>
    <smm state="off"/>
  </features>)";

// migratable='on' keeps out host features that QEMU has no name for, and so cannot check against
// what the TDX module allows; the invariant TSC, which it would leave out too, is forced on by QEMU
// for every trust domain (target/i386/kvm/tdx.c, tdx_cpu_instance_init).
void WriteCpu(const v1::TdxDomainSpec& spec, XmlWriter& xml) {
  const v1::CpuTopology topology = CpuTopologyOf(spec);
  xml.Start("cpu").Attribute("mode", "host-passthrough").Attribute("check", "none");
  xml.Attribute("migratable", "on");
  xml.Start("topology").Attribute("sockets", topology.sockets());
  xml.Attribute("dies", topology.dies()).Attribute("cores", topology.cores());
  xml.Attribute("threads", topology.threads()).End().End();
}

// A trust domain keeps time by the TSC, which the TDX module itself provides. Its memory cannot be
// saved, so it has no sleep states. A reboot from inside makes the trust domain anew, in the same
// QEMU process, which reads the firmware's file again; `virsh reset` has libvirt end that process
// and start another.
constexpr char kLifecycle[] = R"(<clock offset="utc">
    <timer name="hpet" present="no"/>
  </clock>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <pm>
    <suspend-to-mem enabled="no"/>
    <suspend-to-disk enabled="no"/>
  </pm>)";

void WriteSerial(const v1::TdxDomainSpec& spec, XmlWriter& xml) {
  xml.Start("serial").Attribute("type", "pty");
  if (!spec.serial_log_path().empty()) {
    xml.Element("log", "file", spec.serial_log_path(), "append", "on");
  }
  xml.Own(R"(<target type="isa-serial" port="0"/>)").End();
}

void WriteVsock(const v1::Vsock& vsock, XmlWriter& xml) {
  xml.Start("vsock").Attribute("model", "virtio").Start("cid");
  if (vsock.cid() == 0) {
    xml.Attribute("auto", "yes");
  } else {
    xml.Attribute("auto", "no").Attribute("address", vsock.cid());
  }
  xml.End().End();
}

constexpr char kBalloonAndRng[] = R"(<memballoon model="none"/>
    <rng model="virtio">
      <backend model="random">/dev/urandom</backend>
    </rng>)";

// No USB, no balloon, no video: each is device model that the guest does not need and the host
// could attack it through.
void WriteDevices(const v1::TdxDomainSpec& spec, XmlWriter& xml) {
  xml.Start("devices");
  WriteDisks(spec, xml);
  xml.Own(R"(<controller type="usb" model="none"/>)");
  WriteInterfaces(spec, xml);
  WriteSerial(spec, xml);
  xml.Own(kBalloonAndRng);
  if (spec.has_vsock()) WriteVsock(spec.vsock(), xml);
  xml.End();
}

void WriteLaunchBytes(const char* name, const std::string& bytes, XmlWriter& xml) {
  if (!bytes.empty()) xml.TextElement(name, absl::Base64Escape(bytes));
}

// The service's element is <quoteGenerationService>; without a path libvirt takes the default
// socket.
void WriteLaunchSecurity(const v1::LaunchData& launch, const DomainPolicy& policy, XmlWriter& xml) {
  const uint64_t td_policy = kTdPolicy | (launch.debug() ? kTdPolicyDebug : 0);
  xml.Start("launchSecurity").Attribute("type", "tdx");
  xml.TextElement("policy", absl::StrFormat("0x%x", td_policy));
  WriteLaunchBytes("mrConfigId", launch.mr_config_id(), xml);
  WriteLaunchBytes("mrOwner", launch.mr_owner(), xml);
  WriteLaunchBytes("mrOwnerConfig", launch.mr_owner_config(), xml);
  xml.Start("quoteGenerationService");
  if (!policy.quote_service_path.empty()) xml.Attribute("path", policy.quote_service_path);
  xml.End().End();
}

}  // namespace

absl::StatusOr<std::string> BuildOwnershipXml(const DomainOwnership& ownership) {
  XmlWriter xml;
  xml.Start(kOwnershipElement);
  WriteOwnership(ownership, xml);
  xml.End();
  return xml.Finish();
}

absl::StatusOr<std::string> BuildDomainXml(const v1::DefineTdxDomainRequest& request,
                                           const DomainPolicy& policy) {
  const v1::TdxDomainSpec& spec = request.domain();
  XmlWriter xml;
  xml.Start("domain").Attribute("type", "kvm");
  xml.TextElement("name", spec.name()).TextElement("uuid", spec.uuid());
  WriteMetadata(spec, policy, xml);
  xml.Start("memory").Attribute("unit", "MiB").Text(absl::StrCat(spec.memory_mib())).End();
  WriteMemoryBacking(spec, xml);
  WritePlacement(spec, xml);
  // Read-only flash, which a stateless loader could be too, is refused for trust domains: a
  // descriptor that offers it and sorts first would be chosen.
  WriteOs(policy.machine_type, policy.secure_boot, Loader::kStatelessRom, xml);
  xml.Own(kFeatures);
  WriteCpu(spec, xml);
  xml.Own(kLifecycle);
  WriteDevices(spec, xml);
  WriteLaunchSecurity(request.launch(), policy, xml);
  xml.End();
  return xml.Finish();
}

}  // namespace ccplace
