#include "tests/unit/capability/host_under_test.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/capability/snapshot/build_snapshot.h"

namespace ccplace {
namespace {

constexpr absl::string_view kSevCapabilities = R"(<domainCapabilities>
  <path>/usr/bin/qemu-system-x86_64</path>
  <domain>kvm</domain>
  <machine>pc-q35-11.1</machine>
  <arch>x86_64</arch>
  <cpu><mode name='host-passthrough' supported='yes'/></cpu>
  <features>
    <tdx supported='no'/>
    <sev supported='yes'>
      <cbitpos>51</cbitpos>
      <reducedPhysBits>1</reducedPhysBits>
      <maxGuests>410</maxGuests>
      <maxESGuests>99</maxESGuests>
    </sev>
    <launchSecurity supported='yes'>
      <enum name='sectype'><value>sev</value><value>sev-snp</value></enum>
    </launchSecurity>
  </features>
</domainCapabilities>)";

void MakeCommonHost(HostUnderTest& host) {
  host.files.WriteFile("/proc/sys/kernel/osrelease", "6.18.1-amd64\n");
  host.files.WriteFile("/proc/sys/kernel/arch", "x86_64\n");
  for (const absl::string_view name :
       {"40-edk2-x86_64-secure-enrolled.json", "50-edk2-x86_64-secure.json",
        "60-edk2-x86_64-amdsev.json", "60-edk2-x86_64-inteltdx.json", "60-edk2-x86_64.json"}) {
    host.files.WriteFile(absl::StrCat("/usr/share/qemu/firmware/", name),
                         TestData(absl::StrCat("firmware/", name)));
  }
  for (const absl::string_view name :
       {"OVMF/OVMF_CODE_4M.ms.fd", "OVMF/OVMF_CODE_4M.secboot.fd", "OVMF/OVMF_CODE_4M.fd",
        "ovmf/OVMF.amdsev.fd", "ovmf/OVMF.inteltdx.ms.fd"}) {
    host.files.WriteFile(absl::StrCat("/usr/share/", name), "code");
  }
  host.files.WriteFile("/etc/passwd",
                       "root:x:0:0::/root:/bin/sh\nlibvirt-qemu:x:64055:64055::/:/bin/false\n");
  host.files.WriteFile("/etc/group", "root:x:0:\nlibvirt-qemu:x:64055:\nqgsd:x:980:\n");
  host.files.MakeSocket("/var/run/tdx-qgs/qgs.socket", absl::OkStatus());
  host.options.node_name = "node-1";
  host.options.daemon_version = "0.1.0";
}

}  // namespace

std::string ReplaceIn(const absl::StatusOr<std::string>& xml, absl::string_view from,
                      absl::string_view to) {
  EXPECT_THAT(*xml, ::testing::HasSubstr(std::string(from)));
  return absl::StrReplaceAll(*xml, {{from, to}});
}

std::string TestData(absl::string_view name) {
  std::ifstream in(absl::StrCat(CCPLACE_TEST_DATA, "/", name), std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

void MakeTdxHost(HostUnderTest& host) {
  MakeCommonHost(host);
  host.files.WriteFile("/sys/module/kvm_intel/parameters/tdx", "Y\n");
  host.files.WriteFile("/sys/power/disk", "[disabled]\n");
  host.files.WriteFile("/sys/fs/cgroup/misc.capacity", "tdx 63\n");
  host.files.WriteFile("/sys/fs/cgroup/misc.current", "tdx 0\n");
  host.hypervisor.capabilities_xml = TestData("domcaps/libvirt-12.8-qemu-11.1-kvm-q35-tdx.xml");
}

void MakeSevHost(HostUnderTest& host) {
  MakeCommonHost(host);
  for (const absl::string_view name : {"sev", "sev_es", "sev_snp"}) {
    host.files.WriteFile(absl::StrCat("/sys/module/kvm_amd/parameters/", name), "Y\n");
  }
  host.files.WriteFile("/sys/fs/cgroup/misc.capacity", "sev 410\nsev_es 99\n");
  host.files.WriteFile("/sys/fs/cgroup/misc.current", "sev 0\nsev_es 0\n");
  host.hypervisor.capabilities_xml = std::string(kSevCapabilities);
}

void HostUnderTest::AddDomain(absl::string_view name, absl::string_view launch_security,
                              v1::DomainState state, absl::string_view policy) {
  const size_t number = hypervisor.domains->size() + 1;
  const std::string uuid = absl::StrFormat("00000000-0000-4000-8000-%012d", number);
  const std::string security =
      launch_security.empty() ? ""
                              : absl::StrCat("<launchSecurity type='", launch_security,
                                             "'><policy>", policy, "</policy></launchSecurity>");
  hypervisor.domains->push_back(
      {uuid, std::string(name), state,
       absl::StrCat("<domain type='kvm'><name>", name, "</name><uuid>", uuid,
                    "</uuid><os><type arch='x86_64' machine='pc-q35-11.1'>hvm</type></os>",
                    security, "</domain>")});
}

Snapshot HostUnderTest::Read() {
  const HostFileFacts file_facts = ReadHostFileFacts(files, fact_options);
  cache.firmware().NoteDescriptors(file_facts.firmware);
  return BuildSnapshot(file_facts, ReadHypervisorFacts(hypervisor, fact_options, cache), options);
}

v1::ModelCapability HostUnderTest::Model(v1::EncryptionModel model) {
  return ModelOf(Read(), model);
}

v1::Check HostUnderTest::Check(v1::EncryptionModel model, v1::CheckKind kind) {
  const v1::ModelCapability entry = Model(model);
  for (const v1::Check& check : entry.checks()) {
    if (check.kind() == kind) return check;
  }
  return v1::Check();
}

}  // namespace ccplace
