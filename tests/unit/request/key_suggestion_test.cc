#include "lib/request/key_suggestion.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/request/request_builder.h"

namespace ccplace {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Meant(v1::OffenderOrigin origin, const std::string& key) {
  const rules::KnownKey* known = rules::SuggestKey(origin, key);
  return known == nullptr ? "" : std::string(known->name);
}

TEST(MisspellingTest, FindsTheKeyThatWasMeantInAnImage) {
  const std::map<std::string, std::string> meant = {
      {"hw_mem_encrypt", "hw_mem_encryption"},
      {"hw_mem_encrypted", "hw_mem_encryption"},
      {"hw_mem_encrpytion", "hw_mem_encryption"},
      {"hw_memory_encryption", "hw_mem_encryption"},
      {"HW_MEM_ENCRYPTION", "hw_mem_encryption"},
      {"hw-mem-encryption", "hw_mem_encryption"},
      {"hw:mem_encryption", "hw_mem_encryption"},
      {"hw_mem_encryption_modle", "hw_mem_encryption_model"},
      {"hw_mem_encription_model", "hw_mem_encryption_model"},
      {"hw_firmware_statless", "hw_firmware_stateless"},
      {"hw_firmwaretype", "hw_firmware_type"},
      {"hw_machinetype", "hw_machine_type"},
      {"hw_video_modle", "hw_video_model"}};
  for (const auto& [key, expected] : meant) {
    EXPECT_EQ(Meant(v1::OFFENDER_ORIGIN_IMAGE, key), expected) << key;
  }
}

TEST(MisspellingTest, FindsTheKeyThatWasMeantInAFlavor) {
  EXPECT_EQ(Meant(v1::OFFENDER_ORIGIN_FLAVOR, "hw_mem_encryption"), "hw:mem_encryption");
  EXPECT_EQ(Meant(v1::OFFENDER_ORIGIN_FLAVOR, "hw:mem-encryption-model"),
            "hw:mem_encryption_model");
  EXPECT_EQ(Meant(v1::OFFENDER_ORIGIN_FLAVOR, "hw:firmware_stateless"), "hw_firmware_stateless");
}

TEST(MisspellingTest, LeavesNovasOtherKeysAlone) {
  for (const char* key : {"hw_vif_model",
                          "hw_vif_multiqueue_enabled",
                          "hw_rng_model",
                          "hw_tpm_model",
                          "hw_tpm_version",
                          "hw_disk_type",
                          "hw_cdrom_bus",
                          "hw_rescue_bus",
                          "hw_rescue_device",
                          "hw_boot_menu",
                          "hw_numa_nodes",
                          "hw_cpu_sockets",
                          "hw_cpu_cores",
                          "hw_cpu_thread_policy",
                          "hw_qemu_guest_agent",
                          "hw_watchdog_action",
                          "hw_locked_memory",
                          "hw_viommu_model",
                          "hw_time_hpet",
                          "hw_ephemeral_encryption",
                          "hw_ephemeral_encryption_format",
                          "hw_sound_model",
                          "hw_usb_model",
                          "hw_redirected_video_ports",
                          "hw_virtio_packed_ring",
                          "os_type",
                          "os_distro",
                          "os_version",
                          "os_hidden",
                          "os_hash_algo",
                          "os_hash_value",
                          "os_admin_user",
                          "os_require_quiesce",
                          "vmware_disktype",
                          "vmware_ostype",
                          "architecture",
                          "img_hv_type",
                          "owner_specified.openstack.md5",
                          "stores",
                          "hypervisor_type"}) {
    EXPECT_THAT(Meant(v1::OFFENDER_ORIGIN_IMAGE, key), AnyOf("", key)) << key;
  }
  for (const char* key : {"hw:cpu_thread_policy",
                          "hw:numa_nodes",
                          "hw:cpu_sockets",
                          "hw:emulator_threads_policy",
                          "hw:watchdog_action",
                          "hw:tpm_version",
                          "hw:pci_numa_affinity_policy",
                          "hw:viommu_model",
                          "hw:locked_memory",
                          "hw:vif_multiqueue_enabled",
                          "hw_rng:allowed",
                          "hw_video:ram_max_mb",
                          "quota:cpu_shares",
                          "pci_passthrough:alias",
                          "accel:device_profile",
                          "hide_hypervisor_id",
                          "aggregate_instance_extra_specs:x",
                          "os:boot_menu",
                          "hw:maxphysaddr_mode",
                          ":category"}) {
    EXPECT_THAT(Meant(v1::OFFENDER_ORIGIN_FLAVOR, key), AnyOf("", key)) << key;
  }
}

TEST(MisspellingTest, LeavesEveryKeyThatNovaKnowsAlone) {
  for (const rules::NovaProperty& property : rules::NovaProperties()) {
    const std::string name(property.name);
    EXPECT_THAT(Meant(v1::OFFENDER_ORIGIN_IMAGE, name), AnyOf("", name));
  }
  for (const rules::NovaExtraSpec& spec : rules::NovaExtraSpecs()) {
    const std::string name(spec.name);
    EXPECT_THAT(Meant(v1::OFFENDER_ORIGIN_FLAVOR, name), AnyOf("", name));
  }
}

TEST(MisspellingTest, TakesKeysOfAnyLengthAndContent) {
  EXPECT_EQ(Meant(v1::OFFENDER_ORIGIN_IMAGE, ""), "");
  EXPECT_EQ(Meant(v1::OFFENDER_ORIGIN_IMAGE, std::string(255, 'h')), "");
  EXPECT_EQ(Meant(v1::OFFENDER_ORIGIN_IMAGE, std::string("hw\0mem", 6)), "");
  EXPECT_EQ(Meant(v1::OFFENDER_ORIGIN_IMAGE, "\xff\xfe\xfd"), "");
}

TEST(MisspellingTest, WarnsWhetherOrNotTheRequestIsConfidential) {
  const auto plain = Judged(Request({}, {{"hw_mem_encrypt", "true"}}));
  EXPECT_EQ(plain.decision(), v1::DECISION_NOT_CONFIDENTIAL);
  ASSERT_THAT(WarningsOf(plain), ElementsAre("KEY_MISSPELT"));
  EXPECT_THAT(OffendersOf(plain.warnings(0)),
              ElementsAre("IMAGE hw_mem_encrypt=true", "IMAGE hw_mem_encryption"));
  EXPECT_THAT(WarningsOf(Judged(Good("amd-sev", {{"hw_firmware_stateles", "true"}}))),
              ElementsAre("KEY_MISSPELT"));
}

TEST(MisspellingTest, ReportsThemInTheirKeysOrder) {
  const Pairs image = {{"hw_mem_encryptioa", "1"},
                       {"hw_mem_encryptiob", "1"},
                       {"hw_mem_encryptioc", "1"},
                       {"hw_mem_encryptiod", "1"}};
  const auto judged = Judged(Request({}, image));
  ASSERT_EQ(judged.warnings_size(), 4);
  int next = 0;
  for (const auto& [key, value] : image) {
    EXPECT_EQ(judged.warnings(next++).offenders(0).key(), key);
  }
}

TEST(MisspellingTest, ReportsABoundedNumberOfKeys) {
  Pairs image;
  for (char c = 'A'; c <= 'Z'; ++c) image[std::string("hw_mem_encryptio") + c] = "true";
  EXPECT_EQ(WarningsOf(Judged(Request({}, image))).size(), rules::kSuggestionLimit);
}

// What a hint leads to, once it is followed, is judged: each must ask for encryption, by a model.
TEST(MisspellingTest, AHintLeadsToAStateThatWorks) {
  struct Hint {
    Pairs flavor;
    Pairs image;
    const char* reason;
    Pairs flavor_after;  // "(none)" takes a key out.
    Pairs image_after;
  };
  const Pairs on = {{"hw:mem_encryption", "true"}, {"hw:mem_encryption_model", "intel-tdx"}};
  const auto with = [](Pairs pairs, const Pairs& more) {
    pairs.insert(more.begin(), more.end());
    return pairs;
  };
  const std::vector<Hint> hints = {
      {{{"hw:mem_encryption_tdx", "true"}}, {}, "ENCRYPTION_NOT_ASKED", on, {}},
      {{}, {{"hw_mem_encryption_tdx", "true"}}, "ENCRYPTION_NOT_ASKED", on, {}},
      {{{"hw:mem_encrypt", "true"}, {"hw:mem_encryption_model", "intel-tdx"}},
       {},
       "KEY_MISSPELT",
       on,
       {}},
      {with(on, {{"hw_firmware_type", "uefi"}}),
       {{"hw_firmware_type", "(none)"}},
       "KEY_MISSPELT",
       on,
       {{"hw_firmware_type", "uefi"}}}};
  for (const Hint& hint : hints) {
    const auto request = [](const Pairs& flavor, const Pairs& image) {
      auto made = Good("intel-tdx", image);
      *made.mutable_flavor() = Request(flavor, {}).flavor();
      return made;
    };
    EXPECT_THAT(WarningsOf(Judged(request(hint.flavor, hint.image))), Contains(hint.reason));
    EXPECT_EQ(Judged(request(hint.flavor_after, hint.image_after)).decision(),
              v1::DECISION_ACCEPTED);
  }
}

TEST(MisspellingTest, AHintNamesTheImagesKeyWhereReleasedNovaReadsNoOther) {
  auto request = Good("intel-tdx", {{"hw_machine_type", "(none)"}}, {{"hw_machine_type", "q35"}});
  EXPECT_THAT(OffendersOf(Judged(request).warnings(0)),
              ElementsAre("FLAVOR hw_machine_type=q35", "IMAGE hw_machine_type"));
  EXPECT_THAT(OffendersOf(Judged(Blueprint(request)).warnings(0)),
              ElementsAre("FLAVOR hw_machine_type=q35", "FLAVOR hw:machine_type"));
}

}  // namespace
}  // namespace ccplace
