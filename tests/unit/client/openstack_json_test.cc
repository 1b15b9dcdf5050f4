#include "client/ctl/input/openstack_json.h"

#include <nlohmann/json.hpp>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ccplace::ctl {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

std::string FlavorError(const std::string& text) {
  return std::string(ParseFlavor(json::parse(text)).status().message());
}

TEST(OpenstackJsonTest, ReadsAFlavorAsShowPrintsIt) {
  const auto flavor = ParseFlavor(json::parse(R"({
    "OS-FLV-DISABLED:disabled": false, "OS-FLV-EXT-DATA:ephemeral": 10,
    "access_project_ids": null, "description": null, "disk": 20, "id": "c1", "name": "tdx.small",
    "os-flavor-access:is_public": true,
    "properties": {"hw:mem_encryption": "true", "hw:mem_encryption_model": "intel-tdx"},
    "ram": 2048, "rxtx_factor": 1.0, "swap": 1025, "vcpus": 2})"));
  ASSERT_TRUE(flavor.ok()) << flavor.status();
  EXPECT_EQ(flavor->name(), "tdx.small");
  EXPECT_EQ(flavor->vcpus(), 2u);
  EXPECT_EQ(flavor->memory_mib(), 2048u);
  EXPECT_EQ(flavor->disk_gib(), 32u);  // 20 + 10 + 1025 MiB rounded up.
  EXPECT_THAT(flavor->extra_specs(),
              UnorderedElementsAre(Pair("hw:mem_encryption", "true"),
                                   Pair("hw:mem_encryption_model", "intel-tdx")));
}

TEST(OpenstackJsonTest, ReadsAFlavorOfAnOlderClient) {
  const auto flavor = ParseFlavor(json::parse(R"({
    "OS-FLV-EXT-DATA:ephemeral": 0, "disk": 5, "name": "old", "ram": "512", "swap": "",
    "properties": "hw:cpu_policy='dedicated', hw:mem_encryption='True'", "vcpus": 1})"));
  ASSERT_TRUE(flavor.ok()) << flavor.status();
  EXPECT_EQ(flavor->memory_mib(), 512u);
  EXPECT_EQ(flavor->disk_gib(), 5u);
  EXPECT_THAT(flavor->extra_specs(), UnorderedElementsAre(Pair("hw:cpu_policy", "dedicated"),
                                                          Pair("hw:mem_encryption", "True")));
}

TEST(OpenstackJsonTest, ReadsAFlavorOfAList) {
  const auto flavor = ParseFlavor(json::parse(R"({
    "ID": "7", "Name": "tdx", "RAM": 4096, "Disk": 1, "Ephemeral": 2, "VCPUs": 4,
    "Is Public": true, "Swap": 0, "RXTX Factor": 1.0, "Properties": {"hw:pmu": true, "x": null}})"));
  ASSERT_TRUE(flavor.ok()) << flavor.status();
  EXPECT_EQ(flavor->name(), "tdx");
  EXPECT_EQ(flavor->vcpus(), 4u);
  EXPECT_EQ(flavor->disk_gib(), 3u);
  EXPECT_THAT(flavor->extra_specs(), UnorderedElementsAre(Pair("hw:pmu", "true")));
}

TEST(OpenstackJsonTest, NamesTheFieldThatIsWrong) {
  EXPECT_THAT(FlavorError(R"({"ram": -5})"), HasSubstr("field 'ram' is -5: it must be a whole"));
  EXPECT_THAT(FlavorError(R"({"vcpus": 1.5})"), HasSubstr("field 'vcpus' is 1.5"));
  EXPECT_THAT(FlavorError(R"({"vcpus": 4294967296})"), HasSubstr("from 0 to 4294967295"));
  EXPECT_THAT(FlavorError(R"({"disk": 99999999999999999999999})"), HasSubstr("field 'disk'"));
  EXPECT_THAT(FlavorError(R"({"swap": "much"})"), HasSubstr("field 'swap' is \"much\""));
  EXPECT_THAT(FlavorError(R"({"name": ["a"]})"), HasSubstr("field 'name'"));
  EXPECT_THAT(FlavorError(R"({"properties": 7})"), HasSubstr("field 'properties' is 7"));
  EXPECT_THAT(FlavorError(R"({"properties": "hw:x"})"), HasSubstr("expected key='value'"));
  EXPECT_THAT(FlavorError(R"([1])"), HasSubstr("expected a flavor as a JSON object, found [1]"));
}

TEST(OpenstackJsonTest, LosesNoSettingOfAFlavorThatHasThemTwice) {
  const auto flavor = ParseFlavor(json::parse(R"({
    "name": "f", "properties": {"a": "1"}, "extra_specs": {"hw:mem_encryption": "true", "a": "2"}})"));
  ASSERT_TRUE(flavor.ok()) << flavor.status();
  EXPECT_THAT(flavor->extra_specs(),
              UnorderedElementsAre(Pair("a", "1"), Pair("hw:mem_encryption", "true")));
}

TEST(OpenstackJsonTest, ReadsAnImageAsShowPrintsIt) {
  const auto image = ParseImage(json::parse(R"({
    "checksum": null, "id": "i1", "name": "debian", "min_disk": 10, "status": "active",
    "properties": {"hw_firmware_type": "uefi", "hw_firmware_stateless": true, "hw_cpu_cores": 2,
                   "os_hidden": false, "stores": null, "links": {"a": 1}},
    "schema": "/v2/schemas/image", "tags": [], "virtual_size": null, "visibility": "public"})"));
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->id(), "i1");
  EXPECT_EQ(image->name(), "debian");
  EXPECT_THAT(image->properties(),
              UnorderedElementsAre(Pair("hw_firmware_type", "uefi"),
                                   Pair("hw_firmware_stateless", "true"), Pair("hw_cpu_cores", "2"),
                                   Pair("os_hidden", "false"), Pair("links", "{\"a\":1}")));
}

TEST(OpenstackJsonTest, ReadsPropertiesThatStandBesideTheAttributes) {
  const auto image = ParseImage(json::parse(R"({
    "id": "i1", "name": null, "schema": "/v2/schemas/image", "size": 5, "Disk Format": "raw",
    "hw_machine_type": "q35", "hw_video_model": null})"));
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->name(), "");
  EXPECT_THAT(image->properties(), UnorderedElementsAre(Pair("hw_machine_type", "q35")));
}

TEST(OpenstackJsonTest, TellsAFlavorAndAnImageApart) {
  for (const char* image :
       {R"({"id": "i1", "status": "active", "properties": {}})",
        R"({"ID": "i1", "Status": "active", "Disk Format": "raw", "Properties": {}})"}) {
    EXPECT_TRUE(ParseImage(json::parse(image)).ok());
    EXPECT_THAT(FlavorError(image), HasSubstr("found an image: are the flavor's file"));
  }
  for (const char* flavor : {R"({"name": "f", "vcpus": 2, "ram": 1, "properties": {}})",
                             R"({"Name": "f", "VCPUs": 2, "RAM": 1, "Properties": {}})"}) {
    EXPECT_TRUE(ParseFlavor(json::parse(flavor)).ok());
    EXPECT_THAT(std::string(ParseImage(json::parse(flavor)).status().message()),
                HasSubstr("found a flavor: are the flavor's file"));
  }
}

TEST(OpenstackJsonTest, LetsPropertiesWinOverWhatStandsBeside) {
  const auto image = ParseImage(
      json::parse(R"({"properties": {"hw_disk_bus": "scsi"}, "hw_disk_bus": "virtio"})"));
  EXPECT_EQ(image->properties().at("hw_disk_bus"), "scsi");
}

TEST(OpenstackJsonTest, KnowsWhatDoesNotSayItsProperties) {
  EXPECT_FALSE(HasProperties(json::parse(R"({"ID": "1", "Name": "a", "Status": "active"})")));
  EXPECT_TRUE(HasProperties(json::parse(R"({"id": "1", "properties": {}})")));
  EXPECT_TRUE(HasProperties(json::parse(R"({"ID": "1", "Properties": ""})")));
  EXPECT_TRUE(HasProperties(json::parse(R"({"id": "1", "schema": "/v2/schemas/image"})")));
}

TEST(OpenstackJsonTest, ReadsBlockDevices) {
  const auto device = ParseBlockDevice(
      json::parse(R"({"device_name": "/dev/vda", "boot_index": 0, "disk_bus": "scsi",
                      "device_type": "disk", "source_type": "image"})"));
  ASSERT_TRUE(device.ok());
  EXPECT_EQ(device->name(), "/dev/vda");
  EXPECT_EQ(device->boot_index(), "0");
  EXPECT_EQ(device->disk_bus(), "scsi");
  EXPECT_FALSE(ParseBlockDevice(json::parse(R"({"boot_index": null})"))->has_boot_index());
  EXPECT_EQ(ParseBlockDevice(json::parse(R"({"boot_index": -1})"))->boot_index(), "-1");
  EXPECT_FALSE(ParseBlockDevice(json::parse(R"({"disk_bus": {}})")).ok());
}

TEST(OpenstackJsonTest, ReadsBlockDevicesOfTheCommandLine) {
  const auto device = ParseBlockDeviceOption("uuid=0b1c,boot_index=0,disk_bus=scsi");
  ASSERT_TRUE(device.ok());
  EXPECT_EQ(device->name(), "0b1c");
  EXPECT_EQ(device->boot_index(), "0");
  EXPECT_THAT(std::string(ParseBlockDeviceOption("uuid=1,scsi").status().message()),
              HasSubstr("'scsi' is not key=value"));
  EXPECT_THAT(std::string(ParseBlockDeviceOption("uuid=\xA0").status().message()),
              HasSubstr("'uuid=\\xa0': must be printable UTF-8"));
}

TEST(PropertyStringTest, ReadsWhatFormatDictWrites) {
  EXPECT_THAT(*ParsePropertyString(""), IsEmpty());
  EXPECT_THAT(*ParsePropertyString("a='1', b.c='x y', d="),
              UnorderedElementsAre(Pair("a", "1"), Pair("b.c", "x y")));
  EXPECT_THAT(*ParsePropertyString("a=, b='2'"), UnorderedElementsAre(Pair("b", "2")));
}

TEST(PropertyStringTest, KeepsQuotesAndCommasInsideValues) {
  EXPECT_THAT(*ParsePropertyString("a='it's, fine', b='x=y', c='', d='o'c'"),
              UnorderedElementsAre(Pair("a", "it's, fine"), Pair("b", "x=y"), Pair("c", ""),
                                   Pair("d", "o'c")));
}

TEST(PropertyStringTest, RefusesOtherText) {
  for (const char* text : {"a", "='x'", "a='x", "a=x", "a='x', ", "a b='x'"}) {
    EXPECT_FALSE(ParsePropertyString(text).ok()) << text;
  }
}

}  // namespace
}  // namespace ccplace::ctl
