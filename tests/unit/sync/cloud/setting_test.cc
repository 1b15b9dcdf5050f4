#include "client/sync/cloud/setting.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ccplace::sync {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Setting Yaml(const std::string& text) { return *ParseSettings("clouds.yaml", text); }

std::string Fault(const std::string& text) {
  return std::string(ParseSettings("clouds.yaml", text).status().message());
}

// Expectations by PyYAML 6.0's safe_load.
TEST(SettingTest, TakesMergeKeysInYamlsOrder) {
  const Setting map = Yaml(
      "a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\n"
      "one: {<<: *a, y: own}\nboth: {<<: [*a, *b], z: own}\n");
  EXPECT_EQ(map.members.at("one").members.at("x").text, "1");
  EXPECT_EQ(map.members.at("one").members.at("y").text, "own");
  EXPECT_EQ(map.members.at("both").members.at("x").text, "1");
  EXPECT_EQ(map.members.at("both").members.at("z").text, "own");
}

TEST(SettingTest, TakesMergeKeysOfMergedMaps) {
  const Setting map = Yaml("a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}\n");
  EXPECT_EQ(map.members.at("c").members.at("x").text, "1");
  EXPECT_EQ(map.members.at("c").members.count("<<"), 0u);
}

TEST(SettingTest, RefusesPlainScalarsThatOtherToolsChange) {
  for (const char* text :
       {"0123", "1_000", "0x1F", "12:30:45", "1.50", "2026-11-29", "yes", "Off", ".inf", "+1"}) {
    const Setting map = Yaml(std::string("password: ") + text);
    const absl::Status status = TextOf(map.members.at("password"), "password").status();
    EXPECT_THAT(status.message(), AllOf(HasSubstr("line 1"), HasSubstr("quotes"))) << text;
  }
}

TEST(SettingTest, TakesTextAsItIsWritten) {
  for (const char* text : {"'0123'", "\"yes\"", "12345", "0", "1e5", "0o17", "a:b", "8f3e"}) {
    const Setting map = Yaml(std::string("password: ") + text);
    EXPECT_TRUE(TextOf(map.members.at("password"), "password").ok()) << text;
  }
}

TEST(SettingTest, NamesFileAndLineOfWhatIsNoYaml) {
  EXPECT_THAT(Fault("a: b\n c: [1"), AllOf(HasSubstr("clouds.yaml"), HasSubstr("line")));
  EXPECT_THAT(Fault("a: 1\nb: 2\na: 3"), AllOf(HasSubstr("line 3"), HasSubstr("twice")));
  EXPECT_THAT(Fault("a: !!python/object:os.system {}"), Not(HasSubstr("ok")));
  EXPECT_THAT(Fault("a: 1\n---\nb: 2"), HasSubstr("documents"));
  EXPECT_THAT(Fault("a: {<<: 3}"), HasSubstr("<<"));
}

TEST(SettingTest, RefusesManyDocumentsAtTheSecond) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "--- {a: 1}\n";
  EXPECT_THAT(Fault(text), HasSubstr("several YAML documents"));
}

TEST(SettingTest, RefusesAliasesThatWouldNotEnd) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string name = "a" + std::to_string(i);
    const std::string last = "*a" + std::to_string(i - 1);
    text += name + ": &" + name + " [";
    for (int j = 0; j < 10; ++j) text += last + ", ";
    text += "x]\n";
  }
  EXPECT_THAT(Fault(text), HasSubstr("aliases"));
}

TEST(SettingTest, ReadsJsonByTheFilesName) {
  const Setting map = *ParseSettings("clouds.json", R"({"clouds": {"c": {"verify": false}}})");
  EXPECT_EQ(map.members.at("clouds").members.at("c").members.at("verify").type,
            Setting::Type::kBool);
  EXPECT_THAT(ParseSettings("clouds.json", "clouds: {}").status().message(), HasSubstr("JSON"));
}

}  // namespace
}  // namespace ccplace::sync
