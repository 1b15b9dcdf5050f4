#include "lib/placement/plan.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/placement/root_provider.h"

namespace ccplace {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kTdxTrait[] = "HW_CPU_X86_INTEL_TDX";
// python3 -c 'import uuid; print(uuid.uuid5(uuid.UUID(ROOT), NAME))' for node-1_intel_tdx and
// old-name_intel_tdx.
constexpr char kTdxUuid[] = "19e48d35-ffe6-50d5-86f0-eb01e1f98a00";
constexpr char kOldNameUuid[] = "05716987-db32-56ac-accf-c3a3c8d66553";

ChildProvider Wish(DesiredState state, uint64_t total = 63, uint64_t in_use = 0) {
  ChildProvider child;
  child.model = v1::ENCRYPTION_MODEL_INTEL_TDX;
  child.name = "node-1_intel_tdx";
  child.uuid = kTdxUuid;
  child.state = state;
  child.keys = {total, 0, in_use, 0, "", 0};
  child.traits = {kTdxTrait};
  child.reason = "because the test says so";
  return child;
}

ObservedProvider Ours(KeyFigures keys, uint64_t allocated = 0) {
  ObservedProvider provider;
  provider.uuid = kTdxUuid;
  provider.name = "node-1_intel_tdx";
  provider.generation = 7;
  provider.traits = {kTdxTrait};
  provider.keys = keys;
  provider.allocated = allocated;
  return provider;
}

Plan PlanFor(const ChildProvider& desired, const std::vector<ObservedProvider>& children) {
  return MakePlan({kRoot, children}, {desired});
}

std::vector<StepKind> KindsOf(const Plan& plan) {
  std::vector<StepKind> kinds;
  for (const Step& step : plan.steps) kinds.push_back(step.kind);
  return kinds;
}

TEST(PlanTest, MakesANewChildWithItsInventoryLast) {
  const Plan plan = PlanFor(Wish(DesiredState::kPresent), {});
  EXPECT_THAT(KindsOf(plan), ElementsAre(StepKind::kCreateProvider, StepKind::kSetTraits,
                                         StepKind::kSetInventory));
  for (const Step& step : plan.steps) {
    EXPECT_EQ(step.provider_uuid, kTdxUuid);
    EXPECT_THAT(step.why, HasSubstr("node-1_intel_tdx"));
  }
  EXPECT_THAT(plan.steps[1].traits, ElementsAre(kTdxTrait));
  EXPECT_EQ(plan.steps[2].keys, (KeyFigures{63, 0}));
  EXPECT_FALSE(plan.steps[2].has_inventory);
  EXPECT_EQ(plan.notes[0].state, ChildState::kInSync);
}

constexpr char kLine15[] = "CUSTOM_CCPLACE_TDX_MODULE_1_5";
constexpr char kLine20[] = "CUSTOM_CCPLACE_TDX_MODULE_2_0";

ObservedProvider WithTraits(std::vector<std::string> traits) {
  ObservedProvider seen = Ours({63, 0});
  seen.traits = std::move(traits);
  return seen;
}

TEST(PlanTest, PutsTheModulesLineInPlaceOfAnotherAndKeepsTraitsOfOthers) {
  ChildProvider desired = Wish(DesiredState::kPresent);
  desired.traits = {kTdxTrait, kLine20};
  const Plan plan = PlanFor(desired, {WithTraits({kLine15, "CUSTOM_RACK_7", kTdxTrait})});
  ASSERT_THAT(KindsOf(plan), ElementsAre(StepKind::kSetTraits));
  EXPECT_THAT(plan.steps[0].traits, ElementsAre(kLine20, "CUSTOM_RACK_7", kTdxTrait));
  EXPECT_THAT(plan.steps[0].why, AllOf(HasSubstr(kLine15), HasSubstr(kLine20)));
}

TEST(PlanTest, TakesTheModulesLineAwayWhereItIsNotToBeToldAnyMore) {
  const Plan plan =
      PlanFor(Wish(DesiredState::kPresent), {WithTraits({kLine15, "CUSTOM_RACK_7", kTdxTrait})});
  ASSERT_THAT(KindsOf(plan), ElementsAre(StepKind::kSetTraits));
  EXPECT_THAT(plan.steps[0].traits, ElementsAre("CUSTOM_RACK_7", kTdxTrait));
}

TEST(PlanTest, LeavesTheModulesLineWhereTheVersionIsNotKnown) {
  ChildProvider desired = Wish(DesiredState::kPresent);
  desired.keeps_module_traits = true;
  EXPECT_THAT(PlanFor(desired, {WithTraits({kLine15, kTdxTrait})}).steps, IsEmpty());
}

TEST(PlanTest, SaysWhichOptionMakesQueriesFindTheKeys) {
  ChildProvider desired = Wish(DesiredState::kPresent);
  desired.resource_class = "CUSTOM_CCPLACE_INTEL_TDX_KEY";
  desired.asked_class = "MEM_ENCRYPTION_CONTEXT";
  EXPECT_THAT(PlanFor(desired, {}).notes[0].why,
              HasSubstr("--tdx_key_class=CUSTOM_CCPLACE_INTEL_TDX_KEY"));
  desired.closed = true;
  EXPECT_THAT(PlanFor(desired, {}).notes[0].why, Not(HasSubstr("--tdx_key_class")));
  desired.closed = false;
  desired.asked_class = desired.resource_class;
  EXPECT_THAT(PlanFor(desired, {}).notes[0].why, Not(HasSubstr("--tdx_key_class")));
}

TEST(PlanTest, SaysTheSameOfKeysThatNovaCounts) {
  ChildProvider desired = Wish(DesiredState::kPresent);
  desired.left_to_nova = "nova makes it";
  desired.asked_class = "CUSTOM_CCPLACE_INTEL_TDX_KEY";
  RootProvider root = kRoot;
  root.owner = HostOwner::kNova;
  EXPECT_THAT(MakePlan({root, {}}, {desired}).notes[0].why,
              HasSubstr("--tdx_key_class=MEM_ENCRYPTION_CONTEXT"));
}

Plan PlanBesideNova34(const ChildProvider& desired, KeyFigures keys, uint64_t allocated) {
  ChildProvider novas = desired;
  novas.left_to_nova = "nova makes it";
  RootProvider root = kRoot;
  root.owner = HostOwner::kNova;
  ObservedProvider seen = Ours(keys, allocated);
  seen.traits = {kTdxTrait, "OWNER_NOVA"};
  return MakePlan({root, {seen}}, {novas});
}

TEST(PlanTest, SaysThatNovaPromisesKeysThatAreInUseWithoutAnAllocation) {
  const Plan plan = PlanBesideNova34(Wish(DesiredState::kPresent, 63, 2), {63, 0}, 1);
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_EQ(plan.notes[0].state, ChildState::kNovaPromisesMore);
  EXPECT_THAT(plan.notes[0].why, AllOf(HasSubstr("1 keys more can be allocated"),
                                       HasSubstr("2 are in use and 1 allocated"),
                                       HasSubstr("rebuilt"), Not(HasSubstr("nova.conf"))));
  EXPECT_EQ(PlanBesideNova34(Wish(DesiredState::kPresent, 63, 2), {63, 0}, 2).notes[0].state,
            ChildState::kOwnedByNova);
}

TEST(PlanTest, SaysThatNovaPromisesKeysOfAHostThatLostTheAbility) {
  const ChildStatus note = PlanBesideNova34(Wish(DesiredState::kAbsent, 0), {63, 0}, 0).notes[0];
  EXPECT_EQ(note.state, ChildState::kNovaPromisesMore);
  EXPECT_THAT(note.why, AllOf(HasSubstr("nova reports 63 keys, and because the test says so"),
                              HasSubstr("when it started")));
  EXPECT_EQ(PlanBesideNova34(Wish(DesiredState::kUnknown, 0), {63, 0}, 0).notes[0].state,
            ChildState::kOwnedByNova);
}

TEST(PlanTest, SaysThatNovaPromisesMoreThanTheHostHas) {
  const Plan plan = PlanBesideNova34(Wish(DesiredState::kPresent, 63, 1), {70, 0}, 2);
  EXPECT_EQ(plan.notes[0].state, ChildState::kNovaPromisesMore);
  EXPECT_THAT(
      plan.notes[0].why,
      AllOf(HasSubstr("6 keys more"), HasSubstr("nova reports 70 keys, and the host has 63"),
            HasSubstr("num_intel_tdx_guests"), Not(HasSubstr("rebuilt"))));
}

TEST(PlanTest, WritesNothingWhereAllIsTrue) {
  const Plan plan = PlanFor(Wish(DesiredState::kPresent), {Ours({63, 0})});
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_EQ(plan.notes[0].state, ChildState::kInSync);
}

TEST(PlanTest, FinishesWhatAKilledRunBegan) {
  ObservedProvider bare = Ours({});
  bare.keys.reset();
  bare.traits.clear();
  EXPECT_THAT(KindsOf(PlanFor(Wish(DesiredState::kPresent), {bare})),
              ElementsAre(StepKind::kSetTraits, StepKind::kSetInventory));
  bare.traits = {kTdxTrait};
  EXPECT_THAT(KindsOf(PlanFor(Wish(DesiredState::kPresent), {bare})),
              ElementsAre(StepKind::kSetInventory));
}

TEST(PlanTest, KeepsTheTraitsOfOthers) {
  ObservedProvider seen = Ours({63, 0});
  seen.traits = {"CUSTOM_GOLD"};
  const Plan plan = PlanFor(Wish(DesiredState::kPresent), {seen});
  ASSERT_THAT(KindsOf(plan), ElementsAre(StepKind::kSetTraits));
  EXPECT_THAT(plan.steps[0].traits, ElementsAre("CUSTOM_GOLD", kTdxTrait));
  EXPECT_EQ(plan.steps[0].generation, 7u);
}

TEST(PlanTest, SaysWhatItChangesAndWhy) {
  const Plan plan = PlanFor(Wish(DesiredState::kPresent, 63, 2), {Ours({63, 0})});
  ASSERT_THAT(KindsOf(plan), ElementsAre(StepKind::kSetInventory));
  EXPECT_EQ(plan.steps[0].keys, (KeyFigures{63, 2}));
  EXPECT_TRUE(plan.steps[0].has_inventory);
  EXPECT_EQ(plan.steps[0].why,
            "Set MEM_ENCRYPTION_CONTEXT of 'node-1_intel_tdx' to total 63, reserved 2 (was total "
            "63, reserved 0): the host offers 63 keys, 2 in use that no allocation accounts for.");
}

TEST(PlanTest, RepairsUnitsThatSomebodyChanged) {
  ObservedProvider seen = Ours({63, 0});
  seen.usual_units = false;
  EXPECT_THAT(KindsOf(PlanFor(Wish(DesiredState::kPresent), {seen})),
              ElementsAre(StepKind::kSetInventory));
}

TEST(PlanTest, TouchesNothingWhileTheHostIsUnsure) {
  const Plan plan = PlanFor(Wish(DesiredState::kUnknown), {Ours({63, 0})});
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_EQ(plan.notes[0].state, ChildState::kUnknown);
  EXPECT_THAT(plan.notes[0].why, HasSubstr("stays"));
}

TEST(PlanTest, RemovesAnUnusedChildOfAHostThatLostTheAbility) {
  const Plan plan = PlanFor(Wish(DesiredState::kAbsent), {Ours({63, 0})});
  EXPECT_THAT(KindsOf(plan), ElementsAre(StepKind::kDeleteProvider));
  EXPECT_EQ(plan.notes[0].state, ChildState::kAbsent);
}

TEST(PlanTest, ClosesAUsedChildOfAHostThatLostTheAbility) {
  const Plan plan = PlanFor(Wish(DesiredState::kAbsent), {Ours({63, 0}, 5)});
  ASSERT_THAT(KindsOf(plan), ElementsAre(StepKind::kSetInventory));
  EXPECT_EQ(plan.steps[0].keys, (KeyFigures{63, 63}));
  EXPECT_EQ(plan.notes[0].state, ChildState::kDraining);
  EXPECT_THAT(plan.notes[0].why, HasSubstr("5 keys are still allocated"));
  EXPECT_THAT(PlanFor(Wish(DesiredState::kAbsent), {Ours({63, 63}, 5)}).steps, IsEmpty());
}

TEST(PlanTest, ClosesAChildThatHoldsSomebodyElsesInventory) {
  ObservedProvider seen = Ours({63, 0});
  seen.other_inventories = true;
  const Plan plan = PlanFor(Wish(DesiredState::kAbsent), {seen});
  EXPECT_THAT(KindsOf(plan), ElementsAre(StepKind::kSetInventory));
  EXPECT_EQ(plan.notes[0].state, ChildState::kDraining);
}

TEST(PlanTest, ClosesAChildBelowWhichSomebodyKeepsProviders) {
  ObservedProvider seen = Ours({63, 0});
  seen.has_children = true;
  const Plan plan = PlanFor(Wish(DesiredState::kAbsent), {seen});
  ASSERT_THAT(KindsOf(plan), ElementsAre(StepKind::kSetInventory));
  EXPECT_EQ(plan.steps[0].keys, (KeyFigures{63, 63}));
  EXPECT_EQ(plan.notes[0].state, ChildState::kDraining);
  EXPECT_THAT(plan.notes[0].why, HasSubstr("providers below it"));
}

TEST(PlanTest, ReportsAHeldShrink) {
  const Plan plan = PlanFor(Wish(DesiredState::kPresent, 10, 20), {Ours({63, 0}, 20)});
  ASSERT_THAT(KindsOf(plan), ElementsAre(StepKind::kSetInventory));
  EXPECT_EQ(plan.steps[0].keys, (KeyFigures{63, 53}));
  EXPECT_EQ(plan.notes[0].state, ChildState::kOvercommitted);
}

TEST(PlanTest, StandsBackFromNovasChildWhateverTheHostSays) {
  ObservedProvider novas = Ours({63, 0});
  novas.uuid = "11111111-2222-4333-8444-555555555555";
  novas.traits = {kTdxTrait, "OWNER_NOVA"};
  for (const DesiredState state :
       {DesiredState::kPresent, DesiredState::kAbsent, DesiredState::kUnknown}) {
    const Plan plan = PlanFor(Wish(state, 5), {novas});
    EXPECT_THAT(plan.steps, IsEmpty());
    EXPECT_EQ(plan.notes[0].state, ChildState::kOwnedByNova);
    EXPECT_THAT(plan.notes[0].why, AllOf(HasSubstr("OWNER_NOVA"), HasSubstr("leaves it alone")));
  }
}

TEST(PlanTest, StandsBackFromItsOwnChildOnceNovaTookItOver) {
  ObservedProvider taken = Ours({63, 0});
  taken.traits = {kTdxTrait, "OWNER_NOVA"};
  const Plan plan = PlanFor(Wish(DesiredState::kAbsent), {taken});
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_EQ(plan.notes[0].state, ChildState::kOwnedByNova);
}

TEST(PlanTest, ComesBackWhenNovaLeavesItsOwnChild) {
  const Plan plan = PlanFor(Wish(DesiredState::kPresent, 63, 1), {Ours({63, 0})});
  EXPECT_THAT(KindsOf(plan), ElementsAre(StepKind::kSetInventory));
}

TEST(PlanTest, StandsBackFromAChildThatSomebodyElseMade) {
  ObservedProvider foreign = Ours({63, 0});
  foreign.uuid = "11111111-2222-4333-8444-555555555555";
  const Plan plan = PlanFor(Wish(DesiredState::kPresent, 5), {foreign});
  EXPECT_THAT(plan.steps, IsEmpty());
  EXPECT_EQ(plan.notes[0].state, ChildState::kForeign);
  EXPECT_THAT(plan.notes[0].why, HasSubstr(foreign.uuid));
}

TEST(PlanTest, RemovesAChildThatARenamedNodeLeftBehind) {
  ObservedProvider old = Ours({63, 0});
  old.name = "old-name_intel_tdx";
  old.uuid = kOldNameUuid;
  const Plan plan = PlanFor(Wish(DesiredState::kPresent), {Ours({63, 0}), old});
  ASSERT_THAT(KindsOf(plan), ElementsAre(StepKind::kDeleteProvider));
  EXPECT_EQ(plan.steps[0].provider_uuid, kOldNameUuid);
  ASSERT_EQ(plan.notes.size(), 2u);
  EXPECT_EQ(plan.notes[1].model, v1::ENCRYPTION_MODEL_INTEL_TDX);
  EXPECT_THAT(plan.notes[1].why, HasSubstr("called 'node-1' now"));
}

TEST(PlanTest, LeavesOtherChildrenOfTheRootAlone) {
  ObservedProvider other = Ours({63, 0});
  other.name = "node-1_numa0";
  other.uuid = "11111111-2222-4333-8444-555555555555";
  EXPECT_THAT(PlanFor(Wish(DesiredState::kAbsent), {other}).steps, IsEmpty());
  other.name = "other_intel_tdx";
  EXPECT_THAT(PlanFor(Wish(DesiredState::kAbsent), {other}).steps, IsEmpty());
}

TEST(StateNameTest, HasOneWordForEachState) {
  EXPECT_EQ(StateName(ChildState::kInSync), "true");
  EXPECT_EQ(StateName(ChildState::kOwnedByNova), "owned_by_nova");
  EXPECT_EQ(StateName(ChildState::kDraining), "draining");
}

}  // namespace
}  // namespace ccplace
