#include "lib/lifecycle/domain_schema.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_replace.h"
#include "tests/unit/lifecycle/lifecycle_fixture.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;

std::string ContentOf(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

// libvirt 12.8's, with `from` in domaincommon.rng replaced.
void InstallSchemas(InMemoryHostFiles& files, const std::string& from = "",
                    const std::string& to = "") {
  for (const auto& entry :
       std::filesystem::directory_iterator(CCPLACE_TEST_DATA "/libvirt-12.8-schemas")) {
    const std::string name = entry.path().filename();
    std::string content = ContentOf(entry.path());
    if (name == "domaincommon.rng" && !from.empty()) {
      ASSERT_THAT(content, HasSubstr(from));
      content = absl::StrReplaceAll(content, {{from, to}});
    }
    files.WriteFile("/usr/share/libvirt/schemas/" + name, content);
  }
}

std::string GoodXml() { return ContentOf(CCPLACE_TEST_DATA "/domains/one-file-disk.xml"); }

TEST(DomainSchemaTest, WhatLibvirtTakesIsTaken) {
  InMemoryHostFiles files;
  InstallSchemas(files);
  EXPECT_EQ(CheckAgainstSchema(files, GoodXml()), absl::OkStatus());
}

TEST(DomainSchemaTest, WhatItDoesNotKnowIsRefusedInItsWords) {
  InMemoryHostFiles files;
  InstallSchemas(files);
  const absl::Status status =
      CheckAgainstSchema(files, absl::StrReplaceAll(GoodXml(), {{"<clock ", "<foo/><clock "}}));
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  // As libvirt 12.8 said it of the same.
  EXPECT_THAT(std::string(status.message()), HasSubstr("Unable to validate doc against "
                                                       "/usr/share/libvirt/schemas/domain.rng"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("Element domain has extra content: foo"));
}

TEST(DomainSchemaTest, ASchemaThatIsOutOfSightOrNoneRefusesNothing) {
  InMemoryHostFiles files;
  EXPECT_TRUE(CheckAgainstSchema(files, GoodXml()).ok());
  for (const char* content : {"", "<a/>",
                              "<grammar xmlns='http://relaxng.org/ns/structure/1.0'>"
                              "<include href='domain.rng'/></grammar>"}) {
    files.WriteFile(kDomainSchema, content);
    EXPECT_TRUE(CheckAgainstSchema(files, GoodXml()).ok()) << content;
  }
}

using SchemaDryRunTest = LifecycleTest;

// As a libvirt that is older than the element.
TEST_F(SchemaDryRunTest, ADryRunIsRefusedByTheHostsOwnSchema) {
  InstallSchemas(*files_, "quoteGenerationService", "quoteGenerationSocket");
  auto request = GoodDefinition();
  request.set_dry_run(true);
  EXPECT_THAT(Define(request), Fails(absl::StatusCode::kFailedPrecondition,
                                     "failed to validate against schema", "DEFINITION_REFUSED"));
}

}  // namespace
}  // namespace ccplace
