// Files as people have them: what OpenStack's services, clients and SDK write
// (tests/data/openstack).
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/ctl_run.h"
#include "tests/unit/client/fake_host.h"
#include "tests/unit/client/temp_file.h"

namespace ccplace::ctl {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Data(const std::string& name) {
  return CCPLACE_SOURCE_DIR "/tests/data/openstack/" + name;
}

std::string TextOf(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

CtlRun Validate(const std::string& flavor, const std::string& image) {
  FakeHost host;
  return CtlOn(host, {"validate", "--flavor", flavor, "--image", image});
}

CtlRun AuditOf(const std::string& flavors, const std::string& images) {
  return Ctl({"audit", "--flavors", flavors, "--images", images});
}

json SummaryOf(const std::string& flavors, const std::string& images) {
  const CtlRun run =
      Ctl({"audit", "--flavors", flavors, "--images", images, "--summary", "-o", "json"});
  return json::parse(run.out)["summary"];
}

const char kTdxFlavor[] = R"({"name": "tdx", "vcpus": 1, "ram": 512, "disk": 1, "properties": {
    "hw:mem_encryption": "true", "hw:mem_encryption_model": "intel-tdx"}})";
const char kGoodProperties[] = R"("hw_firmware_type": "uefi", "hw_machine_type": "q35",
    "hw_firmware_stateless": "true", "hw_video_model": "none")";

TEST(OpenstackFilesTest, JudgesEachImageOfGlancesList) {
  const CtlRun run = AuditOf(Data("flavor-none.json"), Data("glance-list-minimal.json"));
  EXPECT_EQ(run.code, kExitNo) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("images: enc-bios"), HasSubstr("FIRMWARE_NOT_UEFI"),
                             HasSubstr("cannot run       1")));
}

TEST(OpenstackFilesTest, JudgesEveryPageOfGlancesList) {
  const std::string page = TextOf(Data("glance-list-minimal.json"));
  const TempFile pages(page + "\n" + page +
                       "\n{\"images\": [], \"schema\": \"/v2/schemas/images\"}");
  EXPECT_EQ(SummaryOf(Data("flavor-none.json"), pages.path())["rejected"], 2);
}

TEST(OpenstackFilesTest, JudgesEachFlavorOfNovasList) {
  const TempFile flavors(R"({"flavors": [
      {"id": "1", "name": "a", "vcpus": 1, "ram": 512, "disk": 1, "swap": "", "extra_specs": {
       "hw:mem_encryption": "true", "hw:mem_encryption_model": "intel-tdx"}},
      {"id": "2", "name": "b", "vcpus": 1, "ram": 512, "disk": 1, "swap": 0, "extra_specs": {}}],
      "flavors_links": [{"rel": "next", "href": "http://nova/flavors?marker=2"}]})");
  const TempFile image(std::string(R"({"name": "good", "properties": {)") + kGoodProperties + "}}");
  const json summary = SummaryOf(flavors.path(), image.path());
  EXPECT_EQ(summary["accepted"], 1);
  EXPECT_EQ(summary["not_confidential"], 1);
}

TEST(OpenstackFilesTest, TakesOneObjectAsTheApisAnswerIt) {
  const TempFile flavor(std::string(R"({"flavor": )") + kTdxFlavor + "}");
  const TempFile image(std::string(R"({"id": "1", "name": "flat", "status": "active",
      "schema": "/v2/schemas/image", )") +
                       kGoodProperties + "}");
  const CtlRun run = Validate(flavor.path(), image.path());
  EXPECT_EQ(run.code, kExitYes) << run.err;
  EXPECT_THAT(run.out, HasSubstr("ACCEPTED intel-tdx: boot of flavor tdx with image flat"));
}

TEST(OpenstackFilesTest, FlavorsOfAListThatLacksExtraSpecsAreNotJudged) {
  const TempFile flavors(R"({"flavors": [{"id": "1", "name": "a", "links": []}]})");
  EXPECT_EQ(SummaryOf(flavors.path(), Data("i_cn.json"))["unjudged"], 1);
}

TEST(OpenstackFilesTest, JudgesAnImageWithALongPropertyThatNoRuleReads) {
  const TempFile flavor(kTdxFlavor);
  const std::string image = Data("sid.image-show.snap10.json");
  const CtlRun run = Validate(flavor.path(), image);
  EXPECT_EQ(run.code, kExitNo) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("FIRMWARE_NOT_STATELESS"), HasSubstr("10 block devices")));
  EXPECT_EQ(AuditOf(flavor.path(), image).code, kExitNo);
}

TEST(OpenstackFilesTest, JudgesAnImageWithMorePropertiesThanTheContractTakes) {
  json properties = json::parse(std::string("{") + kGoodProperties + "}");
  for (int i = 0; i < 300; ++i) properties["tag_" + std::to_string(i)] = "x";
  const TempFile flavor(kTdxFlavor);
  const TempFile image(json({{"name", "many"}, {"properties", properties}}).dump());
  EXPECT_EQ(Validate(flavor.path(), image.path()).code, kExitYes);
  EXPECT_EQ(SummaryOf(flavor.path(), image.path())["accepted"], 1);
}

TEST(OpenstackFilesTest, SeesAScsiBootDiskInTheImagesOwnMapping) {
  const TempFile flavor(kTdxFlavor);
  const std::string image = Data("image-bdm-scsi.json");
  const CtlRun run = Validate(flavor.path(), image);
  EXPECT_EQ(run.code, kExitNo) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("SCSI_BOOT_DISK"), Not(HasSubstr("NOT_UEFI"))));
  EXPECT_THAT(AuditOf(flavor.path(), image).out, HasSubstr("SCSI_BOOT_DISK"));
}

TEST(OpenstackFilesTest, ADeviceOfTheRequestReplacesTheImagesOfThatName) {
  FakeHost host;
  const TempFile flavor(kTdxFlavor);
  const json mapping = {{{"device_name", "/dev/sda"}, {"boot_index", 0}, {"disk_bus", "scsi"}}};
  json properties = json::parse(std::string("{") + kGoodProperties + "}");
  properties["bdm_v2"] = "True";
  properties["block_device_mapping"] = mapping.dump();
  const TempFile image(json({{"name", "s"}, {"properties", properties}}).dump());
  const auto code = [&](const std::string& device) {
    return CtlOn(host, {"validate", "--flavor", flavor.path(), "--image", image.path(),
                        "--block-device", device})
        .code;
  };
  EXPECT_EQ(code(R"({"device_name": "/dev/sda", "boot_index": 0, "disk_bus": "virtio"})"),
            kExitYes);
  EXPECT_EQ(code(R"({"device_name": "/dev/vdb", "boot_index": null})"), kExitNo);
}

TEST(OpenstackFilesTest, ReadsSecureBootAsTheSdkCallsIt) {
  const CtlRun run =
      Validate(Data("sid.flavor-show.sb.json"), Data("sid.sdk.image.sb-disabled.json"));
  EXPECT_EQ(run.code, kExitNo) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("\n  SECURE_BOOT_CONFLICT\n"), HasSubstr("'disabled'")));
}

TEST(OpenstackFilesTest, AVolumeStandsForTheImageThatItWasMadeFrom) {
  const TempFile flavor(kTdxFlavor);
  const TempFile volume(R"({"id": "v1", "name": "root", "status": "available", "bootable": "true",
      "attachments": [], "size": 20, "type": "lvm", "properties": {"hw_firmware_type": "bios"},
      "volume_image_metadata": {"image_id": "i1", "hw_firmware_type": "uefi",
      "hw_machine_type": "q35", "hw_firmware_stateless": "true", "hw_video_model": "none"}})");
  const CtlRun run = Validate(flavor.path(), volume.path());
  EXPECT_EQ(run.code, kExitYes) << run.out << run.err;
  const TempFile blank(R"({"id": "v2", "name": "blank", "status": "available", "bootable": "false",
      "attachments": [], "size": 20, "properties": {"hw_firmware_type": "uefi"}})");
  EXPECT_THAT(Validate(flavor.path(), blank.path()).out, HasSubstr("FIRMWARE_NOT_UEFI"));
}

TEST(OpenstackFilesTest, OneImageThatCannotBeJudgedEndsNoAudit) {
  const TempFile flavor(kTdxFlavor);
  json images = json::array();
  images.push_back(
      json::parse(std::string(R"({"name": "good", "properties": {)") + kGoodProperties + "}}"));
  images.push_back(
      {{"name", "odd"}, {"properties", {{"bdm_v2", "True"}, {"block_device_mapping", "{"}}}});
  images.push_back(
      {{"name", "long"}, {"properties", {{"hw_machine_type", std::string(5000, 'q')}}}});
  images.push_back({{"name", "list"}, {"properties", json::array()}});
  const TempFile file(images.dump());
  const CtlRun run = AuditOf(flavor.path(), file.path());
  EXPECT_EQ(run.code, kExitNoAnswer) << run.err;
  EXPECT_THAT(run.err, AllOf(HasSubstr("image 'odd' is not judged: property "
                                       "'block_device_mapping' is '{'"),
                             HasSubstr("image 'long' is not judged"), HasSubstr("5000 bytes"),
                             HasSubstr("image 'list' is not judged: field 'properties'")));
  EXPECT_THAT(run.out, AllOf(HasSubstr("not judged       3"), HasSubstr("can run          1")));
}

TEST(OpenstackFilesTest, SaysLoudlyThatATraitAndAKeyAloneEncryptNothing) {
  const TempFile image(std::string(R"({"name": "good", "properties": {)") + kGoodProperties + "}}");
  const std::string flavor = Data("f_traitonly.json");
  const CtlRun run = Validate(flavor, image.path());
  EXPECT_EQ(run.code, kExitNo) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("NOT CONFIDENTIAL, RUNS UNENCRYPTED: boot of flavor f"),
                             HasSubstr("warning ENCRYPTION_NOT_ASKED"),
                             HasSubstr("set hw:mem_encryption=true")));
  const CtlRun audit = AuditOf(flavor, image.path());
  EXPECT_EQ(audit.code, kExitNo);
  EXPECT_THAT(audit.out, AllOf(HasSubstr("RUNS UNENCRYPTED: 1 flavor with 1 image"),
                               HasSubstr("run unencrypted  1"), HasSubstr("ask for nothing  0")));
  const json summary = SummaryOf(flavor, image.path());
  EXPECT_EQ(summary["unencrypted"], 1);
  EXPECT_EQ(summary["reasons"]["WARNING_REASON_ENCRYPTION_NOT_ASKED"], 1);
}

TEST(OpenstackFilesTest, ReadsFirmwareAndMachineWhereReleasedNovaReadsThem) {
  for (const auto& [flavor, image] :
       {std::pair{"flavor-fw.json", "image-nofw.json"}, std::pair{"f_cn.json", "i_cn.json"}}) {
    const CtlRun run = Validate(Data(flavor), Data(image));
    EXPECT_EQ(run.code, kExitNo) << run.err;
    EXPECT_THAT(run.out, AllOf(HasSubstr("FIRMWARE_NOT_UEFI"), HasSubstr("warning KEY_NOT_READ")));
  }
  FakeHost host;
  const CtlRun blueprint =
      CtlOn(host, {"validate", "--dialect", "blueprint", "--flavor", Data("flavor-fw.json"),
                   "--image", Data("image-nofw.json")});
  EXPECT_EQ(blueprint.code, kExitYes) << blueprint.out;
  EXPECT_THAT(blueprint.out, AllOf(HasSubstr("in the blueprint's dialect"),
                                   HasSubstr("warning RELEASED_NOVA_REFUSES")));
  const auto audit = [](const char* dialect) {
    return Ctl({"audit", "--dialect", dialect, "--flavors", Data("flavor-fw.json"), "--images",
                Data("image-nofw.json")})
        .code;
  };
  EXPECT_EQ(audit("nova"), kExitNo);
  EXPECT_EQ(audit("blueprint"), kExitYes);
}

TEST(OpenstackFilesTest, LeadsFromAKeyOfNoReleaseToOnesThatWork) {
  const CtlRun run = Validate(Data("f_intel_kolla.json"), Data("i_intel_kolla.json"));
  EXPECT_EQ(run.code, kExitNo) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("NOT CONFIDENTIAL, RUNS UNENCRYPTED"),
                             HasSubstr("set hw:mem_encryption=true and")));
  json flavor = json::parse(TextOf(Data("f_intel_kolla.json")));
  flavor["properties"] = {{"hw:mem_encryption", "true"}, {"hw:mem_encryption_model", "intel-tdx"}};
  const TempFile followed(flavor.dump());
  const std::string out = Validate(followed.path(), Data("i_intel_kolla.json")).out;
  EXPECT_THAT(out, AllOf(HasSubstr("REJECTED intel-tdx"), HasSubstr("FIRMWARE_NOT_STATELESS"),
                         Not(HasSubstr("UNKNOWN_MODEL"))));
}

TEST(OpenstackFilesTest, AnImageThatNovaStartsNothingFromIsRefused) {
  const TempFile flavor(kTdxFlavor);
  const TempFile image(std::string(R"([{"name": "good", "status": "active", "properties": {)") +
                       kGoodProperties + R"(}}, {"name": "off", "status": "deactivated",
      "properties": {)" +
                       kGoodProperties + "}}]");
  const CtlRun run = AuditOf(flavor.path(), image.path());
  EXPECT_EQ(run.code, kExitNo);
  EXPECT_THAT(run.out, AllOf(HasSubstr("IMAGE_NOT_ACTIVE"), HasSubstr("images: off"),
                             HasSubstr("can run          1"), HasSubstr("cannot run       1")));
}

// Of openstacksdk 0.101.0 and 4.20.0, which print the same.
TEST(OpenstackFilesTest, ReadsWhatTheSdkPrintsByOriginalNames) {
  const std::string flavors = Data("sdk.flavors.json");
  const std::string images = Data("sdk.images.json");
  EXPECT_EQ(SummaryOf(flavors, images)["accepted"], 1);
  EXPECT_THAT(Ctl({"audit", "--flavors", flavors, "--images", images, "-o", "json"}).out,
              HasSubstr("\"image_name\":\"tdx\""));
}

TEST(OpenstackFilesTest, AFileOfTheOtherSideIsWrong) {
  const TempFile flavor(kTdxFlavor);
  const CtlRun run = AuditOf(flavor.path(), flavor.path());
  EXPECT_EQ(run.code, kExitUsage);
  EXPECT_THAT(run.err, HasSubstr("swapped"));
  const TempFile ids("[\"i1\", \"i2\"]");
  EXPECT_EQ(AuditOf(flavor.path(), ids.path()).code, kExitUsage);
}

TEST(OpenstackFilesTest, SaysThatAnotherFormatIsNotRead) {
  for (const char* text : {"id: 1\nname: debian\nproperties:\n  hw_machine_type: q35\n",
                           "- Name: a\n  ID: '1'\n", "+----+------+\n| ID | Name |\n"}) {
    const TempFile file(text);
    const CtlRun run = Ctl({"validate", "--image", file.path()});
    EXPECT_EQ(run.code, kExitUsage);
    EXPECT_THAT(run.err, AllOf(HasSubstr(file.path()), HasSubstr("write it with `-f json`")));
  }
}

}  // namespace
}  // namespace ccplace::ctl
