#include "lib/domain/domain_compare.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/domain/domain_xml.h"
#include "tests/unit/domain/requests.h"

namespace ccplace {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr auto kDefinition = v1::DOMAIN_SIDE_DEFINITION;

// What was asked for, as this service writes it ...
constexpr char kAsked[] = R"(<domain type="kvm">
  <name>td</name><uuid>5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3d</uuid>
  <memory unit="MiB">2048</memory>
  <memoryBacking><hugepages><page size="2048" unit="KiB"/></hugepages><source type="memfd"/>
    <access mode="shared"/></memoryBacking>
  <vcpu placement="static" cpuset="0,1,2,8">2</vcpu>
  <numatune><memory mode="strict" nodeset="0,1"/></numatune>
  <os firmware="efi"><type arch="x86_64" machine="q35">hvm</type><loader stateless="yes"/></os>
  <features><acpi/><apic/><ioapic driver="qemu"/><pmu state="off"/><smm state="off"/></features>
  <cpu mode="host-passthrough" check="none" migratable="on">
    <topology sockets="1" dies="1" cores="2" threads="1"/></cpu>
  <clock offset="utc"><timer name="hpet" present="no"/></clock>
  <on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>
  <devices>
    <disk type="file" device="disk"><driver name="qemu" type="raw" cache="none" io="native"/>
      <source file="/images/a.raw"/><target dev="vda" bus="virtio"/><boot order="1"/></disk>
    <disk type="network" device="disk"><driver name="qemu" type="raw" cache="none"/>
      <source protocol="iscsi" name="iqn.a/1"><host name="portal"/></source>
      <target dev="vdb" bus="virtio"/></disk>
    <controller type="usb" model="none"/>
    <interface type="bridge"><mac address="52:54:00:00:00:01"/><source bridge="br0"/>
      <virtualport type="openvswitch"/><model type="virtio"/><rom enabled="no"/></interface>
    <serial type="pty"><log file="/log/a.log" append="on"/>
      <target type="isa-serial" port="0"/></serial>
    <memballoon model="none"/><rng model="virtio"><backend model="random">/dev/urandom</backend></rng>
    <vsock model="virtio"><cid auto="yes"/></vsock>
  </devices>
  <launchSecurity type="tdx"><policy>0x10000000</policy><quoteGenerationService/></launchSecurity>
</domain>)";

// ... and the same as libvirt 12.8 holds it while the guest is active.
constexpr char kHeld[] = R"(<domain type='kvm' id='3'>
  <name>td</name><uuid>5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3d</uuid>
  <metadata><c:domain xmlns:c='urn:ccplace:domain:1'/></metadata>
  <memory unit='KiB'>2097152</memory><currentMemory unit='KiB'>2097152</currentMemory>
  <memoryBacking><hugepages><page size='2048' unit='KiB'/></hugepages><source type='memfd'/>
    <access mode='shared'/></memoryBacking>
  <vcpu placement='static' cpuset='0-2,8'>2</vcpu>
  <numatune><memory mode='strict' nodeset='0-1'/></numatune>
  <resource><partition>/machine</partition></resource>
  <os firmware='efi'><type arch='x86_64' machine='pc-q35-11.1'>hvm</type>
    <firmware><feature enabled='yes' name='secure-boot'/></firmware>
    <loader type='rom' stateless='yes' format='raw'>/usr/share/ovmf/OVMF.inteltdx.ms.fd</loader></os>
  <features><acpi/><apic/><pmu state='off'/><smm state='off'/><ioapic driver='qemu'/></features>
  <cpu mode='host-passthrough' check='none' migratable='on'>
    <topology sockets='1' dies='1' clusters='1' cores='2' threads='1'/></cpu>
  <clock offset='utc'><timer name='hpet' present='no'/></clock>
  <on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'><driver name='qemu' type='raw' cache='none' io='native'/>
      <source file='/images/a.raw' index='2'/><backingStore/><target dev='vda' bus='virtio'/>
      <boot order='1'/><alias name='virtio-disk0'/><address type='pci' domain='0x0000'/></disk>
    <disk type='network' device='disk'><driver name='qemu' type='raw' cache='none'/>
      <source protocol='iscsi' name='iqn.a/1' index='1'><host name='portal' port='3260'/></source>
      <target dev='vdb' bus='virtio'/></disk>
    <controller type='usb' index='0' model='none'/><controller type='pci' model='pcie-root'/>
    <interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br0'/>
      <virtualport type='openvswitch'><parameters interfaceid='c0ffee00-0000-4000-8000-000000000000'/>
      </virtualport><target dev='vnet4'/><model type='virtio'/><rom enabled='no'/></interface>
    <serial type='pty'><source path='/dev/pts/1'/><log file='/log/a.log' append='on'/>
      <target type='isa-serial' port='0'/></serial>
    <console type='pty'><target type='serial' port='0'/></console>
    <input type='mouse' bus='ps2'/><audio id='1' type='none'/><watchdog model='itco' action='reset'/>
    <memballoon model='none'/><rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
    <vsock model='virtio'><cid auto='yes' address='5'/></vsock>
  </devices>
  <seclabel type='dynamic'/>
  <launchSecurity type='tdx'><policy>0x10000000</policy>
    <quoteGenerationService path='/var/run/tdx-qgs/qgs.socket'/></launchSecurity>
</domain>)";

// Each difference as "field: asked -> found".
std::vector<std::string> Differences(const std::string& found, const std::string& asked = kAsked) {
  const auto differences = CompareDomainXml(asked, found, kDefinition);
  EXPECT_TRUE(differences.ok()) << differences.status();
  std::vector<std::string> texts;
  if (!differences.ok()) return texts;
  for (const v1::DomainDifference& one : *differences) {
    EXPECT_EQ(one.side(), kDefinition);
    texts.push_back(absl::StrCat(one.field(), ": ", one.asked(), " -> ", one.found()));
  }
  return texts;
}

std::string Held(const std::string& from, const std::string& to) {
  const std::string changed = absl::StrReplaceAll(kHeld, {{from, to}});
  EXPECT_NE(changed, kHeld) << from;
  return changed;
}

TEST(CompareDomainXmlTest, WhatLibvirtFillsInIsNoDifference) {
  EXPECT_THAT(Differences(kHeld), IsEmpty());
}

TEST(CompareDomainXmlTest, NamesEveryDifferenceAtOnce) {
  const std::string found =
      absl::StrReplaceAll(kHeld, {{"<name>td<", "<name>other<"},
                                  {"2097152</memory>", "4194304</memory>"},
                                  {"/images/a.raw", "/images/b.raw"},
                                  {"bridge='br0'", "bridge='br1'"},
                                  {"<on_crash>destroy", "<on_crash>preserve"}});
  EXPECT_THAT(
      Differences(found),
      UnorderedElementsAre("domain.name: td -> other", "domain.memory_mib: 2048 -> 4096",
                           "xml.currentMemory:  -> 2048",
                           "domain.disks[0].source: file /images/a.raw -> file /images/b.raw",
                           "domain.interfaces[0].source: openvswitch br0 -> openvswitch br1",
                           "xml.on_crash: destroy -> preserve"));
}

TEST(CompareDomainXmlTest, SeesEachThingThatARequestStates) {
  const struct {
    const char* from;
    const char* to;
    const char* difference;
  } changes[] = {
      {"'0-2,8'>2<", "'0-2,8'>4<", "domain.vcpus: 2 -> 4"},
      {"'0-2,8'>2<", "'0-2,8' current='1'>2<", "domain.vcpus: 2 -> 1"},
      {"'0-2,8'", "'0-3'", "domain.placement.cpuset: 0-2,8 -> 0-3"},
      {"'0-1'", "'0'", "domain.placement.numa_nodeset: 0-1 -> 0"},
      {"<page size='2048'", "<page size='1048576'",
       "domain.memory_backing.hugepage_size_kib: 2048 -> 1048576"},
      {"pc-q35-11.1", "pc-i440fx-11.1", "domain.machine_type: q35 -> pc-i440fx-11.1"},
      {"cores='2'", "cores='1'", "domain.cpu_topology.cores: 2 -> 1"},
      {"mode='host-passthrough'", "mode='host-model'",
       "xml.cpu.mode: host-passthrough -> host-model"},
      {"<pmu state='off'/>", "<pmu state='on'/>", "xml.features.pmu: off -> on"},
      {"cache='none' io='native'", "cache='writeback' io='native'",
       "domain.disks[0].cache: none -> writeback"},
      {"<boot order='1'/>", "", "domain.disks[0].boot_order: 1 -> "},
      {"port='3260'", "port='3261'",
       "domain.disks[1].source: iscsi iqn.a/1 portal -> iscsi iqn.a/1 portal:3261"},
      {"/log/a.log", "/log/b.log", "domain.serial_log_path: /log/a.log -> /log/b.log"},
      {"auto='yes' address='5'", "auto='no' address='7'",
       "domain.vsock.cid: the kernel's choice -> 7"},
      {"0x10000000", "0x10000001", "xml.launchSecurity.policy: 0x10000000 -> 0x10000001"},
      {"/var/run/tdx-qgs/qgs.socket", "/run/q", "launch.quote_service_path:  -> /run/q"},
      {"stateless='yes'", "stateless='no'", "xml.os.loader.stateless: yes -> no"},
      {"'52:54:00:00:00:01'/><source", "'52:54:00:00:00:01'/><boot order='2'/><source",
       "domain.interfaces[0].boot_order:  -> 2"},
  };
  for (const auto& change : changes) {
    EXPECT_THAT(Differences(Held(change.from, change.to)), UnorderedElementsAre(change.difference))
        << change.from;
  }
}

TEST(CompareDomainXmlTest, SeesWhatWasAddedThatNoFieldAsksFor) {
  const struct {
    const char* from;
    const char* to;
    const char* difference;
  } changes[] = {
      {"</devices>", "<hostdev mode='subsystem'/></devices>", "xml.devices.hostdev:  -> present"},
      {"</devices>", "<tpm model='tpm-crb'/></devices>", "xml.devices.tpm:  -> present"},
      {"</devices>", "<video><model type='virtio'/></video></devices>",
       "xml.devices.video:  -> virtio"},
      {"</devices>",
       "<disk type='file' device='cdrom'><source file='/c.iso'/><target dev='sda' "
       "bus='sata'/></disk>"
       "</devices>",
       "xml.devices.disk[sda]:  -> file /c.iso"},
      {"</os>", "<kernel>/boot/k</kernel></os>", "xml.os.kernel:  -> /boot/k"},
      {"</features>", "<hyperv/></features>", "xml.features.hyperv:  -> present"},
      {"</cpu>", "<feature policy='disable' name='avx'/></cpu>", "xml.cpu.feature:  -> present"},
      {"</domain>", "<q:commandline xmlns:q='urn:q'><q:arg value='-x'/></q:commandline></domain>",
       "xml.commandline:  -> present"},
      {"<resource>", "<cputune><shares>9</shares></cputune><resource>",
       "xml.cputune.shares:  -> 9"},
  };
  for (const auto& change : changes) {
    std::string held = kHeld;
    held.replace(held.rfind(change.from), std::string(change.from).size(), change.to);
    EXPECT_THAT(Differences(held), UnorderedElementsAre(change.difference)) << change.to;
  }
}

TEST(CompareDomainXmlTest, SeesWhatIsGone) {
  std::string held = kHeld;
  const size_t disk = held.find("<disk type='network'");
  held.erase(disk, held.find("<controller") - disk);
  EXPECT_THAT(Differences(held), UnorderedElementsAre("domain.disks[1]: iscsi iqn.a/1 portal -> "));
  const size_t security = held.find("<launchSecurity");
  held.erase(security, held.find("</domain>", security) - security);
  EXPECT_THAT(Differences(held),
              UnorderedElementsAre("domain.disks[1]: iscsi iqn.a/1 portal -> ",
                                   "xml.launchSecurity.type: tdx -> ",
                                   "xml.launchSecurity.policy: 0x10000000 -> ",
                                   "xml.launchSecurity.quoteGenerationService: on -> "));
}

TEST(CompareDomainXmlTest, EveryGoldenDomainIsAsItWasAskedFor) {
  for (const char* name : {"attested", "debuggable", "every-disk-source", "every-interface-source",
                           "one-file-disk", "placed-on-huge-pages"}) {
    const std::string xml = TestData(absl::StrCat("domains/", name, ".xml"));
    EXPECT_THAT(Differences(xml, xml), IsEmpty()) << name;
    EXPECT_NE(Differences(kHeld, xml).size(), 0u) << name;
  }
}

TEST(CompareDomainXmlTest, TextOfOthersIsPrintable) {
  EXPECT_THAT(Differences(Held("<name>td<", "<name>a&#10;b<")),
              UnorderedElementsAre("domain.name: td -> a\\x0ab"));
}

TEST(CompareDomainXmlTest, RefusesWhatIsNoDomain) {
  EXPECT_FALSE(CompareDomainXml(kAsked, "<network/>", kDefinition).ok());
  EXPECT_FALSE(CompareDomainXml("<domain", kHeld, kDefinition).ok());
}

}  // namespace
}  // namespace ccplace
