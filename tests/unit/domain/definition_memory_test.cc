#include "lib/domain/definition_memory.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace ccplace {
namespace {

constexpr char kUuid[] = "2f1c0f5e-7c0a-4b0e-9a57-1b1f3f3f0d11";

std::string DomainNamed(absl::string_view name) {
  return absl::StrCat("<domain><name>", name, "</name><uuid>", kUuid, "</uuid></domain>");
}

TEST(DefinitionMemoryTest, GivesWhatItReadBeforeWhileTheXmlIsTheSame) {
  DefinitionMemory memory;
  const auto first = memory.Read(kUuid, DomainNamed("a"));
  ASSERT_TRUE(first->ok());
  EXPECT_EQ(memory.Read(kUuid, DomainNamed("a")), first);
}

TEST(DefinitionMemoryTest, ReadsXmlThatChanged) {
  DefinitionMemory memory;
  const auto before = memory.Read(kUuid, DomainNamed("a"));
  EXPECT_EQ((*memory.Read(kUuid, DomainNamed("b")))->name, "b");
  EXPECT_EQ((*before)->name, "a");
}

TEST(DefinitionMemoryTest, ReadsAnewWhatItWasToForget) {
  DefinitionMemory memory;
  const auto kept = memory.Read(kUuid, DomainNamed("a"));
  const auto gone = memory.Read("gone", DomainNamed("a"));
  memory.KeepOnly({kUuid});
  EXPECT_EQ(memory.Read(kUuid, DomainNamed("a")), kept);
  EXPECT_NE(memory.Read("gone", DomainNamed("a")), gone);
}

TEST(DefinitionMemoryTest, TellsTheLatestOfEveryDomain) {
  DefinitionMemory memory;
  memory.Read(kUuid, DomainNamed("a"));
  memory.Read("other", DomainNamed("b"));
  const auto latest = memory.Read(kUuid, DomainNamed("c"));
  EXPECT_EQ(memory.All().size(), 2u);
  memory.KeepOnly({kUuid});
  EXPECT_EQ(memory.All(), std::vector<DefinitionMemory::Definition>{latest});
}

TEST(DefinitionMemoryTest, RemembersThatXmlIsNoDomain) {
  DefinitionMemory memory;
  const auto first = memory.Read(kUuid, "<network/>");
  EXPECT_TRUE(absl::IsInvalidArgument(first->status()));
  EXPECT_EQ(memory.Read(kUuid, "<network/>"), first);
}

}  // namespace
}  // namespace ccplace
