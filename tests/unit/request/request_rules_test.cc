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
      {{"hw_disk_bus", "SCSI"}},
      {{"hw_disk_bus", " scsi"}},
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

}  // namespace
}  // namespace ccplace
