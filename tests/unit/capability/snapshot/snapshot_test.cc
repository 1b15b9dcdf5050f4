// The snapshot as a whole, the cache behind it, and the test for change.
#include "lib/capability/snapshot/snapshot.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/capability/snapshot/build_snapshot.h"
#include "lib/host/simulated_host.h"
#include "lib/hypervisor/simulated_hypervisor.h"
#include "tests/unit/capability/host_under_test.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;

// What this service writes beside a domain that it defines.
std::string MetadataOf(absl::string_view owner) {
  return absl::StrCat("<metadata><ccplace:domain xmlns:ccplace='urn:ccplace:domain:1'>",
                      "<ccplace:requestDigest>", std::string(64, 'a'), "</ccplace:requestDigest>",
                      "<ccplace:owner>", owner, "</ccplace:owner>",
                      "<ccplace:definedAt>2026-11-23T01:02:03Z</ccplace:definedAt>",
                      "</ccplace:domain></metadata></domain>");
}

class SnapshotTest : public ::testing::Test {
 protected:
  SnapshotTest() { MakeTdxHost(host_); }

  void AddOwnDomain(absl::string_view name, absl::string_view launch_security) {
    host_.AddDomain(name, launch_security, v1::DOMAIN_STATE_RUNNING);
    std::string& xml = host_.hypervisor.domains->back().xml;
    xml = absl::StrReplaceAll(xml, {{"</domain>", MetadataOf("project-7")}});
  }

  HostUnderTest host_;
};

TEST_F(SnapshotTest, HoldsAllModelsInOrderAndTheHostsParticulars) {
  host_.options.simulated = true;
  host_.options.allow_debug = true;
  host_.options.renamed_traits = {{"HW_CPU_X86_INTEL_TDX", "CUSTOM_HW_CPU_X86_INTEL_TDX"}};
  const Snapshot snapshot = host_.Read();
  const v1::HostCapabilities& capabilities = snapshot.capabilities;
  ASSERT_EQ(capabilities.models_size(), 4);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(capabilities.models(i).model(), i + 1);
  EXPECT_EQ(capabilities.architecture(), "x86_64");
  EXPECT_EQ(capabilities.versions().kernel(), "6.18.1-amd64");
  EXPECT_EQ(capabilities.versions().libvirt(), "12.8.0");
  EXPECT_EQ(capabilities.versions().qemu(), "11.1.3");
  EXPECT_EQ(capabilities.versions().ccplaced(), "0.1.0");
  EXPECT_EQ(capabilities.policy().cpu_mode(), "host-passthrough");
  EXPECT_EQ(capabilities.policy().default_machine_type(), "q35");
  EXPECT_EQ(capabilities.policy().renamed_traits().at("HW_CPU_X86_INTEL_TDX"),
            "CUSTOM_HW_CPU_X86_INTEL_TDX");
  EXPECT_TRUE(capabilities.policy().allow_debug());
  EXPECT_EQ(capabilities.node_name(), "node-1");
  EXPECT_TRUE(snapshot.simulated);
  EXPECT_TRUE(snapshot.domains_known);
  EXPECT_EQ(snapshot.revision, 0u);
}

TEST_F(SnapshotTest, ListsTheServicesOwnTrustDomainsByName) {
  AddOwnDomain("zebra", "tdx");
  AddOwnDomain("ant", "tdx");
  AddOwnDomain("sev-guest", "sev");
  host_.AddDomain("stranger", "tdx", v1::DOMAIN_STATE_RUNNING);
  const Snapshot snapshot = host_.Read();
  ASSERT_EQ(snapshot.domains.size(), 2u);
  EXPECT_EQ(snapshot.domains[0].name(), "ant");
  EXPECT_EQ(snapshot.domains[1].name(), "zebra");
  EXPECT_EQ(snapshot.domains[1].uuid(), "00000000-0000-4000-8000-000000000001");
  EXPECT_EQ(snapshot.domains[1].state(), v1::DOMAIN_STATE_RUNNING);
  EXPECT_EQ(snapshot.domains[1].owner(), "project-7");
  EXPECT_EQ(snapshot.domains[1].request_digest(), std::string(64, 'a'));
  EXPECT_EQ(snapshot.domains[1].defined_at().seconds(), 1795395723);
}

TEST_F(SnapshotTest, ADomainThatCannotBeReadIsToldBesideTheOthers) {
  AddOwnDomain("ant", "tdx");
  const Snapshot before = host_.Read();
  host_.hypervisor.domains->push_back(
      {"u-1", "odd", v1::DOMAIN_STATE_RUNNING, "", absl::InternalError("no memory")});
  const Snapshot snapshot = host_.Read();
  EXPECT_FALSE(SameFacts(before, snapshot));
  EXPECT_TRUE(snapshot.domains_known);
  EXPECT_EQ(snapshot.domains.size(), 1u);
  ASSERT_EQ(snapshot.unread_domains.size(), 1u);
  EXPECT_EQ(snapshot.unread_domains[0].uuid(), "u-1");
  EXPECT_EQ(snapshot.unread_domains[0].name(), "odd");
  EXPECT_EQ(snapshot.unread_domains[0].state(), v1::DOMAIN_STATE_RUNNING);
  EXPECT_EQ(snapshot.unread_domains[0].why(), "no memory");
}

TEST_F(SnapshotTest, AnAddedDomainIsThereAsIfItHadBeenRead) {
  AddOwnDomain("ant", "tdx");
  AddOwnDomain("zebra", "tdx");
  const Snapshot whole = host_.Read();
  const DomainDescription zebra = host_.hypervisor.domains->back();
  host_.hypervisor.domains->pop_back();
  const HostFileFacts files = ReadHostFileFacts(host_.files, host_.fact_options);
  auto known = ReadHypervisorFacts(host_.hypervisor, host_.fact_options, host_.cache);
  ASSERT_TRUE(known.ok());
  known = WithDomain(*std::move(known), host_.cache.Domain(zebra));
  EXPECT_TRUE(SameFacts(BuildSnapshot(files, known, host_.options), whole));
  known = WithDomain(*std::move(known), host_.cache.Domain(zebra));
  EXPECT_TRUE(SameFacts(BuildSnapshot(files, known, host_.options), whole));
}

TEST_F(SnapshotTest, WithoutLibvirtDomainsAreUnknownNotNone) {
  host_.hypervisor.domains = absl::UnavailableError("gone");
  EXPECT_FALSE(host_.Read().domains_known);
}

TEST_F(SnapshotTest, UnknownVersionsAreEmpty) {
  host_.files.Remove("/proc");
  host_.hypervisor.versions = absl::UnavailableError("gone");
  const v1::HostCapabilities capabilities = host_.Read().capabilities;
  EXPECT_EQ(capabilities.versions().kernel(), "");
  EXPECT_EQ(capabilities.versions().libvirt(), "");
  EXPECT_EQ(capabilities.architecture(), "");
}

TEST_F(SnapshotTest, SameFactsHoldsWhileNothingChangesWhateverTheRevision) {
  AddOwnDomain("a", "tdx");
  Snapshot left = host_.Read();
  Snapshot right = host_.Read();
  right.revision = 7;
  EXPECT_TRUE(SameFacts(left, right));
  right.domains_known = false;
  EXPECT_FALSE(SameFacts(left, right));
}

TEST_F(SnapshotTest, AnyChangeOfFactsIsSeen) {
  AddOwnDomain("a", "tdx");
  const Snapshot before = host_.Read();
  host_.hypervisor.domains->back().state = v1::DOMAIN_STATE_PAUSED;
  EXPECT_FALSE(SameFacts(before, host_.Read()));
  host_.hypervisor.domains->back().state = v1::DOMAIN_STATE_RUNNING;
  EXPECT_TRUE(SameFacts(before, host_.Read()));
  SetSimulatedKeysInUse(host_.files, 1);
  EXPECT_FALSE(SameFacts(before, host_.Read()));
}

TEST_F(SnapshotTest, TheSameFactsAreSeenToBeTheSameWithManyRenamedTraits) {
  for (const char letter : {'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'}) {
    host_.options.renamed_traits[absl::StrCat("HW_", std::string(1, letter))] = "";
  }
  const Snapshot first = host_.Read();
  for (int i = 0; i < 64; ++i) EXPECT_TRUE(SameFacts(first, host_.Read()));
}

TEST_F(SnapshotTest, RereadKernelSeesParametersAndCounts) {
  HostFileFacts facts = ReadHostFileFacts(host_.files, host_.fact_options);
  SetSimulatedKeysInUse(host_.files, 9);
  host_.files.WriteFile("/sys/module/kvm_intel/parameters/tdx", "N\n");
  RereadKernel(host_.files, host_.fact_options, facts);
  EXPECT_EQ(*facts.keys.current->Count("tdx"), 9u);
  EXPECT_FALSE(*facts.kernel.tdx);
}

TEST_F(SnapshotTest, ACachedDomainIsTheSameUntilItsXmlChanges) {
  host_.AddDomain("a", "tdx", v1::DOMAIN_STATE_RUNNING);
  host_.AddDomain("b", "tdx", v1::DOMAIN_STATE_RUNNING);
  const auto read = [this] {
    return ReadHypervisorFacts(host_.hypervisor, host_.fact_options, host_.cache)->domains;
  };
  const auto first = read();
  auto& xml = host_.hypervisor.domains->back().xml;
  xml = absl::StrReplaceAll(xml, {{"'tdx'", "'sev'"}});
  const auto second = read();
  EXPECT_EQ(first[0].parsed, second[0].parsed);
  EXPECT_NE(first[1].parsed, second[1].parsed);
  EXPECT_EQ((*second[1].parsed)->model, v1::ENCRYPTION_MODEL_AMD_SEV);
  host_.hypervisor.domains->erase(host_.hypervisor.domains->begin());
  EXPECT_EQ(read().size(), 1u);
}

TEST_F(SnapshotTest, DomainsThatShareAUuidAreBothRead) {
  host_.AddDomain("a", "tdx", v1::DOMAIN_STATE_RUNNING);
  host_.hypervisor.domains->push_back(host_.hypervisor.domains->back());
  host_.Read();
  EXPECT_EQ(host_.Model(v1::ENCRYPTION_MODEL_INTEL_TDX).keys().running().value(), 2u);
  host_.hypervisor.domains->back().xml.clear();
  host_.hypervisor.domains->front().xml.clear();
  host_.Read();
  EXPECT_FALSE(host_.Model(v1::ENCRYPTION_MODEL_INTEL_TDX).keys().running().has_value());
}

TEST_F(SnapshotTest, ChangedCapabilitiesAreParsedAnew) {
  EXPECT_EQ(host_.Model(v1::ENCRYPTION_MODEL_INTEL_TDX).verdict(), v1::SUPPORT_SUPPORTED);
  host_.hypervisor.capabilities_xml =
      TestData("domcaps/libvirt-12.8-qemu-11.1-kvm-q35-param-missing.xml");
  EXPECT_EQ(host_.Model(v1::ENCRYPTION_MODEL_INTEL_TDX).verdict(), v1::SUPPORT_UNSUPPORTED);
}

TEST(HypervisorFactsTest, NamesWhatLibvirtWouldNotTell) {
  HostUnderTest host;
  MakeTdxHost(host);
  host.hypervisor.capabilities_xml = absl::UnavailableError("connection lost");
  const absl::Status status =
      ReadHypervisorFacts(host.hypervisor, host.fact_options, host.cache).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("domain capabilities: connection lost"));
}

TEST_F(SnapshotTest, DomainsStayKnownWhereLibvirtCannotTellWhatItsQemuCanDo) {
  AddOwnDomain("ant", "tdx");
  host_.hypervisor.capabilities_xml = absl::InternalError("Failed to probe QEMU binary with QMP");
  const Snapshot snapshot = host_.Read();
  EXPECT_EQ(snapshot.domains.size(), 1u);
  const v1::ModelCapability& tdx = ModelOf(snapshot, v1::ENCRYPTION_MODEL_INTEL_TDX);
  EXPECT_EQ(tdx.keys().running().value(), 1u);
  EXPECT_EQ(tdx.verdict(), v1::SUPPORT_UNKNOWN);
  const v1::Check check =
      host_.Check(v1::ENCRYPTION_MODEL_INTEL_TDX, v1::CHECK_KIND_DOMAIN_CAPABILITY);
  EXPECT_EQ(check.result(), v1::CHECK_RESULT_UNKNOWN);
  EXPECT_THAT(check.found(), HasSubstr("Failed to probe QEMU"));
}

TEST(HypervisorFactsTest, ADriverThatTellsNoCapabilitiesIsReadAllTheSame) {
  HostUnderTest host;
  MakeTdxHost(host);
  host.hypervisor.capabilities_xml = absl::UnimplementedError("not supported by the driver");
  const auto facts = ReadHypervisorFacts(host.hypervisor, host.fact_options, host.cache);
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->versions.libvirt, "12.8.0");
  EXPECT_TRUE(absl::IsUnimplemented(facts->domain_capabilities.status()));
}

TEST(SimulatedHostTest, SupportsTdxWhole) {
  const auto files = MakeSimulatedHost();
  ListingHypervisor hypervisor;
  hypervisor.capabilities_xml = std::string(SimulatedDomainCapabilitiesXml());
  const FactOptions fact_options;
  FactCache cache(std::make_shared<ParsedDomainCache>());
  const Snapshot snapshot =
      BuildSnapshot(ReadHostFileFacts(*files, fact_options),
                    ReadHypervisorFacts(hypervisor, fact_options, cache), CapabilityOptions());
  const v1::ModelCapability& tdx = ModelOf(snapshot, v1::ENCRYPTION_MODEL_INTEL_TDX);
  EXPECT_EQ(tdx.verdict(), v1::SUPPORT_SUPPORTED) << tdx.DebugString();
  EXPECT_EQ(tdx.attestation(), v1::SUPPORT_SUPPORTED);
  EXPECT_EQ(tdx.keys().free().value(), 63u);
}

}  // namespace
}  // namespace ccplace
