// Every pair of tests/data/domains: what was asked, and the XML it becomes.
#include <filesystem>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "lib/domain/domain_xml.h"
#include "tests/unit/domain/requests.h"
#include "tests/unit/domain/xml_oracle.h"

namespace ccplace {
namespace {

DomainPolicy PolicyOf(const std::string& name) {
  DomainPolicy policy = PlainPolicy();
  if (name == "placed-on-huge-pages") policy.machine_type = "pc-q35-11.1";
  if (name == "attested") {
    policy.secure_boot = SecureBoot::kOn;
    policy.quote_service_path = "/run/tdx-qgs/other.socket";
  }
  return policy;
}

class GoldenTest : public ::testing::TestWithParam<std::string> {
 protected:
  v1::DefineTdxDomainRequest Request() const {
    return RequestFrom(TestData("domains/" + GetParam() + ".textproto"));
  }
  std::string Expected() const { return TestData("domains/" + GetParam() + ".xml"); }
};

TEST_P(GoldenTest, RequestPassesTheChecks) {
  EXPECT_EQ(ValidateDomainSpec(Request()), absl::OkStatus());
}

TEST_P(GoldenTest, BuildsTheXml) {
  const auto xml = BuildDomainXml(Request(), PolicyOf(GetParam()));
  ASSERT_TRUE(xml.ok()) << xml.status();
  EXPECT_EQ(CanonicalXml(*xml), CanonicalXml(Expected()));
}

TEST_P(GoldenTest, IsValidAgainstLibvirtsSchema) { EXPECT_EQ(SchemaFaults(Expected()), ""); }

INSTANTIATE_TEST_SUITE_P(Domains, GoldenTest,
                         ::testing::Values("one-file-disk", "every-disk-source",
                                           "every-interface-source", "placed-on-huge-pages",
                                           "attested", "debuggable"),
                         [](const auto& golden) {
                           std::string name = golden.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

TEST(GoldenFilesTest, EveryFileIsTested) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(CCPLACE_TEST_DATA "/domains")) {
    if (entry.path().extension() == ".xml") names.insert(entry.path().stem());
  }
  EXPECT_EQ(names, (std::set<std::string>{"attested", "debuggable", "every-disk-source",
                                          "every-interface-source", "one-file-disk",
                                          "placed-on-huge-pages"}));
}

TEST(SchemaTest, RefusesWhatLibvirtDoesNotKnow) {
  std::string xml = TestData("domains/one-file-disk.xml");
  xml.replace(xml.find("quoteGenerationService"), 22, "quoteGenerationSocket");
  EXPECT_NE(SchemaFaults(xml), "");
}

}  // namespace
}  // namespace ccplace
