#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/request/request_builder.h"

namespace ccplace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

v1::ValidateRequestRequest Sized(v1::ValidateRequestRequest request) {
  request.mutable_flavor()->set_vcpus(4);
  request.mutable_flavor()->set_memory_mib(8192);
  return request;
}

v1::SchedulerRequest SchedulingOf(const v1::ValidateRequestRequest& request) {
  const auto answer = Judged(request);
  EXPECT_EQ(answer.decision(), v1::DECISION_ACCEPTED) << answer.DebugString();
  return answer.scheduling();
}

TEST(SchedulingTest, AsksForOneKeyAndTheModelsTrait) {
  const std::map<std::string, std::string> traits = {{"intel-tdx", "HW_CPU_X86_INTEL_TDX"},
                                                     {"amd-sev", "HW_CPU_X86_AMD_SEV"},
                                                     {"amd-sev-es", "HW_CPU_X86_AMD_SEV_ES"},
                                                     {"amd-sev-snp", "HW_CPU_X86_AMD_SEV_SNP"}};
  for (const auto& [model, trait] : traits) {
    const auto scheduling = SchedulingOf(Good(model));
    EXPECT_THAT(scheduling.resources(), UnorderedElementsAre(Pair("MEM_ENCRYPTION_CONTEXT", 1)));
    EXPECT_THAT(scheduling.required_traits(),
                ElementsAre("COMPUTE_SECURITY_STATELESS_FIRMWARE", trait));
  }
}

TEST(SchedulingTest, AsksForTheFlavorsFiguresWhereStated) {
  auto request = Sized(Good("intel-tdx"));
  request.mutable_flavor()->set_disk_gib(40);
  const auto scheduling = SchedulingOf(request);
  EXPECT_THAT(scheduling.resources(),
              UnorderedElementsAre(Pair("VCPU", 4), Pair("MEMORY_MB", 8192), Pair("DISK_GB", 40),
                                   Pair("MEM_ENCRYPTION_CONTEXT", 1)));
  EXPECT_EQ(scheduling.allocation_candidates_query(),
            "resources=DISK_GB%3A40%2CMEMORY_MB%3A8192%2CMEM_ENCRYPTION_CONTEXT%3A1%2CVCPU%3A4"
            "&required=COMPUTE_SECURITY_STATELESS_FIRMWARE%2CHW_CPU_X86_INTEL_TDX");
  EXPECT_EQ(scheduling.granular_query(),
            "resources=DISK_GB%3A40%2CMEMORY_MB%3A8192%2CVCPU%3A4"
            "&required=COMPUTE_SECURITY_STATELESS_FIRMWARE"
            "&resources_MEM_ENCRYPTION=MEM_ENCRYPTION_CONTEXT%3A1"
            "&required_MEM_ENCRYPTION=HW_CPU_X86_INTEL_TDX&group_policy=none");
}

TEST(SchedulingTest, AsksTheRootForTraitsWhereTheFlavorStatesNoResources) {
  EXPECT_EQ(SchedulingOf(Good("intel-tdx")).granular_query(),
            "root_required=COMPUTE_SECURITY_STATELESS_FIRMWARE"
            "&resources_MEM_ENCRYPTION=MEM_ENCRYPTION_CONTEXT%3A1"
            "&required_MEM_ENCRYPTION=HW_CPU_X86_INTEL_TDX&group_policy=none");
}

// Each as nova 34's ResourceRequest asks for it.
TEST(SchedulingTest, AsksForTheTraitsOfSettingsThatHaveOne) {
  const auto query = [](const Pairs& flavor, const Pairs& image = {}) {
    return SchedulingOf(Good("intel-tdx", image, flavor)).allocation_candidates_query();
  };
  EXPECT_THAT(query({{"hw:pci_numa_affinity_policy", "socket"}}),
              HasSubstr("COMPUTE_SOCKET_PCI_NUMA_AFFINITY"));
  EXPECT_THAT(query({}, {{"hw_pci_numa_affinity_policy", "socket"}}),
              HasSubstr("COMPUTE_SOCKET_PCI_NUMA_AFFINITY"));
  EXPECT_THAT(query({{"hw:pci_numa_affinity_policy", "legacy"}}), Not(HasSubstr("AFFINITY")));
  EXPECT_THAT(query({{"hw:maxphysaddr_mode", "emulate"}}),
              HasSubstr("COMPUTE_ADDRESS_SPACE_EMULATED"));
  EXPECT_THAT(query({}, {{"hw_maxphysaddr_mode", "passthrough"}}),
              HasSubstr("COMPUTE_ADDRESS_SPACE_PASSTHROUGH"));
  const Pairs dedicated = {{"hw:cpu_policy", "dedicated"}};
  const auto with = [&dedicated](const std::string& policy) {
    Pairs flavor = dedicated;
    flavor["hw:cpu_thread_policy"] = policy;
    return flavor;
  };
  EXPECT_THAT(query(with("require")), HasSubstr("%2CHW_CPU_HYPERTHREADING"));
  EXPECT_THAT(query(with("isolate")), HasSubstr("%21HW_CPU_HYPERTHREADING"));
  EXPECT_THAT(query(with("prefer")), Not(HasSubstr("HYPERTHREADING")));
}

TEST(SchedulingTest, CountsDedicatedProcessorsAsNovaDoes) {
  const auto resources = [](const Pairs& flavor) {
    return SchedulingOf(Sized(Good("intel-tdx", {}, flavor))).resources();
  };
  const auto memory = Pair("MEMORY_MB", 8192);
  const auto key = Pair("MEM_ENCRYPTION_CONTEXT", 1);
  EXPECT_THAT(resources({{"hw:cpu_policy", "dedicated"}}),
              UnorderedElementsAre(Pair("PCPU", 4), memory, key));
  EXPECT_THAT(
      resources({{"hw:cpu_policy", "dedicated"}, {"hw:emulator_threads_policy", "isolate"}}),
      UnorderedElementsAre(Pair("PCPU", 5), memory, key));
  EXPECT_THAT(resources({{"hw:cpu_policy", "dedicated"}, {"resources:PCPU", "0"}}),
              UnorderedElementsAre(Pair("PCPU", 4), memory, key));
  EXPECT_THAT(resources({{"resources:PCPU", "0"}}), UnorderedElementsAre(memory, key));
  EXPECT_THAT(resources({{"resources:VCPU", "0"}}), UnorderedElementsAre(memory, key));
}

TEST(SchedulingTest, DropsClassesThatPlacementHasNotByItself) {
  const auto scheduling =
      SchedulingOf(Good("intel-tdx", {}, {{"resources:FOO", "1"}, {"resources:CUSTOM_FOO", "2"}}));
  EXPECT_THAT(scheduling.resources(),
              UnorderedElementsAre(Pair("CUSTOM_FOO", 2), Pair("MEM_ENCRYPTION_CONTEXT", 1)));
}

TEST(SchedulingTest, AsksForStatelessFirmwareOnlyWhenTheImageDoes) {
  const auto scheduling = SchedulingOf(Good("amd-sev", {{"hw_firmware_stateless", "false"}}));
  EXPECT_THAT(scheduling.required_traits(), ElementsAre("HW_CPU_X86_AMD_SEV"));
}

TEST(SchedulingTest, AsksForSecureBootOnlyWhenItIsRequired) {
  const auto by_image = SchedulingOf(Good("amd-sev-es", {{"os_secure_boot", "required"}}));
  const auto by_flavor = SchedulingOf(Good("amd-sev-es", {}, {{"os:secure_boot", "required"}}));
  for (const auto& scheduling : {by_image, by_flavor}) {
    EXPECT_THAT(scheduling.required_traits(),
                ElementsAre("COMPUTE_SECURITY_STATELESS_FIRMWARE",
                            "COMPUTE_SECURITY_UEFI_SECURE_BOOT", "HW_CPU_X86_AMD_SEV_ES"));
  }
  EXPECT_THAT(SchedulingOf(Good("amd-sev-es", {{"os_secure_boot", "optional"}})).required_traits(),
              Not(testing::Contains("COMPUTE_SECURITY_UEFI_SECURE_BOOT")));
}

v1::HostPolicy Renaming(const Pairs& names) {
  v1::HostPolicy policy = UsualPolicy();
  policy.mutable_renamed_traits()->insert(names.begin(), names.end());
  return policy;
}

TEST(SchedulingTest, CallsATraitByItsNewName) {
  const v1::HostPolicy policy = Renaming({{"HW_CPU_X86_INTEL_TDX", "CUSTOM_HW_CPU_X86_INTEL_TDX"}});
  const auto tdx = EvaluateUnder(policy, Good("intel-tdx")).scheduling();
  EXPECT_THAT(tdx.required_traits(),
              ElementsAre("COMPUTE_SECURITY_STATELESS_FIRMWARE", "CUSTOM_HW_CPU_X86_INTEL_TDX"));
  EXPECT_THAT(tdx.granular_query(), HasSubstr("=CUSTOM_HW_CPU_X86_INTEL_TDX"));
  EXPECT_THAT(EvaluateUnder(policy, Good("amd-sev")).scheduling().required_traits(),
              testing::Contains("HW_CPU_X86_AMD_SEV"));
}

TEST(SchedulingTest, AsksForTheHostsOwnClassWhereAnOldNovaLooksAfterIt) {
  v1::HostPolicy policy = UsualPolicy();
  policy.set_tdx_key_class("CUSTOM_CCPLACE_INTEL_TDX_KEY");
  const Pairs flavor = {{"resources:MEM_ENCRYPTION_CONTEXT", "1"},
                        {"resources:CUSTOM_CCPLACE_INTEL_TDX_KEY", "2"}};
  const auto tdx = EvaluateUnder(policy, Good("intel-tdx", {}, flavor)).scheduling();
  EXPECT_THAT(tdx.resources(), UnorderedElementsAre(Pair("CUSTOM_CCPLACE_INTEL_TDX_KEY", 1)));
  EXPECT_THAT(tdx.allocation_candidates_query(),
              HasSubstr("resources=CUSTOM_CCPLACE_INTEL_TDX_KEY%3A1&"));
  EXPECT_THAT(tdx.granular_query(),
              HasSubstr("resources_MEM_ENCRYPTION=CUSTOM_CCPLACE_INTEL_TDX_KEY%3A1"));
  EXPECT_THAT(EvaluateUnder(policy, Good("amd-sev", {}, flavor)).scheduling().resources(),
              UnorderedElementsAre(Pair("MEM_ENCRYPTION_CONTEXT", 1)));
}

TEST(SchedulingTest, EncodesAnOddTraitOfThePolicy) {
  const v1::HostPolicy policy = Renaming({{"HW_CPU_X86_INTEL_TDX", "A&b=c,\xC3\xA9"}});
  EXPECT_THAT(EvaluateUnder(policy, Good("intel-tdx")).scheduling().allocation_candidates_query(),
              HasSubstr("A%26b%3dc%2c%c3%a9"));
}

TEST(SchedulingTest, LeavesOutATraitThatPlacementDoesNotKnowAndSaysSo) {
  const v1::HostPolicy policy = Renaming({{"COMPUTE_SECURITY_STATELESS_FIRMWARE", ""}});
  const auto scheduling = EvaluateUnder(policy, Good("intel-tdx")).scheduling();
  EXPECT_THAT(scheduling.required_traits(), ElementsAre("HW_CPU_X86_INTEL_TDX"));
  EXPECT_THAT(scheduling.allocation_candidates_query(), Not(HasSubstr("STATELESS")));
  EXPECT_THAT(scheduling.granular_query(), Not(HasSubstr("STATELESS")));
  EXPECT_THAT(scheduling.left_out_traits(), ElementsAre("COMPUTE_SECURITY_STATELESS_FIRMWARE"));
}

TEST(SchedulingTest, LeavesOutTheModelsOwnTraitOnlyWhenThePolicySaysSo) {
  const v1::HostPolicy policy = Renaming({{"HW_CPU_X86_INTEL_TDX", ""}});
  const auto scheduling = EvaluateUnder(policy, Good("intel-tdx")).scheduling();
  EXPECT_THAT(scheduling.granular_query(), Not(HasSubstr("INTEL_TDX")));
  EXPECT_THAT(scheduling.left_out_traits(), ElementsAre("HW_CPU_X86_INTEL_TDX"));
  EXPECT_TRUE(SchedulingOf(Good("intel-tdx")).left_out_traits().empty());
}

TEST(SchedulingTest, FoldsInTheFlavorsAndImagesOwnSpecs) {
  const Pairs flavor = {
      {"resources:VCPU", "2"},           {"resources:MEMORY_MB", "0"},
      {"resources:CUSTOM_GPU", "1"},     {"trait:CUSTOM_GOLD", "required"},
      {"trait:CUSTOM_OLD", "forbidden"}, {"resources:MEM_ENCRYPTION_CONTEXT", "3"}};
  const auto scheduling =
      SchedulingOf(Sized(Good("amd-sev", {{"trait:HW_CPU_X86_VMX", "required"}}, flavor)));
  EXPECT_THAT(scheduling.resources(), UnorderedElementsAre(Pair("VCPU", 2), Pair("CUSTOM_GPU", 1),
                                                           Pair("MEM_ENCRYPTION_CONTEXT", 1)));
  EXPECT_EQ(scheduling.allocation_candidates_query(),
            "resources=CUSTOM_GPU%3A1%2CMEM_ENCRYPTION_CONTEXT%3A1%2CVCPU%3A2"
            "&required=COMPUTE_SECURITY_STATELESS_FIRMWARE%2CCUSTOM_GOLD%2CHW_CPU_X86_AMD_SEV"
            "%2CHW_CPU_X86_VMX%2C%21CUSTOM_OLD");
}

TEST(SchedulingTest, CarriesTheFlavorsGroupsInTheGranularQueryAlone) {
  const Pairs flavor = {{"resources1:CUSTOM_NIC", "1"},
                        {"trait1:CUSTOM_FAST", "required"},
                        {"group_policy", "isolate"}};
  const auto scheduling = SchedulingOf(Sized(Good("amd-sev", {}, flavor)));
  EXPECT_THAT(scheduling.allocation_candidates_query(), Not(HasSubstr("CUSTOM_NIC")));
  EXPECT_THAT(scheduling.granular_query(),
              HasSubstr("&resources1=CUSTOM_NIC%3A1&required1=CUSTOM_FAST&"));
  EXPECT_THAT(scheduling.granular_query(), HasSubstr("&group_policy=isolate"));
}

TEST(SchedulingTest, TakesPinnedProcessorsFromPcpu) {
  const auto pinned = SchedulingOf(Sized(Good("amd-sev", {}, {{"hw:cpu_policy", "dedicated"}})));
  EXPECT_EQ(pinned.resources().at("PCPU"), 4u);
  EXPECT_EQ(pinned.resources().count("VCPU"), 0u);
  const auto by_image = SchedulingOf(Sized(Good("amd-sev", {{"hw_cpu_policy", "dedicated"}})));
  EXPECT_EQ(by_image.resources().count("PCPU"), 1u);
  const auto mixed = SchedulingOf(Sized(Good("amd-sev", {}, {{"hw:cpu_policy", "mixed"}})));
  EXPECT_EQ(mixed.resources().count("PCPU") + mixed.resources().count("VCPU"), 0u);
}

TEST(SchedulingTest, GivesOneQueryForOneRequest) {
  Pairs flavor;
  for (char c = 'A'; c <= 'Z'; ++c) flavor[std::string("resources:CUSTOM_") + c] = "1";
  const auto first = SchedulingOf(Good("amd-sev", {}, flavor));
  const auto second = SchedulingOf(Good("amd-sev", {}, flavor));
  EXPECT_EQ(first.allocation_candidates_query(), second.allocation_candidates_query());
  EXPECT_THAT(first.allocation_candidates_query(), HasSubstr("CUSTOM_A%3A1%2CCUSTOM_B%3A1"));
}

TEST(SchedulingTest, IsAllThatAVerdictAloneLacks) {
  for (const auto& request : {Good("intel-tdx"), Good("intel-tdx", {{"hw_firmware_type", "bios"}}),
                              Good("intel-tdx", {{"hw_video_ram", "64"}}), Request({}, {})}) {
    v1::ValidateRequestResponse whole = Judged(request);
    v1::ValidateRequestResponse alone;
    EvaluateWithoutScheduling(request, UsualPolicy(), alone);
    EXPECT_FALSE(alone.has_scheduling());
    whole.clear_scheduling();
    EXPECT_EQ(alone.DebugString(), whole.DebugString());
  }
}

}  // namespace
}  // namespace ccplace
