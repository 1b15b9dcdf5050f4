#include "lib/hypervisor/domain_capabilities.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/hypervisor/simulated_hypervisor.h"

namespace ccplace {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string DataFile(absl::string_view name) {
  std::ifstream in(absl::StrCat(CCPLACE_TEST_DATA, "/domcaps/", name), std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

// Capabilities with these features alone.
absl::StatusOr<DomainCapabilities> WithFeatures(absl::string_view features) {
  return ParseDomainCapabilities(
      absl::StrCat("<domainCapabilities><features>", features, "</features></domainCapabilities>"));
}

std::string ErrorOf(absl::string_view xml) {
  const absl::Status status = ParseDomainCapabilities(xml).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  return std::string(status.message());
}

TEST(DomainCapabilitiesTest, ReadsATdxHost) {
  const auto facts = *ParseDomainCapabilities(DataFile("libvirt-12.8-qemu-11.1-kvm-q35-tdx.xml"));
  EXPECT_EQ(facts.emulator, "/usr/bin/qemu-system-x86_64");
  EXPECT_EQ(facts.virt_type, "kvm");
  EXPECT_EQ(facts.machine, "pc-q35-11.1");
  EXPECT_EQ(facts.architecture, "x86_64");
  EXPECT_THAT(facts.cpu_modes, ElementsAre("host-passthrough", "maximum", "host-model", "custom"));
  EXPECT_EQ(facts.tdx, Offer::kYes);
  EXPECT_EQ(facts.sev, Offer::kNo);
  EXPECT_EQ(facts.launch_security, Offer::kYes);
  EXPECT_THAT(facts.sectypes, ElementsAre("tdx"));
  EXPECT_FALSE(facts.sev_max_guests.has_value());
  EXPECT_THAT(facts.loaders, Contains("/usr/share/ovmf/OVMF.inteltdx.ms.fd"));
  EXPECT_EQ(facts.loaders.size(), 5u);
  EXPECT_EQ(facts.secure_loader, Offer::kYes);
}

TEST(DomainCapabilitiesTest, ALoaderMayBeSecureWhereItsListHasYes) {
  const auto offer = [](absl::string_view loader) {
    return ParseDomainCapabilities(absl::StrCat("<domainCapabilities><os><loader>", loader,
                                                "</loader></os></domainCapabilities>"))
        ->secure_loader;
  };
  EXPECT_EQ(offer("<enum name='secure'><value>no</value><value>yes</value></enum>"), Offer::kYes);
  EXPECT_EQ(offer("<enum name='secure'><value>no</value></enum>"), Offer::kNo);
  EXPECT_EQ(offer("<enum name='secure'/>"), Offer::kNo);
  EXPECT_EQ(offer("<enum name='readonly'><value>yes</value></enum>"), Offer::kAbsent);
}

TEST(DomainCapabilitiesTest, ALibvirtThatNamesNoLoadersSaysNothingOfThem) {
  EXPECT_THAT(ParseDomainCapabilities(DataFile("sev-2019.xml"))->loaders, IsEmpty());
  EXPECT_THAT(ParseDomainCapabilities(DataFile("loader-lacks-tdx.xml"))->loaders,
              ElementsAre("/usr/share/OVMF/OVMF_CODE_4M.fd"));
}

TEST(DomainCapabilitiesTest, KeepsElementAndSectypeApartWhenTheyDisagree) {
  const auto facts =
      *ParseDomainCapabilities(DataFile("libvirt-12.8-qemu-11.1-kvm-q35-param-missing.xml"));
  EXPECT_EQ(facts.tdx, Offer::kNo);
  EXPECT_THAT(facts.sectypes, ElementsAre("tdx"));
}

TEST(DomainCapabilitiesTest, ReadsPlainQemu) {
  const auto facts = *ParseDomainCapabilities(DataFile("libvirt-12.8-qemu-11.1-qemu-q35.xml"));
  EXPECT_EQ(facts.virt_type, "qemu");
  EXPECT_EQ(facts.tdx, Offer::kNo);
  EXPECT_THAT(facts.cpu_modes, Not(Contains("host-passthrough")));
}

TEST(DomainCapabilitiesTest, ReadsTheTestDriver) {
  const auto facts = *ParseDomainCapabilities(DataFile("libvirt-12.8-test-driver.xml"));
  EXPECT_EQ(facts.virt_type, "test");
  EXPECT_EQ(facts.emulator, "");
  EXPECT_EQ(facts.machine, "");
  EXPECT_EQ(facts.tdx, Offer::kAbsent);
  EXPECT_EQ(facts.launch_security, Offer::kAbsent);
  EXPECT_THAT(facts.cpu_modes, IsEmpty());
}

TEST(DomainCapabilitiesTest, ReadsSevCounts) {
  const auto facts = *WithFeatures(
      "<sev supported='yes'><cbitpos>51</cbitpos><reducedPhysBits>1</reducedPhysBits>"
      "<maxGuests>410</maxGuests><maxESGuests>99</maxESGuests></sev>"
      "<launchSecurity supported='yes'><enum name='sectype'><value>sev</value>"
      "<value>sev-snp</value></enum></launchSecurity>");
  EXPECT_EQ(facts.sev, Offer::kYes);
  EXPECT_EQ(facts.sev_max_guests, 410u);
  EXPECT_EQ(facts.sev_max_es_guests, 99u);
  EXPECT_THAT(facts.sectypes, ElementsAre("sev", "sev-snp"));
}

TEST(DomainCapabilitiesTest, SevCountsThatAreNoNumbersAreNotStated) {
  for (const absl::string_view count : {"", "-1", "many", "18446744073709551616"}) {
    const auto facts = *WithFeatures(
        absl::StrCat("<sev supported='yes'><maxGuests>", count, "</maxGuests></sev>"));
    EXPECT_EQ(facts.sev, Offer::kYes);
    EXPECT_FALSE(facts.sev_max_guests.has_value()) << count;
  }
}

TEST(DomainCapabilitiesTest, AnAnswerOtherThanYesAndNoIsNone) {
  EXPECT_EQ(WithFeatures("<tdx supported='maybe'/>")->tdx, Offer::kAbsent);
  EXPECT_EQ(WithFeatures("<tdx/>")->tdx, Offer::kAbsent);
  EXPECT_EQ(WithFeatures("")->tdx, Offer::kAbsent);
}

TEST(DomainCapabilitiesTest, OnlyTheFeaturesElementCounts) {
  const auto facts = *ParseDomainCapabilities(
      "<domainCapabilities><devices><tdx supported='yes'/></devices><tdx supported='yes'/>"
      "<features><hyperv><tdx supported='yes'/></hyperv></features></domainCapabilities>");
  EXPECT_EQ(facts.tdx, Offer::kAbsent);
}

TEST(DomainCapabilitiesTest, OtherEnumsOfLaunchSecurityAreNoSectypes) {
  const auto facts = *WithFeatures(
      "<launchSecurity supported='yes'><enum name='other'><value>tdx</value></enum>"
      "</launchSecurity>");
  EXPECT_THAT(facts.sectypes, IsEmpty());
}

TEST(DomainCapabilitiesTest, RefusesWhatIsCutOffAnywhere) {
  EXPECT_THAT(ErrorOf(DataFile("invalid_truncated.xml")), HasSubstr("line 2957"));
  const std::string whole = DataFile("libvirt-12.8-test-driver.xml");
  for (size_t size = 0; size + 2 < whole.size(); size += 7) ErrorOf(whole.substr(0, size));
}

TEST(DomainCapabilitiesTest, RefusesADocumentTypeWithItsEntities) {
  EXPECT_THAT(ErrorOf("<!DOCTYPE domainCapabilities><domainCapabilities/>"),
              HasSubstr("document type"));
  ErrorOf(DataFile("invalid_entities.xml"));
}

TEST(DomainCapabilitiesTest, RefusesAnotherRoot) {
  EXPECT_THAT(ErrorOf(DataFile("libvirt-12.8-capabilities.xml")),
              HasSubstr("its root is not <domainCapabilities>"));
  ErrorOf("");
  ErrorOf("{}");
  ErrorOf(absl::string_view("\0\0\0\0", 4));
}

TEST(DomainCapabilitiesTest, RefusesWhatComesAfterTheRoot) {
  ErrorOf("<domainCapabilities/><domainCapabilities/>");
}

TEST(DomainCapabilitiesTest, RefusesMoreThanTheLimit) {
  const std::string padding(kDomainCapabilitiesLimitBytes, ' ');
  EXPECT_THAT(ErrorOf(absl::StrCat("<domainCapabilities>", padding, "</domainCapabilities>")),
              HasSubstr("at most 2097152"));
}

TEST(DomainCapabilitiesTest, RefusesNestingWithoutEnd) {
  std::string deep = "<domainCapabilities><features>";
  for (int i = 0; i < 10000; ++i) deep += "<a>";
  ErrorOf(deep);
}

TEST(DomainCapabilitiesTest, TheSimulatedHostsAreTheCapturedOnes) {
  EXPECT_EQ(SimulatedDomainCapabilitiesXml(), DataFile("libvirt-12.8-qemu-11.1-kvm-q35-tdx.xml"));
}

}  // namespace
}  // namespace ccplace
