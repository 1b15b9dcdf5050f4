#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/hypervisor/capabilities_xml.h"

namespace ccplace {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::string Capabilities(absl::string_view guests) {
  return absl::StrCat("<capabilities><host/>", guests, "</capabilities>");
}

std::string Guest(absl::string_view type, absl::string_view architecture,
                  absl::string_view machines) {
  return absl::StrCat("<guest><os_type>", type, "</os_type><arch name='", architecture, "'>",
                      machines, "</arch></guest>");
}

TEST(MachineAliasesTest, ReadsRealLibvirts) {
  std::ifstream in(CCPLACE_TEST_DATA "/domcaps/libvirt-12.8-capabilities.xml");
  std::ostringstream xml;
  xml << in.rdbuf();
  EXPECT_THAT(*ParseMachineAliases(xml.str()),
              ElementsAre(Pair("pc", "pc-i440fx-11.1"), Pair("q35", "pc-q35-11.1")));
}

TEST(MachineAliasesTest, TakesThoseOfTheArchitectureAlone) {
  const char* const q35 = "<machine canonical='pc-q35-9.2'>q35</machine><machine>none</machine>";
  const char* const other = "<machine canonical='other'>q35</machine>";
  EXPECT_THAT(*ParseMachineAliases(Capabilities(absl::StrCat(Guest("hvm", "i686", other),
                                                             Guest("xen", "x86_64", other),
                                                             Guest("hvm", "x86_64", q35)))),
              ElementsAre(Pair("q35", "pc-q35-9.2")));
  EXPECT_TRUE(ParseMachineAliases(Capabilities(""))->empty());
}

TEST(MachineAliasesTest, RefusesWhatIsNoXml) {
  EXPECT_TRUE(absl::IsInvalidArgument(ParseMachineAliases("<capabilities>").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ParseMachineAliases("").status()));
}

}  // namespace
}  // namespace ccplace
