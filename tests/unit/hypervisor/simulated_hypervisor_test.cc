#include "lib/hypervisor/simulated_hypervisor.h"

#include <chrono>
#include <future>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/hypervisor/listener_fake.h"

namespace ccplace {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Uuid(int number) { return absl::StrCat("00000000-0000-0000-0000-00000000000", number); }

std::string TrustDomain(int number) {
  return absl::StrCat("<domain type='kvm'><name>td", number, "</name><uuid>", Uuid(number),
                      "</uuid><os firmware='efi'><type machine='q35'>hvm</type>"
                      "<loader stateless='yes'/></os><launchSecurity type='tdx'/></domain>");
}

std::string OrdinaryDomain(int number) {
  return absl::StrCat("<domain type='kvm'><name>vm", number, "</name><uuid>", Uuid(number),
                      "</uuid><os><type machine='pc-q35-9.2'>hvm</type></os></domain>");
}

SimulatedHost HostWithKeys(uint64_t keys) {
  SimulatedHost host;
  host.tdx_keys = keys;
  host.domain_capabilities_xml = "<domainCapabilities/>";
  return host;
}

TEST(SimulatedHypervisorTest, ResolvesMachineAndFirmwareAsLibvirtDoes) {
  SimulatedHypervisor hypervisor(HostWithKeys(1));
  const auto defined = hypervisor.Define(TrustDomain(1));
  ASSERT_TRUE(defined.ok()) << defined.status();
  EXPECT_THAT(defined->xml, HasSubstr("machine=\"pc-q35-11.1\""));
  EXPECT_THAT(defined->xml, HasSubstr("<loader stateless=\"yes\" type=\"rom\" format=\"raw\">"
                                      "/usr/share/ovmf/OVMF.inteltdx.ms.fd</loader>"));
  EXPECT_EQ(hypervisor.FindByUuid(Uuid(1))->xml, defined->xml);
  EXPECT_EQ(hypervisor.FindByName("td1")->uuid, Uuid(1));
}

TEST(SimulatedHypervisorTest, LeavesAStatedMachineAlone) {
  SimulatedHypervisor hypervisor(HostWithKeys(1));
  EXPECT_THAT(hypervisor.Define(OrdinaryDomain(1))->xml, HasSubstr("machine=\"pc-q35-9.2\""));
}

TEST(SimulatedHypervisorTest, RefusesANameOrUuidOfAnother) {
  SimulatedHypervisor hypervisor(HostWithKeys(1));
  ASSERT_TRUE(hypervisor.Define(TrustDomain(1)).ok());
  EXPECT_TRUE(hypervisor.Define(TrustDomain(1)).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(hypervisor.Define(OrdinaryDomain(1)).status()));
  std::string same_name = TrustDomain(1);
  same_name.replace(same_name.find(Uuid(1)), Uuid(1).size(), Uuid(2));
  EXPECT_TRUE(absl::IsAlreadyExists(hypervisor.Define(same_name).status()));
}

TEST(SimulatedHypervisorTest, RefusesWhatIsNoDomain) {
  SimulatedHypervisor hypervisor(HostWithKeys(1));
  for (const char* xml :
       {"", "<domain", "<network/>", "<domain/>", "<domain><name>a</name></domain>",
        "<!DOCTYPE domain><domain><name>a</name><uuid>b</uuid></domain>"}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(hypervisor.Define(xml).status())) << xml;
  }
}

TEST(SimulatedHypervisorTest, AStartTakesAKeyUntilNoneIsLeft) {
  SimulatedHypervisor hypervisor(HostWithKeys(2));
  for (const int number : {1, 2, 3}) ASSERT_TRUE(hypervisor.Define(TrustDomain(number)).ok());
  EXPECT_TRUE(hypervisor.Start(Uuid(1)).ok());
  EXPECT_TRUE(hypervisor.Start(Uuid(1)).ok());
  EXPECT_TRUE(hypervisor.Start(Uuid(2)).ok());
  const absl::Status refused = hypervisor.Start(Uuid(3));
  EXPECT_TRUE(absl::IsAborted(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("No space left on device"));
  EXPECT_EQ(hypervisor.FindByUuid(Uuid(3))->state, v1::DOMAIN_STATE_SHUT_OFF);
  EXPECT_TRUE(hypervisor.Stop(Uuid(1)).ok());
  EXPECT_TRUE(hypervisor.Start(Uuid(3)).ok());
}

TEST(SimulatedHypervisorTest, AnOrdinaryDomainTakesNoKey) {
  SimulatedHypervisor hypervisor(HostWithKeys(0));
  ASSERT_TRUE(hypervisor.Define(OrdinaryDomain(1)).ok());
  EXPECT_TRUE(hypervisor.Start(Uuid(1)).ok());
}

TEST(SimulatedHypervisorTest, TheKernelsCountFollowsRunningTrustDomains) {
  SimulatedHypervisor hypervisor(HostWithKeys(2));
  std::vector<uint64_t> counts;
  hypervisor.SetKeysInUseHook([&counts](uint64_t keys) { counts.push_back(keys); });
  for (const int number : {1, 2}) ASSERT_TRUE(hypervisor.Define(TrustDomain(number)).ok());
  EXPECT_TRUE(hypervisor.Start(Uuid(1)).ok());
  EXPECT_TRUE(hypervisor.Start(Uuid(2)).ok());
  EXPECT_TRUE(hypervisor.Stop(Uuid(1)).ok());
  EXPECT_EQ(counts, (std::vector<uint64_t>{0, 1, 2, 1}));
}

TEST(SimulatedHypervisorTest, ACrashedGuestKeepsItsKeyUntilItIsStopped) {
  SimulatedHypervisor hypervisor(HostWithKeys(1));
  for (const int number : {1, 2}) ASSERT_TRUE(hypervisor.Define(TrustDomain(number)).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(hypervisor.Crash(Uuid(1))));
  ASSERT_TRUE(hypervisor.Start(Uuid(1)).ok());
  ASSERT_TRUE(hypervisor.Crash(Uuid(1)).ok());
  EXPECT_EQ(hypervisor.FindByUuid(Uuid(1))->state, v1::DOMAIN_STATE_CRASHED);
  EXPECT_TRUE(absl::IsAborted(hypervisor.Start(Uuid(2))));
  ASSERT_TRUE(hypervisor.Stop(Uuid(1)).ok());
  EXPECT_TRUE(hypervisor.Start(Uuid(2)).ok());
}

TEST(SimulatedHypervisorTest, AnActiveGuestStaysWhatItWasStartedAs) {
  SimulatedHypervisor hypervisor(HostWithKeys(1));
  ASSERT_TRUE(hypervisor.Define(TrustDomain(1)).ok());
  ASSERT_TRUE(hypervisor.Start(Uuid(1)).ok());
  std::string plain = OrdinaryDomain(1);
  plain.replace(plain.find("vm1"), 3, "td1");
  ASSERT_TRUE(hypervisor.Define(plain).ok());
  const auto found = hypervisor.FindByUuid(Uuid(1));
  EXPECT_THAT(found->xml, HasSubstr("launchSecurity"));
  EXPECT_THAT(found->definition, Not(HasSubstr("launchSecurity")));
  ASSERT_TRUE(hypervisor.Stop(Uuid(1)).ok());
  EXPECT_THAT(hypervisor.FindByUuid(Uuid(1))->xml, Not(HasSubstr("launchSecurity")));
}

TEST(SimulatedHypervisorTest, AGuestWithoutADefinitionIsGoneOnceItStops) {
  SimulatedHypervisor hypervisor(HostWithKeys(1));
  ASSERT_TRUE(hypervisor.Define(TrustDomain(1)).ok());
  ASSERT_TRUE(hypervisor.Start(Uuid(1)).ok());
  ASSERT_TRUE(hypervisor.DropDefinition(Uuid(1)).ok());
  EXPECT_EQ(hypervisor.FindByUuid(Uuid(1))->definition, "");
  ASSERT_TRUE(hypervisor.Stop(Uuid(1)).ok());
  EXPECT_TRUE(absl::IsNotFound(hypervisor.FindByUuid(Uuid(1)).status()));
}

TEST(SimulatedHypervisorTest, MetadataOfAGuestEndsWithIt) {
  SimulatedHypervisor hypervisor(HostWithKeys(1));
  ASSERT_TRUE(hypervisor.Define(TrustDomain(1)).ok());
  const auto note = [&](MetadataSide side, const std::string& text) {
    return hypervisor.SetMetadata(
        Uuid(1), side, {"urn:test", "t", absl::StrCat("<note><in>", text, "</in></note>")});
  };
  EXPECT_FALSE(note(MetadataSide::kActiveGuest, "live").ok());
  ASSERT_TRUE(note(MetadataSide::kDefinition, "first").ok());
  ASSERT_TRUE(note(MetadataSide::kDefinition, "kept").ok());
  ASSERT_TRUE(hypervisor.Start(Uuid(1)).ok());
  const auto noted = note(MetadataSide::kActiveGuest, "live");
  ASSERT_TRUE(noted.ok()) << noted.status();
  EXPECT_THAT(noted->xml, HasSubstr("<t:note xmlns:t=\"urn:test\"><t:in>live</t:in></t:note>"));
  EXPECT_THAT(noted->xml, Not(HasSubstr("first")));
  EXPECT_THAT(noted->definition, HasSubstr("<t:in>kept</t:in>"));
  ASSERT_TRUE(hypervisor.Stop(Uuid(1)).ok());
  EXPECT_THAT(hypervisor.FindByUuid(Uuid(1))->xml, HasSubstr("<t:in>kept</t:in>"));
}

TEST(SimulatedHypervisorTest, FindsMetadataOfWhatIsInForceAndOfTheDefinition) {
  SimulatedHypervisor hypervisor(HostWithKeys(1));
  ASSERT_TRUE(hypervisor.Define(TrustDomain(1)).ok());
  const auto none = hypervisor.FindMetadata(Uuid(1), "urn:test");
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(none->in_force, "");
  EXPECT_EQ(none->definition, "");
  const DomainMetadata note{"urn:test", "t", "<note><in>kept</in></note>"};
  ASSERT_TRUE(hypervisor.SetMetadata(Uuid(1), MetadataSide::kDefinition, note).ok());
  const auto found = hypervisor.FindMetadata(Uuid(1), "urn:test");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->state, v1::DOMAIN_STATE_SHUT_OFF);
  EXPECT_THAT(found->in_force, HasSubstr("<in>kept</in>"));
  EXPECT_THAT(*found->definition, HasSubstr("<in>kept</in>"));
  ASSERT_TRUE(hypervisor.Start(Uuid(1)).ok());
  ASSERT_TRUE(hypervisor.DropDefinition(Uuid(1)).ok());
  EXPECT_FALSE(hypervisor.FindMetadata(Uuid(1), "urn:test")->definition.has_value());
  EXPECT_TRUE(absl::IsNotFound(hypervisor.FindMetadata(Uuid(2), "urn:test").status()));
}

TEST(SimulatedHypervisorTest, AGuestWhoseQemuAnswersNothingIsListedWithoutXmlUntilItIsStopped) {
  SimulatedHypervisor hypervisor(HostWithKeys(1));
  ASSERT_TRUE(hypervisor.Define(TrustDomain(1)).ok());
  EXPECT_FALSE(hypervisor.Hold(Uuid(1)).ok());
  ASSERT_TRUE(hypervisor.Start(Uuid(1)).ok());
  ASSERT_TRUE(hypervisor.Hold(Uuid(1)).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(hypervisor.FindByUuid(Uuid(1)).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(hypervisor.FindByName("td1").status()));
  const auto listed = hypervisor.ListDomains();
  ASSERT_TRUE(listed.ok() && listed->size() == 1) << listed.status();
  EXPECT_EQ((*listed)[0].xml, "");
  EXPECT_THAT(std::string((*listed)[0].unread.message()), HasSubstr("does not answer libvirt"));
  EXPECT_TRUE(hypervisor.FindMetadata(Uuid(1), "urn:test").ok());
  ASSERT_TRUE(hypervisor.Stop(Uuid(1)).ok());
  EXPECT_TRUE(hypervisor.FindByUuid(Uuid(1)).ok());
}

TEST(SimulatedHypervisorTest, RenamesADomainThatIsNotActive) {
  SimulatedHypervisor hypervisor(HostWithKeys(1));
  ASSERT_TRUE(hypervisor.Define(TrustDomain(1)).ok());
  ASSERT_TRUE(hypervisor.Rename(Uuid(1), "a<b").ok());
  EXPECT_EQ(hypervisor.FindByName("a<b")->uuid, Uuid(1));
  EXPECT_THAT(hypervisor.FindByUuid(Uuid(1))->xml, HasSubstr("<name>a&lt;b</name>"));
  ASSERT_TRUE(hypervisor.Start(Uuid(1)).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(hypervisor.Rename(Uuid(1), "c")));
}

TEST(SimulatedHypervisorTest, UndefineWantsADomainThatDoesNotRun) {
  SimulatedHypervisor hypervisor(HostWithKeys(1));
  ASSERT_TRUE(hypervisor.Define(TrustDomain(1)).ok());
  ASSERT_TRUE(hypervisor.Start(Uuid(1)).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(hypervisor.Undefine(Uuid(1))));
  ASSERT_TRUE(hypervisor.Stop(Uuid(1)).ok());
  EXPECT_TRUE(hypervisor.Undefine(Uuid(1)).ok());
  EXPECT_TRUE(hypervisor.Undefine(Uuid(1)).ok());
  EXPECT_TRUE(hypervisor.ListDomains()->empty());
  EXPECT_TRUE(absl::IsNotFound(hypervisor.Stop(Uuid(1))));
  EXPECT_TRUE(absl::IsNotFound(hypervisor.Start(Uuid(1))));
  EXPECT_TRUE(absl::IsNotFound(hypervisor.FindByName("td1").status()));
}

TEST(SimulatedHypervisorTest, FailsOneStartWhenTold) {
  SimulatedHypervisor hypervisor(HostWithKeys(1));
  ASSERT_TRUE(hypervisor.Define(TrustDomain(1)).ok());
  hypervisor.FailNextStart("QEMU went away");
  const absl::Status failed = hypervisor.Start(Uuid(1));
  EXPECT_TRUE(absl::IsAborted(failed));
  EXPECT_THAT(std::string(failed.message()), HasSubstr("QEMU went away"));
  EXPECT_TRUE(hypervisor.Start(Uuid(1)).ok());
}

TEST(SimulatedHypervisorTest, AStallBlocksCallsUntilItEnds) {
  SimulatedHypervisor hypervisor(HostWithKeys(1));
  hypervisor.Stall();
  auto versions = std::async(std::launch::async, [&] { return hypervisor.Versions(); });
  EXPECT_EQ(versions.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  hypervisor.Resume();
  EXPECT_EQ(versions.get()->libvirt, "12.8.0");
}

TEST(SimulatedHypervisorTest, TheListenerHearsOfDomainsAndOfALoss) {
  SimulatedHypervisor hypervisor(HostWithKeys(1));
  ListenerFake listener;
  hypervisor.SetListener(listener.Function());
  ASSERT_TRUE(hypervisor.Define(TrustDomain(1)).ok());
  EXPECT_TRUE(listener.WaitFor(HypervisorEvent::kDomainChanged));
  hypervisor.Disconnect();
  EXPECT_TRUE(listener.WaitFor(HypervisorEvent::kConnectionLost));
  EXPECT_TRUE(absl::IsUnavailable(hypervisor.ListDomains().status()));
  hypervisor.Reconnect();
  EXPECT_EQ(hypervisor.ListDomains()->size(), 1u);
  hypervisor.SetListener(nullptr);
}

TEST(SimulatedHypervisorTest, AListenerThatIsTakenAwayIsCalledNoMore) {
  SimulatedHypervisor hypervisor(HostWithKeys(1));
  for (int round = 0; round < 200; ++round) {
    auto heard = std::make_unique<int>(0);
    hypervisor.SetListener([&count = *heard](HypervisorEvent) { ++count; });
    ASSERT_TRUE(hypervisor.Define(TrustDomain(1)).ok());
    hypervisor.SetListener(nullptr);
  }
}

TEST(SimulatedHypervisorTest, AnswersDomainCapabilitiesOfAKvmQ35MachineOnly) {
  SimulatedHypervisor hypervisor(HostWithKeys(1));
  EXPECT_EQ(*hypervisor.DomainCapabilitiesXml("pc-q35-9.2", "kvm"), "<domainCapabilities/>");
  EXPECT_TRUE(absl::IsInvalidArgument(hypervisor.DomainCapabilitiesXml("pc", "kvm").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(hypervisor.DomainCapabilitiesXml("q35", "qemu").status()));
}

}  // namespace
}  // namespace ccplace
