#include "lib/placement/provider_tree.h"

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/unit/placement/root_provider.h"

namespace ccplace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Figures of a host's keys; those left out are unknown.
struct Keys {
  std::optional<uint64_t> total;
  std::optional<uint64_t> limit;
  std::optional<uint64_t> reserved;
  std::optional<uint64_t> unaccounted;
};

void Set(const std::optional<uint64_t>& value, v1::Figure* figure) {
  if (value.has_value()) figure->set_value(*value);
}

v1::HostCapabilities TdxHost(v1::Support verdict, const Keys& keys) {
  v1::HostCapabilities host;
  v1::ModelCapability* tdx = host.add_models();
  tdx->set_model(v1::ENCRYPTION_MODEL_INTEL_TDX);
  tdx->set_verdict(verdict);
  Set(keys.total, tdx->mutable_keys()->mutable_total());
  Set(keys.limit, tdx->mutable_keys()->mutable_limit());
  Set(keys.reserved, tdx->mutable_keys()->mutable_reserved());
  Set(keys.unaccounted, tdx->mutable_keys()->mutable_unaccounted());
  return host;
}

ChildProvider TdxChild(const v1::HostCapabilities& host) {
  return (*DesiredChildren(host, kRoot))[0];
}

ChildProvider SupportedTdxChild(const Keys& keys) {
  return TdxChild(TdxHost(v1::SUPPORT_SUPPORTED, keys));
}

void AddGate(v1::HostCapabilities& host, v1::CheckResult result, const std::string& found) {
  v1::Check* check = host.mutable_models(0)->add_checks();
  check->set_kind(v1::CHECK_KIND_KERNEL_PARAMETER);
  check->set_gate(true);
  check->set_result(result);
  check->set_found(found);
}

TEST(DesiredChildrenTest, NamesTheFourChildrenAsNovaDoes) {
  const auto children = *DesiredChildren(v1::HostCapabilities(), kRoot);
  ASSERT_EQ(children.size(), 4u);
  EXPECT_EQ(children[0].name, "node-1_intel_tdx");
  EXPECT_EQ(children[1].name, "node-1_amd_sev");
  EXPECT_EQ(children[2].name, "node-1_amd_sev_es");
  EXPECT_EQ(children[3].name, "node-1_amd_sev_snp");
}

TEST(DesiredChildrenTest, GivesEachChildItsModelsTrait) {
  const auto children = *DesiredChildren(v1::HostCapabilities(), kRoot);
  EXPECT_THAT(children[0].traits, ElementsAre("HW_CPU_X86_INTEL_TDX"));
  EXPECT_THAT(children[1].traits, ElementsAre("HW_CPU_X86_AMD_SEV"));
  EXPECT_THAT(children[2].traits, ElementsAre("HW_CPU_X86_AMD_SEV_ES"));
  EXPECT_THAT(children[3].traits, ElementsAre("HW_CPU_X86_AMD_SEV_SNP"));
}

TEST(DesiredChildrenTest, TakesTheTraitsNewNameFromThePolicy) {
  v1::HostCapabilities host;
  (*host.mutable_policy()->mutable_renamed_traits())["HW_CPU_X86_INTEL_TDX"] =
      "CUSTOM_HW_CPU_X86_INTEL_TDX";
  EXPECT_THAT(TdxChild(host).traits, ElementsAre("CUSTOM_HW_CPU_X86_INTEL_TDX"));
}

// Expected: python3 -c 'import uuid; print(uuid.uuid5(uuid.UUID(ROOT), "node-1_intel_tdx"))'
TEST(DesiredChildrenTest, DerivesTheUuidFromRootAndName) {
  EXPECT_EQ(TdxChild(v1::HostCapabilities()).uuid, "19e48d35-ffe6-50d5-86f0-eb01e1f98a00");
}

TEST(DesiredChildrenTest, OffersThePlatformsKeys) {
  const ChildProvider child = SupportedTdxChild({63, {}, 0, 0});
  EXPECT_EQ(child.state, DesiredState::kPresent);
  EXPECT_EQ(child.keys.total, 63u);
  EXPECT_EQ(child.keys.held_back, 0u);
  EXPECT_THAT(child.reason, HasSubstr("63 keys"));
}

TEST(DesiredChildrenTest, TakesTheSmallerOfPlatformAndLimit) {
  EXPECT_EQ(SupportedTdxChild({63, 10, 0, 0}).keys.total, 10u);
  EXPECT_EQ(SupportedTdxChild({63, 100, 0, 0}).keys.total, 63u);
}

TEST(DesiredChildrenTest, HoldsBackNoMoreThanTheTotal) {
  EXPECT_EQ(SupportedTdxChild({5, {}, 4, 3}).keys.held_back, 4u);
  EXPECT_EQ(SupportedTdxChild({5, {}, UINT64_MAX, 0}).keys.held_back, 5u);
}

TEST(DesiredChildrenTest, TellsUnknownUseFromNone) {
  EXPECT_EQ(SupportedTdxChild({63, {}, 2, {}}).keys.unaccounted, std::nullopt);
  EXPECT_EQ(SupportedTdxChild({63, {}, 2, 0}).keys.unaccounted, 0u);
}

TEST(DesiredChildrenTest, KeepsTheTotalWithinWhatPlacementCanHold) {
  EXPECT_EQ(SupportedTdxChild({UINT64_MAX, {}, 0, 0}).keys.total, 2147483647u);
}

TEST(DesiredChildrenTest, WishesNoChildWithoutAKey) {
  EXPECT_EQ(SupportedTdxChild({0, {}, 0, 0}).state, DesiredState::kAbsent);
  EXPECT_EQ(SupportedTdxChild({63, 0, 0, 0}).state, DesiredState::kAbsent);
}

TEST(DesiredChildrenTest, WishesNoChildOfAnUnsupportedModelAndNamesTheGate) {
  v1::HostCapabilities host = TdxHost(v1::SUPPORT_UNSUPPORTED, {63, {}, 0, 0});
  AddGate(host, v1::CHECK_RESULT_FAIL, "N");
  const ChildProvider child = TdxChild(host);
  EXPECT_EQ(child.state, DesiredState::kAbsent);
  EXPECT_EQ(child.keys.total, 0u);
  EXPECT_THAT(child.reason, HasSubstr("CHECK_KIND_KERNEL_PARAMETER found 'N'"));
}

TEST(DesiredChildrenTest, LeavesAChildAloneWhenTheHostIsNotSure) {
  v1::HostCapabilities host = TdxHost(v1::SUPPORT_UNKNOWN, {63, {}, 0, 0});
  AddGate(host, v1::CHECK_RESULT_UNKNOWN, "libvirt does not answer");
  EXPECT_EQ(TdxChild(host).state, DesiredState::kUnknown);
  EXPECT_THAT(TdxChild(host).reason, HasSubstr("libvirt does not answer"));
  EXPECT_EQ(SupportedTdxChild({}).state, DesiredState::kUnknown);
  EXPECT_EQ(TdxChild(v1::HostCapabilities()).state, DesiredState::kUnknown);
}

TEST(DesiredChildrenTest, HoldsBackAllKeysThatTheHostWithholdsAndKeepsTheChild) {
  v1::HostCapabilities host = TdxHost(v1::SUPPORT_SUPPORTED, {63, 10, 63, 0});
  v1::KeyInventory& keys = *host.mutable_models(0)->mutable_keys();
  keys.set_withheld("no quote service");
  keys.mutable_usable()->set_value(0);
  const ChildProvider child = TdxChild(host);
  EXPECT_EQ(child.state, DesiredState::kPresent);
  EXPECT_EQ(child.keys.total, 10u);
  EXPECT_EQ(child.keys.held_back, 10u);
  EXPECT_EQ(child.keys.withheld, "no quote service");
}

TEST(DesiredChildrenTest, LeavesAChildAloneUntilTheHostKnowsWhetherItWithholds) {
  v1::HostCapabilities host = TdxHost(v1::SUPPORT_SUPPORTED, {63, {}, {}, 0});
  host.mutable_models(0)->mutable_keys()->set_withheld("whether it can is not known");
  EXPECT_EQ(TdxChild(host).state, DesiredState::kUnknown);
  EXPECT_EQ(TdxChild(host).reason, "whether it can is not known");
}

std::vector<std::string> TraitsWith(const std::string& version, bool publish) {
  v1::HostCapabilities host = TdxHost(v1::SUPPORT_SUPPORTED, {63, {}, 0, 0});
  host.mutable_versions()->set_tdx_module(version);
  NovaPolicy policy;
  policy.publish_module_line = publish;
  return (*DesiredChildren(host, kRoot, policy))[0].traits;
}

TEST(DesiredChildrenTest, NamesTheModulesLineWhereThatIsWanted) {
  EXPECT_THAT(TraitsWith("1.5.06", true),
              ElementsAre("HW_CPU_X86_INTEL_TDX", "CUSTOM_CCPLACE_TDX_MODULE_1_5"));
  EXPECT_THAT(TraitsWith("2.0.14", true),
              ElementsAre("HW_CPU_X86_INTEL_TDX", "CUSTOM_CCPLACE_TDX_MODULE_2_0"));
  EXPECT_THAT(TraitsWith("1.5.06", false), ElementsAre("HW_CPU_X86_INTEL_TDX"));
}

TEST(DesiredChildrenTest, NamesNoLineOfAVersionThatIsNone) {
  for (const char* version : {"", "1.5", "1.5.x", "1.5.6 ", "A.B.C", "1.5.6.7", "999999.1.1"}) {
    EXPECT_THAT(TraitsWith(version, true), ElementsAre("HW_CPU_X86_INTEL_TDX")) << version;
  }
}

TEST(OwnerByClassTest, FollowsTheClassThatTheHostsQueriesName) {
  v1::HostPolicy policy;
  EXPECT_EQ(OwnerByClass(policy), HostOwner::kNoNova);
  policy.set_tdx_key_class("MEM_ENCRYPTION_CONTEXT");
  EXPECT_EQ(OwnerByClass(policy), HostOwner::kNoNova);
  policy.set_tdx_key_class("CUSTOM_CCPLACE_INTEL_TDX_KEY");
  EXPECT_EQ(OwnerByClass(policy), HostOwner::kNovaBefore34);
}

TEST(DesiredChildrenTest, SaysInWhichClassTheHostsQueriesLookForKeys) {
  v1::HostCapabilities host = TdxHost(v1::SUPPORT_SUPPORTED, {63, {}, 0, 0});
  EXPECT_EQ(TdxChild(host).asked_class, "MEM_ENCRYPTION_CONTEXT");
  host.mutable_policy()->set_tdx_key_class("CUSTOM_CCPLACE_INTEL_TDX_KEY");
  EXPECT_EQ(TdxChild(host).asked_class, "CUSTOM_CCPLACE_INTEL_TDX_KEY");
  const absl::StatusOr<std::vector<ChildProvider>> children = DesiredChildren(host, kRoot);
  for (const ChildProvider& child : *children) {
    if (child.model == v1::ENCRYPTION_MODEL_INTEL_TDX) continue;
    EXPECT_EQ(child.asked_class, "MEM_ENCRYPTION_CONTEXT") << child.name;
  }
}

TEST(DesiredChildrenTest, RefusesARootThatCannotBe) {
  for (const RootProvider& root :
       {RootProvider{"none", "node-1"}, RootProvider{kRoot.uuid, ""},
        RootProvider{kRoot.uuid, "node\xff"}, RootProvider{kRoot.uuid, std::string(189, 'n')}}) {
    EXPECT_EQ(DesiredChildren(v1::HostCapabilities(), root).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(InventoryJsonTest, IsNovasInventory) {
  EXPECT_EQ(InventoryJson({63, 2}), nlohmann::json::parse(R"({
      "total": 63, "reserved": 2, "min_unit": 1, "max_unit": 1, "step_size": 1,
      "allocation_ratio": 1.0})"));
}

}  // namespace
}  // namespace ccplace
