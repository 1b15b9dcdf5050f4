// Against libvirt's own client library and its in-process driver, test:///default.
#include "lib/hypervisor/libvirt_hypervisor.h"

#include <libvirt/libvirt.h>

#include <chrono>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/hypervisor/listener_fake.h"

namespace ccplace {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;

constexpr char kUuid[] = "11111111-2222-3333-4444-555555555555";
constexpr char kOther[] = "99999999-2222-3333-4444-555555555555";

std::string DomainXml(const std::string& name, const std::string& uuid,
                      const std::string& title = "first") {
  return absl::StrCat("<domain type='test'><name>", name, "</name><uuid>", uuid, "</uuid><title>",
                      title, "</title><memory>8192</memory><os><type>hvm</type></os></domain>");
}

LibvirtOptions InProcess() {
  LibvirtOptions options;
  options.uri = "test:///default";
  return options;
}

class LibvirtHypervisorTest : public testing::Test {
 protected:
  ~LibvirtHypervisorTest() override {
    hypervisor_.Stop(kUuid).IgnoreError();
    EXPECT_TRUE(hypervisor_.Undefine(kUuid).ok());
  }
  LibvirtHypervisor hypervisor_{InProcess()};
};

TEST_F(LibvirtHypervisorTest, SaysTheVersionOfLibvirt) {
  const auto versions = hypervisor_.Versions();
  ASSERT_TRUE(versions.ok()) << versions.status();
  EXPECT_THAT(versions->libvirt, testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
}

TEST_F(LibvirtHypervisorTest, ListsDomainsWithStateAndXml) {
  ASSERT_TRUE(hypervisor_.Define(DomainXml("mine", kUuid)).ok());
  const auto domains = hypervisor_.ListDomains();
  ASSERT_TRUE(domains.ok()) << domains.status();
  ASSERT_EQ(domains->size(), 2u);
  for (const DomainDescription& domain : *domains) {
    // The driver comes with a running domain of this name.
    EXPECT_EQ(domain.state,
              domain.name == "test" ? v1::DOMAIN_STATE_RUNNING : v1::DOMAIN_STATE_SHUT_OFF);
    EXPECT_THAT(domain.xml, HasSubstr(absl::StrCat("<uuid>", domain.uuid, "</uuid>")));
  }
}

TEST_F(LibvirtHypervisorTest, ADomainLivesFromDefineToUndefine) {
  const auto defined = hypervisor_.Define(DomainXml("mine", kUuid));
  ASSERT_TRUE(defined.ok()) << defined.status();
  EXPECT_EQ(defined->uuid, kUuid);
  EXPECT_EQ(defined->state, v1::DOMAIN_STATE_SHUT_OFF);
  ASSERT_TRUE(hypervisor_.Start(kUuid).ok());
  EXPECT_EQ(hypervisor_.FindByUuid(kUuid)->state, v1::DOMAIN_STATE_RUNNING);
  EXPECT_EQ(hypervisor_.FindByName("mine")->uuid, kUuid);
  EXPECT_EQ(hypervisor_.Undefine(kUuid).code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(hypervisor_.Stop(kUuid).ok());
  ASSERT_TRUE(hypervisor_.Undefine(kUuid).ok());
  EXPECT_TRUE(absl::IsNotFound(hypervisor_.FindByUuid(kUuid).status()));
}

TEST_F(LibvirtHypervisorTest, RepeatedStartStopAndUndefineAreOk) {
  ASSERT_TRUE(hypervisor_.Define(DomainXml("mine", kUuid)).ok());
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(hypervisor_.Start(kUuid).ok());
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(hypervisor_.Stop(kUuid).ok());
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(hypervisor_.Undefine(kUuid).ok());
}

TEST_F(LibvirtHypervisorTest, WhatIsNotThereIsNotFoundAndNamed) {
  const auto found = hypervisor_.FindByUuid(kUuid);
  EXPECT_TRUE(absl::IsNotFound(found.status()));
  EXPECT_THAT(std::string(found.status().message()),
              HasSubstr(absl::StrCat("find domain '", kUuid, "': libvirt: ")));
  EXPECT_TRUE(absl::IsNotFound(hypervisor_.FindByName("nobody").status()));
  EXPECT_TRUE(absl::IsNotFound(hypervisor_.Start(kUuid)));
  EXPECT_TRUE(absl::IsNotFound(hypervisor_.Stop(kUuid)));
}

TEST_F(LibvirtHypervisorTest, RefusesANameOrUuidOfAnother) {
  ASSERT_TRUE(hypervisor_.Define(DomainXml("mine", kUuid)).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(hypervisor_.Define(DomainXml("mine", kOther)).status()));
  EXPECT_TRUE(absl::IsAlreadyExists(hypervisor_.Define(DomainXml("other", kUuid)).status()));
  EXPECT_EQ(hypervisor_.FindByUuid(kUuid)->name, "mine");
}

TEST_F(LibvirtHypervisorTest, RefusesADefinitionThatTheSchemaDoesNotKnow) {
  const std::string xml =
      absl::StrCat("<domain type='test'><name>mine</name><uuid>", kUuid,
                   "</uuid><memory>8192</memory><os><type>hvm</type></os><wrong/></domain>");
  const auto defined = hypervisor_.Define(xml);
  EXPECT_TRUE(absl::IsFailedPrecondition(defined.status())) << defined.status();
  EXPECT_THAT(std::string(defined.status().message()), HasSubstr("wrong"));
}

TEST_F(LibvirtHypervisorTest, RefusesWhatIsNoDomain) {
  EXPECT_TRUE(absl::IsFailedPrecondition(hypervisor_.Define("<domain").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(hypervisor_.Define("<network/>").status()));
}

TEST_F(LibvirtHypervisorTest, HearsOfDomainsThatOthersChange) {
  ListenerFake listener;
  hypervisor_.SetListener(listener.Function());
  ASSERT_TRUE(hypervisor_.Versions().ok());
  LibvirtHypervisor other(InProcess());
  ASSERT_TRUE(other.Define(DomainXml("mine", kUuid)).ok());
  EXPECT_TRUE(listener.WaitFor(HypervisorEvent::kDomainChanged));
  hypervisor_.SetListener(nullptr);
}

TEST_F(LibvirtHypervisorTest, ListsTheNewXmlAfterAnotherRedefinedIt) {
  ASSERT_TRUE(hypervisor_.Define(DomainXml("mine", kUuid, "before")).ok());
  ASSERT_TRUE(hypervisor_.ListDomains().ok());
  ListenerFake listener;
  hypervisor_.SetListener(listener.Function());
  LibvirtHypervisor other(InProcess());
  ASSERT_TRUE(other.Define(DomainXml("mine", kUuid, "after")).ok());
  ASSERT_TRUE(listener.WaitFor(HypervisorEvent::kDomainChanged));
  hypervisor_.SetListener(nullptr);
  EXPECT_THAT(*hypervisor_.ListDomains(),
              Contains(Field(&DomainDescription::xml, HasSubstr("<title>after</title>"))));
}

TEST_F(LibvirtHypervisorTest, ListsTheNewMetadataAfterAnotherSetIt) {
  ASSERT_TRUE(hypervisor_.Define(DomainXml("mine", kUuid, "before")).ok());
  ASSERT_TRUE(hypervisor_.ListDomains().ok());
  ListenerFake listener;
  hypervisor_.SetListener(listener.Function());
  const virConnectPtr raw = virConnectOpen("test:///default");
  const virDomainPtr domain = virDomainLookupByUUIDString(raw, kUuid);
  ASSERT_EQ(virDomainSetMetadata(domain, VIR_DOMAIN_METADATA_TITLE, "after", nullptr, nullptr,
                                 VIR_DOMAIN_AFFECT_CONFIG),
            0);
  virDomainFree(domain);
  virConnectClose(raw);
  ASSERT_TRUE(listener.WaitFor(HypervisorEvent::kDomainChanged));
  hypervisor_.SetListener(nullptr);
  EXPECT_THAT(*hypervisor_.ListDomains(),
              Contains(Field(&DomainDescription::xml, HasSubstr("<title>after</title>"))));
}

TEST_F(LibvirtHypervisorTest, FindsMetadataOfWhatIsInForceAndOfTheDefinition) {
  ASSERT_TRUE(hypervisor_.Define(DomainXml("mine", kUuid)).ok());
  const auto note = [&](MetadataSide side, const std::string& text) {
    return hypervisor_
        .SetMetadata(kUuid, side, {"urn:test", "t", absl::StrCat("<n><in>", text, "</in></n>")})
        .status();
  };
  EXPECT_EQ(hypervisor_.FindMetadata(kUuid, "urn:test")->in_force, "");
  ASSERT_TRUE(note(MetadataSide::kDefinition, "kept").ok());
  ASSERT_TRUE(hypervisor_.Start(kUuid).ok());
  ASSERT_TRUE(note(MetadataSide::kActiveGuest, "live").ok());
  const auto found = hypervisor_.FindMetadata(kUuid, "urn:test");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->state, v1::DOMAIN_STATE_RUNNING);
  EXPECT_THAT(found->in_force, HasSubstr("<in>live</in>"));
  EXPECT_THAT(found->definition.value_or(""), HasSubstr("<in>kept</in>"));
  EXPECT_EQ(hypervisor_.FindMetadata(kUuid, "urn:other")->definition, "");
  EXPECT_TRUE(absl::IsNotFound(hypervisor_.FindMetadata(kOther, "urn:test").status()));
}

TEST(LibvirtHypervisorUnreachableTest, IsUnavailableAndSaysWhere) {
  LibvirtOptions options;
  options.uri = "qemu+unix:///system?socket=/nonexistent/\x01socket";
  LibvirtHypervisor hypervisor(options);
  const auto versions = hypervisor.Versions();
  EXPECT_TRUE(absl::IsUnavailable(versions.status()));
  EXPECT_THAT(std::string(versions.status().message()), HasSubstr("/nonexistent/\\x01socket"));
  EXPECT_TRUE(absl::IsUnavailable(hypervisor.ListDomains().status()));
  EXPECT_TRUE(absl::IsUnavailable(hypervisor.Start(kUuid)));
}

TEST(LibvirtHypervisorUnreachableTest, LibvirtPrintsNothingOfItsOwn) {
  testing::internal::CaptureStderr();
  LibvirtOptions options;
  options.uri = "qemu+unix:///system?socket=/nonexistent";
  LibvirtHypervisor unreachable(options);
  EXPECT_FALSE(unreachable.Versions().ok());
  LibvirtHypervisor hypervisor(InProcess());
  EXPECT_FALSE(hypervisor.FindByUuid(kOther).ok());
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace ccplace
