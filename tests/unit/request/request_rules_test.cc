#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/request/request_builder.h"

namespace ccplace {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> Reasons(const Pairs& image, const std::vector<v1::BlockDevice>& devices) {
  return ReasonsOf(Judged(With(Good("intel-tdx", image), devices)));
}

TEST(RequestRulesTest, RejectsScsiBootDiskInAllSpellingsOfTheImage) {
  const std::vector<Pairs> spellings = {
      {{"hw_disk_bus", "scsi"}},
      {{"hw_scsi_model", "virtio-scsi"}},
      {{"hw_scsi_model", "lsilogic"}},
      {{"hw_disk_bus", "virtio"}, {"hw_scsi_model", "virtio-scsi"}},
      {{"hw_disk_bus", "scsi"}, {"hw_scsi_model", "virtio-scsi"}},
      {{"vmware_adaptertype", "lsiLogic"}},
      {{"vmware_adaptertype", "lsiLogicsas"}},
      {{"vmware_adaptertype", "paraVirtual"}},
      {{"vmware_adaptertype", "busLogic"}},
  };
  for (const Pairs& image : spellings) {
    EXPECT_THAT(Reasons(image, {}), ElementsAre("SCSI_BOOT_DISK")) << image.begin()->second;
    EXPECT_EQ(Judged(Good("amd-sev", image)).decision(), v1::DECISION_ACCEPTED);
  }
}

TEST(RequestRulesTest, ABusInAnotherSpellingIsStillScsiAndNoneOfNovasWords) {
  for (const char* bus : {"SCSI", " scsi"}) {
    EXPECT_THAT(Reasons({{"hw_disk_bus", bus}}, {}),
                ElementsAre("SCSI_BOOT_DISK", "INVALID_VALUE"));
  }
}

// Values, and what nova 34's own field types say of them.
TEST(RequestRulesTest, ImagePropertiesTakeNovasWordsAlone) {
  const std::vector<Pairs> refused = {{{"hw_disk_bus", "nvme"}},
                                      {{"hw_video_model", "None"}},
                                      {{"hw_vif_model", "virtio-net"}},
                                      {{"hw_rng_model", "Virtio"}},
                                      {{"os_type", "bsd"}},
                                      {{"hw_scsi_model", ""}},
                                      {{"vmware_adaptertype", "IDE"}},
                                      {{"architecture", "x64"}},
                                      {{"hw_watchdog_action", "on"}}};
  for (const Pairs& image : refused) {
    const auto answer = Judged(Good("amd-sev", image));
    EXPECT_THAT(ReasonsOf(answer), ElementsAre("INVALID_VALUE")) << image.begin()->first;
    EXPECT_THAT(OffendersOf(answer.violations(0)),
                ElementsAre("IMAGE " + image.begin()->first + "=" + image.begin()->second));
  }
  const std::vector<Pairs> taken = {{{"hw_vif_model", "VirtualVmxnet3"}},
                                    {{"os_type", "Linux"}},
                                    {{"hw_scsi_model", "paraVirtual"}},
                                    {{"architecture", "AMD64"}},
                                    {{"vm_mode", "hv"}},
                                    {{"vmware_adaptertype", ""}},
                                    {{"hw_watchdog_action", "reset"}}};
  for (const Pairs& image : taken) {
    EXPECT_THAT(ReasonsOf(Judged(Good("amd-sev", image))), IsEmpty()) << image.begin()->first;
  }
}

TEST(RequestRulesTest, ImagePropertiesOfNumbersTakeNumbersAlone) {
  for (const char* key : {"hw_video_ram", "hw_cpu_cores", "hw_serial_port_count", "img_version",
                          "vmware_image_version", "hw_maxphysaddr_bits"}) {
    EXPECT_THAT(ReasonsOf(Judged(Good("amd-sev", {{key, "many"}}))), ElementsAre("INVALID_VALUE"))
        << key;
    EXPECT_THAT(ReasonsOf(Judged(Good("amd-sev", {{key, " 16 "}}))), IsEmpty()) << key;
  }
}

TEST(RequestRulesTest, AnImageAsksForNoMoreDedicatedCpusThanTheFlavorGives) {
  const auto reasons = [](const std::string& flavor, const std::string& image) {
    return ReasonsOf(
        Judged(Good("amd-sev", {{"hw_cpu_policy", image}}, {{"hw:cpu_policy", flavor}})));
  };
  EXPECT_THAT(reasons("shared", "dedicated"), ElementsAre("CPU_POLICY_CONFLICT"));
  EXPECT_THAT(reasons("shared", "mixed"), ElementsAre("CPU_POLICY_CONFLICT"));
  EXPECT_THAT(reasons("mixed", "dedicated"), ElementsAre("CPU_POLICY_CONFLICT"));
  EXPECT_THAT(reasons("dedicated", "shared"), IsEmpty());
  EXPECT_THAT(reasons("mixed", "shared"), IsEmpty());
  EXPECT_THAT(reasons("shared", "shared"), IsEmpty());
}

TEST(RequestRulesTest, AnImageMustBeActive) {
  for (const char* status : {"deactivated", "queued", "Active"}) {
    const auto answer = Judged(WithStatus(Good("amd-sev"), status));
    EXPECT_THAT(ReasonsOf(answer), ElementsAre("IMAGE_NOT_ACTIVE"));
    EXPECT_THAT(OffendersOf(answer.violations(0)),
                ElementsAre(std::string("IMAGE status=") + status));
  }
  for (const char* status : {"", "active"}) {
    EXPECT_THAT(ReasonsOf(Judged(WithStatus(Good("amd-sev"), status))), IsEmpty());
  }
}

// What nova 34's validators of extra specs say.
TEST(RequestRulesTest, WarnsOfExtraSpecsThatNovasApiStoresNoMore) {
  const auto warnings = [](const Pairs& flavor) {
    return WarningsOf(Judged(Good("amd-sev", {}, flavor)));
  };
  for (const Pairs& flavor :
       {Pairs{{"hw:gpu", "1"}}, Pairs{{"hw:cpu_cores", "none"}}, Pairs{{"hw:cpu_cores", "0"}},
        Pairs{{"hw:boot_menu", "maybe"}}, Pairs{{"hw:tpm_model", "tis"}},
        Pairs{{"os:secure_boot", "optional"}}, Pairs{{"hw:numa_cpus.x", "0"}},
        Pairs{{"hw:numa_cpus.", "0"}}, Pairs{{"hw:numa_cpus.0", "0,x"}},
        Pairs{{"hw:numa_mem.0", "0"}}, Pairs{{"hw:redirected_usb_ports", "16"}},
        Pairs{{"hw:cpu_realtime_mask", "a-b"}}, Pairs{{"hw:pmem", "6GB, 2GB"}},
        Pairs{{"hw:mem_page_size", "-2MB"}}, Pairs{{"hw:cpu_policy", ""}},
        Pairs{{"hw:locked_memory", "maybe"}}, Pairs{{"resources:FOO", "1"}}}) {
    EXPECT_THAT(warnings(flavor), ElementsAre("EXTRA_SPEC_REFUSED")) << flavor.begin()->first;
  }
  for (const Pairs& flavor :
       {Pairs{{"hw:cpu_cores", "2"}}, Pairs{{"hw:boot_menu", "yes"}}, Pairs{{"hw:numa_mem.1", "5"}},
        Pairs{{"gpu", "1"}}, Pairs{{"site:tier", "x"}}, Pairs{{"hw:tpm_model", "tpm-tis"}},
        Pairs{{"hw:numa_cpus.0", "0-3,^1"}}, Pairs{{"hw:cpu_realtime_mask", "^0-1"}},
        Pairs{{"hw:redirected_usb_ports", "15"}}, Pairs{{"hw:cpu_cores", " +2 "}},
        Pairs{{"hw:pmem", "6GB,2GB"}}, Pairs{{"hw:mem_page_size", "1GB"}},
        Pairs{{"resources:CUSTOM_FOO", "1"}}}) {
    EXPECT_THAT(warnings(flavor), IsEmpty()) << flavor.begin()->first;
  }
}

TEST(RequestRulesTest, OfManySuchExtraSpecsWarnsOfTheFirstByName) {
  constexpr int kReported = 16;
  Pairs flavor;
  for (int i = 10; i < 60; ++i) flavor["hw:gpu_" + std::to_string(i)] = "1";
  const auto judged = Judged(Good("amd-sev", {}, flavor));
  ASSERT_EQ(judged.warnings_size(), kReported);
  for (int i = 0; i < kReported; ++i) {
    EXPECT_EQ(judged.warnings(i).reason(), v1::WARNING_REASON_EXTRA_SPEC_REFUSED);
    EXPECT_EQ(judged.warnings(i).offenders(0).key(), "hw:gpu_" + std::to_string(10 + i));
  }
}

TEST(RequestRulesTest, AcceptsOtherBusesOfTheImage) {
  for (const Pairs& image : {Pairs{{"hw_disk_bus", "virtio"}}, Pairs{{"hw_disk_bus", "sata"}},
                             Pairs{{"hw_disk_bus", "usb"}}, Pairs{{"vmware_adaptertype", "ide"}},
                             Pairs{{"hw_cdrom_bus", "scsi"}}}) {
    EXPECT_THAT(Reasons(image, {}), IsEmpty()) << image.begin()->second;
  }
}

TEST(RequestRulesTest, NamesEverySettingThatSaysScsi) {
  const auto answer =
      Judged(With(Good("intel-tdx", {{"hw_disk_bus", "scsi"}, {"hw_scsi_model", "virtio-scsi"}}),
                  {Device("", "0")}));
  ASSERT_THAT(ReasonsOf(answer), ElementsAre("SCSI_BOOT_DISK"));
  EXPECT_THAT(OffendersOf(answer.violations(0)),
              ElementsAre("IMAGE hw_disk_bus=scsi", "IMAGE hw_scsi_model=virtio-scsi"));
}

TEST(RequestRulesTest, RejectsScsiBootDiskFromBlockDeviceMapping) {
  for (const char* index : {"0", " 0", "00", "-0", "+0"}) {
    const auto answer =
        Judged(With(Good("intel-tdx"), {Device("virtio", "1"), Device("scsi", index)}));
    ASSERT_THAT(ReasonsOf(answer), ElementsAre("SCSI_BOOT_DISK")) << index;
    EXPECT_THAT(OffendersOf(answer.violations(0)),
                ElementsAre("DEVICE block_devices[1].disk_bus=scsi"));
  }
  for (const char* type : {"disk", "lun", "cdrom"}) {
    EXPECT_THAT(Reasons({}, {Device("scsi", "0", "", type)}), ElementsAre("SCSI_BOOT_DISK"));
  }
}

TEST(RequestRulesTest, NamesADeviceByItsNameWhereItHasOne) {
  const auto answer = Judged(With(Good("intel-tdx"), {Device("scsi", "0", "root")}));
  EXPECT_THAT(OffendersOf(answer.violations(0)), ElementsAre("DEVICE root.disk_bus=scsi"));
}

TEST(RequestRulesTest, AcceptsScsiDisksThatAreNotBootedFrom) {
  for (const char* index : {"", "None", "null", "-1", "1", "2"}) {
    EXPECT_THAT(Reasons({}, {Device("virtio", "0"), Device("scsi", index)}), IsEmpty()) << index;
    EXPECT_THAT(Reasons({}, {Device("scsi", index)}), IsEmpty()) << index;
    EXPECT_THAT(Reasons({}, {Device("scsi", index, "", "cdrom")}), IsEmpty()) << index;
  }
  v1::ValidateRequestRequest unset = Good("intel-tdx");
  unset.add_block_devices()->set_disk_bus("scsi");
  EXPECT_EQ(Judged(unset).decision(), v1::DECISION_ACCEPTED);
}

TEST(RequestRulesTest, BootDevicesOwnBusWinsOverTheImages) {
  const Pairs scsi = {{"hw_disk_bus", "scsi"}, {"hw_scsi_model", "virtio-scsi"}};
  EXPECT_THAT(Reasons(scsi, {Device("virtio", "0"), Device("", "")}), IsEmpty());
  EXPECT_THAT(Reasons(scsi, {Device("", "0")}), ElementsAre("SCSI_BOOT_DISK"));
  EXPECT_THAT(Reasons(scsi, {Device("virtio", "1")}), ElementsAre("SCSI_BOOT_DISK"));
  EXPECT_THAT(Reasons(scsi, {Device("virtio", "0"), Device("", "0")}),
              ElementsAre("SCSI_BOOT_DISK"));
  EXPECT_THAT(Reasons({{"hw_disk_bus", "virtio"}}, {Device("scsi", "0")}),
              ElementsAre("SCSI_BOOT_DISK"));
}

TEST(RequestRulesTest, BusThatNovaDoesNotKnowLeavesTheImagesInForce) {
  EXPECT_THAT(Reasons({{"hw_disk_bus", "scsi"}}, {Device("floppy", "0")}),
              ElementsAre("SCSI_BOOT_DISK"));
}

TEST(RequestRulesTest, RefusesBootIndexesThatAreNoNumbers) {
  for (const char* model : {"intel-tdx", "amd-sev"}) {
    const auto answer =
        Judged(With(Good(model), {Device("virtio", "first", "root"), Device("virtio", "0x0")}));
    ASSERT_THAT(ReasonsOf(answer), ElementsAre("INVALID_VALUE", "INVALID_VALUE"));
    EXPECT_THAT(OffendersOf(answer.violations(0)), ElementsAre("DEVICE root.boot_index=first"));
    EXPECT_THAT(OffendersOf(answer.violations(1)),
                ElementsAre("DEVICE block_devices[1].boot_index=0x0"));
  }
}

TEST(RequestRulesTest, RefusesSuspendAndLiveMigrationForEveryModel) {
  for (const char* model : {"intel-tdx", "amd-sev", "amd-sev-es", "amd-sev-snp"}) {
    for (const auto& [operation, word] :
         {std::pair(v1::OPERATION_SUSPEND, "suspend"),
          std::pair(v1::OPERATION_LIVE_MIGRATION, "live-migration")}) {
      const auto answer = Judged(With(Good(model), operation));
      ASSERT_THAT(ReasonsOf(answer), ElementsAre("OPERATION_REFUSED"));
      EXPECT_THAT(OffendersOf(answer.violations(0)),
                  ElementsAre(absl::StrCat("REQUEST operation=", word)));
    }
  }
}

TEST(RequestRulesTest, AcceptsAllOtherOperations) {
  for (const auto operation :
       {v1::OPERATION_UNSPECIFIED, v1::OPERATION_BOOT, v1::OPERATION_SOFT_REBOOT,
        v1::OPERATION_HARD_REBOOT, v1::OPERATION_COLD_MIGRATION, v1::OPERATION_RESIZE,
        v1::OPERATION_SHELVE, v1::OPERATION_SNAPSHOT, v1::OPERATION_EVACUATE}) {
    EXPECT_EQ(Judged(With(Good("intel-tdx"), operation)).decision(), v1::DECISION_ACCEPTED);
  }
}

TEST(RequestRulesTest, DoesNotRefuseOperationsOnGuestsThatAreNotConfidential) {
  EXPECT_EQ(Judged(With(Request({}, {}), v1::OPERATION_SUSPEND)).decision(),
            v1::DECISION_NOT_CONFIDENTIAL);
}

TEST(RequestRulesTest, WarnsThatASoftRebootIsARestart) {
  EXPECT_THAT(WarningsOf(Judged(With(Good("amd-sev"), v1::OPERATION_SOFT_REBOOT))),
              ElementsAre("SOFT_REBOOT_IS_RESTART"));
  EXPECT_THAT(WarningsOf(Judged(With(Good("amd-sev"), v1::OPERATION_HARD_REBOOT))), IsEmpty());
}

TEST(RequestRulesTest, RefusesResourceAndTraitSpecsThatPlacementWould) {
  const std::vector<Pairs> bad = {{{"resources:VCPU", "two"}},
                                  {{"resources:VCPU", "-1"}},
                                  {{"resources:VCPU", "2147483648"}},
                                  {{"resources:custom_x", "1"}},
                                  {{"resources1:A&B", "1"}},
                                  {{"trait:CUSTOM_X", "yes"}},
                                  {{"trait:", "required"}},
                                  {{"trait:HW_CPU_X86_INTEL_TDX", "forbidden"}},
                                  {{"trait:COMPUTE_SECURITY_STATELESS_FIRMWARE", "forbidden"}},
                                  {{"hw:cpu_policy", "pinned"}}};
  for (const Pairs& flavor : bad) {
    EXPECT_THAT(ReasonsOf(Judged(Good("intel-tdx", {}, flavor))), ElementsAre("INVALID_VALUE"))
        << flavor.begin()->first;
  }
  EXPECT_THAT(ReasonsOf(Judged(Good("intel-tdx", {{"trait:CUSTOM_X", "forbidden"}}))),
              ElementsAre("INVALID_VALUE"));
}

// Seen of nova 34: the topology that it makes then takes no empty word.
TEST(RequestRulesTest, RefusesAnEmptyThreadPolicyOnlyWhereNovaWouldWriteIt) {
  const auto reasons = [](Pairs flavor) {
    flavor["hw:cpu_thread_policy"] = "";
    return ReasonsOf(Judged(Good("intel-tdx", {}, flavor)));
  };
  EXPECT_THAT(reasons({}), IsEmpty());
  EXPECT_THAT(reasons({{"hw:cpu_policy", "shared"}}), IsEmpty());
  EXPECT_THAT(reasons({{"hw:mem_page_size", "any"}}), ElementsAre("INVALID_VALUE"));
  EXPECT_THAT(reasons({{"hw:cpu_policy", "dedicated"}}), ElementsAre("INVALID_VALUE"));
  EXPECT_THAT(reasons({{"resources:PCPU", "4"}}), ElementsAre("INVALID_VALUE"));
  EXPECT_THAT(
      reasons({{"hw:cpu_policy", "dedicated"}, {"trait:HW_CPU_HYPERTHREADING", "required"}}),
      IsEmpty());
}

}  // namespace
}  // namespace ccplace
