#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/domain/domain_xml.h"
#include "lib/xml/xml_document.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;

constexpr char kDigest[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

std::string Domain(const std::string& inside) {
  return absl::StrCat(
      "<domain type='kvm'><name>td</name><uuid>5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3d</uuid>", inside,
      "</domain>");
}

std::string Owned(const std::string& digest, const std::string& owner) {
  return Domain(absl::StrCat("<metadata><c:domain xmlns:c='urn:ccplace:domain:1'><c:owner>", owner,
                             "</c:owner><c:requestDigest>", digest,
                             "</c:requestDigest><c:definedAt>2026-11-23T00:00:00Z</c:definedAt>"
                             "</c:domain></metadata>"));
}

v1::EncryptionModel ModelIn(const std::string& inside) {
  const auto domain = ReadDomainXml(Domain(inside));
  return domain.ok() ? domain->model : static_cast<v1::EncryptionModel>(-1);
}

TEST(ReadDomainXmlTest, TellsEveryModelApart) {
  EXPECT_EQ(ModelIn(""), v1::ENCRYPTION_MODEL_UNSPECIFIED);
  EXPECT_EQ(ModelIn("<launchSecurity type='tdx'/>"), v1::ENCRYPTION_MODEL_INTEL_TDX);
  EXPECT_EQ(ModelIn("<launchSecurity type='sev'><policy>0x0033</policy></launchSecurity>"),
            v1::ENCRYPTION_MODEL_AMD_SEV);
  EXPECT_EQ(ModelIn("<launchSecurity type='sev'><policy>0x0037</policy></launchSecurity>"),
            v1::ENCRYPTION_MODEL_AMD_SEV_ES);
  EXPECT_EQ(ModelIn("<launchSecurity type='sev-snp'><policy>0x30000</policy></launchSecurity>"),
            v1::ENCRYPTION_MODEL_AMD_SEV_SNP);
  EXPECT_EQ(ModelIn("<launchSecurity type='s390-pv'/>"), v1::ENCRYPTION_MODEL_UNSPECIFIED);
}

TEST(ReadDomainXmlTest, ReadsWhichFilesAndDevicesItUsesAndHow) {
  const auto domain = ReadDomainXml(Domain(R"(
    <devices>
      <disk type='file' device='disk'><source file='/images/root.raw'/></disk>
      <disk type='block' device='disk'><source dev='/dev/dm-3'/><shareable/></disk>
      <disk type='file' device='cdrom'><source file='/images/tools.iso'/><readonly/></disk>
      <disk type='network' device='disk'><source protocol='rbd' name='pool/a'/></disk>
      <disk type='file' device='cdrom'/>
      <interface type='vhostuser'><source type='unix' path='/run/a' mode='server'/></interface>
      <interface type='vhostuser'><source type='unix' path='/run/b' mode='client'/></interface>
      <interface type='bridge'><source bridge='br0' path='/run/c'/></interface>
      <serial type='pty'><log file='/var/log/td.log' append='off'/></serial>
      <console type='pty'/>
    </devices>)"));
  ASSERT_TRUE(domain.ok()) << domain.status();
  EXPECT_FALSE(domain->active);
  ASSERT_EQ(domain->disks.size(), 3u);
  EXPECT_EQ(domain->disks[0].path, "/images/root.raw");
  EXPECT_TRUE(domain->disks[0].writable);
  EXPECT_FALSE(domain->disks[0].shareable);
  EXPECT_EQ(domain->disks[1].path, "/dev/dm-3");
  EXPECT_TRUE(domain->disks[1].shareable);
  EXPECT_FALSE(domain->disks[2].writable);
  EXPECT_THAT(domain->logs, ::testing::ElementsAre("/var/log/td.log"));
  ASSERT_EQ(domain->sockets.size(), 2u);
  EXPECT_EQ(domain->sockets[0].path, "/run/a");
  EXPECT_TRUE(domain->sockets[0].listens);
  EXPECT_FALSE(domain->sockets[1].listens);
}

TEST(ReadDomainXmlTest, KnowsAnActiveDomainByItsId) {
  const auto domain = ReadDomainXml(
      "<domain type='kvm' id='3'><name>td</name>"
      "<uuid>5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3d</uuid></domain>");
  ASSERT_TRUE(domain.ok()) << domain.status();
  EXPECT_TRUE(domain->active);
}

TEST(ReadDomainXmlTest, ReadsWhatLibvirtResolved) {
  const auto domain = ReadDomainXml(Domain(R"(
    <os firmware='efi'>
      <type arch='x86_64' machine='pc-q35-11.1'>hvm</type>
      <loader type='rom' stateless='yes' format='raw'>/usr/share/ovmf/OVMF.inteltdx.ms.fd</loader>
    </os>
    <launchSecurity type='tdx'>
      <policy>0x10000001</policy>
      <mrOwner>YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh</mrOwner>
      <quoteGenerationService path='/run/qgs.socket'/>
    </launchSecurity>)"));
  ASSERT_TRUE(domain.ok()) << domain.status();
  EXPECT_EQ(domain->name, "td");
  EXPECT_EQ(domain->uuid, "5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3d");
  EXPECT_EQ(domain->reference.firmware_path(), "/usr/share/ovmf/OVMF.inteltdx.ms.fd");
  EXPECT_EQ(domain->reference.machine_type(), "pc-q35-11.1");
  EXPECT_EQ(domain->reference.policy(), 0x10000001u);
  EXPECT_EQ(domain->reference.mr_owner(), std::string(48, 'a'));
  EXPECT_EQ(domain->reference.mr_config_id(), "");
  EXPECT_EQ(domain->reference.quote_service_path(), "/run/qgs.socket");
}

TEST(ReadDomainXmlTest, KnowsItsOwnDomains) {
  const auto domain = ReadDomainXml(Owned(kDigest, "project &lt;7&gt;"));
  ASSERT_TRUE(domain.ok() && domain->ownership.has_value());
  EXPECT_EQ(domain->ownership->request_digest, kDigest);
  EXPECT_EQ(domain->ownership->owner, "project <7>");
  EXPECT_EQ(domain->ownership->defined_at, "2026-11-23T00:00:00Z");
}

std::string WithLaunch(const std::string& more) {
  return Domain(absl::StrCat(
      "<metadata><c:domain xmlns:c='urn:ccplace:domain:1'><c:requestDigest>", kDigest,
      "</c:requestDigest><c:launch><c:startedAt>2026-11-30T00:00:00Z</c:startedAt>"
      "<c:firmware>/f.fd</c:firmware><c:firmwareSha384>",
      std::string(96, 'a'), "</c:firmwareSha384>", more, "</c:launch></c:domain></metadata>"));
}

TEST(ReadDomainXmlTest, ReadsMrtdAndModuleOfAStart) {
  const auto domain = ReadDomainXml(WithLaunch(absl::StrCat(
      "<c:mrtd>", std::string(96, 'b'), "</c:mrtd><c:tdxModule>1.5.24</c:tdxModule>")));
  ASSERT_TRUE(domain.ok() && domain->ownership.has_value());
  ASSERT_TRUE(domain->ownership->launch.has_value());
  EXPECT_EQ(domain->ownership->launch->mrtd, std::string(48, '\xbb'));
  EXPECT_EQ(domain->ownership->launch->tdx_module, "1.5.24");
}

TEST(ReadDomainXmlTest, TakesAStartWithoutThemAndOneThatWasForgedInPartForUnknown) {
  for (const std::string& more : {std::string(), std::string("<c:mrtd>zz</c:mrtd>"),
                                  absl::StrCat("<c:mrtd>", std::string(95, 'b'), "</c:mrtd>")}) {
    const auto domain = ReadDomainXml(WithLaunch(more));
    ASSERT_TRUE(domain.ok() && domain->ownership.has_value()) << more;
    ASSERT_TRUE(domain->ownership->launch.has_value()) << more;
    EXPECT_EQ(domain->ownership->launch->mrtd, "") << more;
    EXPECT_EQ(domain->ownership->launch->tdx_module, "") << more;
  }
  const auto hostile = ReadDomainXml(WithLaunch("<c:tdxModule>1&#10;2</c:tdxModule>"));
  ASSERT_TRUE(hostile.ok() && hostile->ownership.has_value());
  EXPECT_FALSE(hostile->ownership->launch.has_value());
}

TEST(ReadDomainXmlTest, DisownsMetadataThatItWouldNotHaveWritten) {
  const std::string invalid[] = {
      Domain("<metadata><domain><requestDigest>x</requestDigest></domain></metadata>"),
      Domain("<metadata><c:domain xmlns:c='urn:ccplace:domain:2'/></metadata>"),
      Owned("", "owner"),
      Owned(std::string(64, 'Z'), "owner"),
      Owned(absl::StrCat(kDigest, "0"), "owner"),
      Owned(kDigest, std::string(256, 'x')),
      Owned(kDigest, "a&#10;b"),
  };
  for (const std::string& xml : invalid) {
    const auto domain = ReadDomainXml(xml);
    ASSERT_TRUE(domain.ok()) << domain.status();
    EXPECT_FALSE(domain->ownership.has_value()) << xml;
  }
}

TEST(ReadOwnershipXmlTest, ReadsTheElementThatLibvirtGivesOutWithoutItsNamespace) {
  const auto own = ReadOwnershipXml(absl::StrCat(
      "<domain><owner>a &lt;b&gt;</owner><requestDigest>", kDigest, "</requestDigest></domain>"));
  ASSERT_TRUE(own.has_value());
  EXPECT_EQ(own->owner, "a <b>");
  EXPECT_EQ(own->request_digest, kDigest);
}

TEST(ReadOwnershipXmlTest, DisownsWhatThisServiceWouldNotHaveWritten) {
  const std::string invalid[] = {
      "",
      "<domain/>",
      absl::StrCat("<other><requestDigest>", kDigest, "</requestDigest></other>"),
      absl::StrCat("<domain xmlns='urn:x'><requestDigest>", kDigest, "</requestDigest></domain>"),
      absl::StrCat("<domain><x:requestDigest xmlns:x='urn:x'>", kDigest,
                   "</x:requestDigest></domain>"),
  };
  for (const std::string& xml : invalid) EXPECT_FALSE(ReadOwnershipXml(xml).has_value()) << xml;
}

TEST(ReadDomainXmlTest, RefusesWhatIsNoDomain) {
  for (const char* xml : {"", "<", "no xml", "<domain>", "<network><name>n</name></network>",
                          "<domain><name>n</name></domain>", "<x:domain xmlns:x='urn:x'/>"}) {
    EXPECT_EQ(ReadDomainXml(xml).status().code(), absl::StatusCode::kInvalidArgument) << xml;
  }
}

TEST(ReadDomainXmlTest, RefusesDocumentTypesAndTheirEntities) {
  const std::string file = "<!DOCTYPE domain [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>";
  const std::string bomb =
      "<!DOCTYPE domain [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>";
  EXPECT_FALSE(ReadDomainXml(absl::StrCat(file, Domain("<title>&e;</title>"))).ok());
  EXPECT_FALSE(ReadDomainXml(absl::StrCat(bomb, Domain("<title>&b;</title>"))).ok());
}

TEST(ReadDomainXmlTest, RefusesWhatIsTooLargeOrTooDeep) {
  const auto large = ReadDomainXml(Domain(std::string(kXmlLimitBytes, ' ')));
  EXPECT_EQ(large.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(large.status().message(), HasSubstr("4194304"));
  std::string deep;
  for (int i = 0; i < 10000; ++i) deep += "<a>";
  EXPECT_EQ(ReadDomainXml(Domain(deep)).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ReadDomainXmlTest, TakesNoMeasurementFieldOfAnotherLength) {
  const auto read = ReadDomainXml(
      "<domain><name>a</name><uuid>6a1d2f3c-58b7-4c0e-9d51-0c6f3a7b9e24</uuid>"
      "<launchSecurity type='tdx'><policy>0x10000000</policy><mrOwner>QkJC</mrOwner>"
      "</launchSecurity></domain>");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->model, v1::ENCRYPTION_MODEL_INTEL_TDX);
  EXPECT_EQ(read->reference.mr_owner(), "");
}

}  // namespace
}  // namespace ccplace
