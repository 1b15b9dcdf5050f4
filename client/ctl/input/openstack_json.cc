#include "client/ctl/input/openstack_json.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/number.h"
#include "lib/base/status.h"
#include "lib/base/text.h"

namespace ccplace::ctl {
namespace {

using nlohmann::json;
using Properties = google::protobuf::Map<std::string, std::string>;

constexpr uint64_t kMibPerGib = 1024;
// No disk is larger (EiB), so that sums cannot overflow.
constexpr uint64_t kNumberLimit = uint64_t{1} << 40;

// Attributes of an image that are no properties (Image API v2 schema, as `openstack image show`
// and `image list` print them).
constexpr std::array<absl::string_view, 35> kImageAttributes = {
    "checksum",     "container_format", "created_at",   "disk_format", "file",       "id",
    "locations",    "location",         "min_disk",     "min_ram",     "name",       "owner",
    "properties",   "protected",        "schema",       "self",        "size",       "status",
    "tags",         "updated_at",       "virtual_size", "visibility",  "direct_url", "stores",
    "disk format",  "container format", "project",      "is_hidden",   "hash_algo",  "hash_value",
    "is_protected", "owner_id",         "store",        "url",         "metadata"};

// Properties that openstacksdk's Image.to_dict() calls by names of its own.
constexpr std::pair<absl::string_view, const char*> kSdkNames[] = {
    {"needs_secure_boot", "os_secure_boot"},
    {"needs_config_drive", "img_config_drive"},
    {"has_auto_disk_config", "auto_disk_config"},
    {"is_hw_boot_menu_enabled", "hw_boot_menu"},
    {"is_hw_vif_multiqueue_enabled", "hw_vif_multiqueue_enabled"}};

std::string PropertyName(const std::string& key) {
  for (const auto& [sdk_name, name] : kSdkNames) {
    if (key == sdk_name) return name;
  }
  return key;
}

absl::Status FieldProblem(absl::string_view field, absl::string_view found,
                          absl::string_view allowed) {
  return absl::InvalidArgumentError(
      absl::StrCat("field ", Quoted(field), " is ", found, ": ", allowed));
}

std::string Shown(const json& value) {
  return Printable(value.dump(-1, ' ', true, json::error_handler_t::replace));
}

// A scalar as nova and glance keep it: text. Nothing for null.
std::optional<std::string> ScalarText(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean() || value.is_number()) return value.dump();
  return std::nullopt;
}

// The first of `names` that is there and not null.
const json* Find(const json& object, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto found = object.find(name);
    if (found != object.end() && !found->is_null()) return &*found;
  }
  return nullptr;
}

// Text under the first of `names`; empty when there is none.
absl::StatusOr<std::string> Text(const json& object, std::initializer_list<const char*> names) {
  const json* value = Find(object, names);
  if (value == nullptr) return std::string();
  std::optional<std::string> text = ScalarText(*value);
  if (!text.has_value()) return FieldProblem(*names.begin(), Shown(*value), "it must be a string");
  return *std::move(text);
}

// A count under the first of `names`: a number, digits in a string, or "" for 0. 0 when missing.
absl::StatusOr<uint64_t> Count(const json& object, std::initializer_list<const char*> names,
                               uint64_t limit) {
  const json* value = Find(object, names);
  const bool blank =
      value != nullptr && value->is_string() && value->get_ref<const std::string&>().empty();
  if (value == nullptr || blank) return uint64_t{0};
  const std::optional<uint64_t> count =
      value->is_number_unsigned() ? std::optional<uint64_t>(value->get<uint64_t>())
      : value->is_string()        ? ParseDecimal(value->get_ref<const std::string&>())
                                  : std::nullopt;
  if (count.has_value() && *count <= limit) return *count;
  return FieldProblem(*names.begin(), Shown(*value),
                      absl::StrCat("it must be a whole number from 0 to ", limit));
}

// Puts `object`'s entries into `out`; nulls are not set, and what is nested is kept as JSON text.
void AddObject(const json& object, Properties& out) {
  for (const auto& [key, value] : object.items()) {
    if (value.is_null()) continue;
    const std::optional<std::string> text = ScalarText(value);
    out.insert({key, text.value_or(value.dump(-1, ' ', false, json::error_handler_t::replace))});
  }
}

// Adds what the member `name` holds; what is there already stays.
absl::Status AddNamed(const char* name, const json& value, Properties& out) {
  if (value.is_object()) {
    AddObject(value, out);
    return absl::OkStatus();
  }
  if (!value.is_string()) {
    return FieldProblem(name, Shown(value), "it must be an object, or \"k='v', ...\"");
  }
  auto parsed = ParsePropertyString(value.get_ref<const std::string&>());
  if (!parsed.ok()) return WithContext(parsed.status(), absl::StrCat("field ", Quoted(name)));
  out.insert(parsed->begin(), parsed->end());
  return absl::OkStatus();
}

absl::Status AddProperties(const json& object, std::initializer_list<const char*> members,
                           Properties& out) {
  for (const char* name : members) {
    const json* value = Find(object, {name});
    absl::Status added = value == nullptr ? absl::OkStatus() : AddNamed(name, *value, out);
    if (!added.ok()) return added;
  }
  return absl::OkStatus();
}

// Properties that are beside the standard attributes.
void AddFlattened(const json& object, Properties& out) {
  for (const auto& [key, value] : object.items()) {
    const std::string lower = absl::AsciiStrToLower(key);
    const bool attribute = std::find(kImageAttributes.begin(), kImageAttributes.end(), lower) !=
                           kImageAttributes.end();
    const std::optional<std::string> text = ScalarText(value);
    if (!attribute && text.has_value()) out.insert({PropertyName(key), *text});
  }
}

// Attributes that distinguish a flavor from an image, as `show` and `list` print them.
bool IsFlavor(const json& object) { return Find(object, {"vcpus", "VCPUs"}) != nullptr; }
bool IsImage(const json& object) {
  return Find(object, {"status", "Status", "disk_format", "Disk Format"}) != nullptr;
}

// A volume of `openstack volume show`. nova boots from it with what Cinder kept of its image.
constexpr char kVolumeImage[] = "volume_image_metadata";
bool IsVolume(const json& object) {
  return object.contains(kVolumeImage) ||
         (object.contains("bootable") && object.contains("attachments"));
}

absl::Status AddImageProperties(const json& object, Properties& out) {
  if (IsVolume(object)) return AddProperties(object, {kVolumeImage}, out);
  absl::Status added = AddProperties(object, {"properties", "Properties", "extra_specs"}, out);
  if (added.ok()) AddFlattened(object, out);
  return added;
}

absl::Status Swapped(absl::string_view found, absl::string_view wanted) {
  return absl::InvalidArgumentError(absl::StrCat(
      "expected ", wanted, ", found ", found, ": are the flavor's file and the image's swapped?"));
}

absl::Status CheckObject(const json& object, absl::string_view what) {
  if (object.is_object()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("expected ", what, " as a JSON object, found ", Shown(object)));
}

// Root, ephemeral and swap disk in GiB; swap is in MiB and rounded up, as nova does for Placement.
absl::StatusOr<uint64_t> DiskGib(const json& object) {
  auto root = Count(object, {"disk", "Disk"}, kNumberLimit);
  if (!root.ok()) return root;
  auto ephemeral =
      Count(object, {"OS-FLV-EXT-DATA:ephemeral", "ephemeral", "Ephemeral"}, kNumberLimit);
  if (!ephemeral.ok()) return ephemeral;
  auto swap_mib = Count(object, {"swap", "Swap"}, kNumberLimit);
  if (!swap_mib.ok()) return swap_mib;
  return *root + *ephemeral + (*swap_mib + kMibPerGib - 1) / kMibPerGib;
}

}  // namespace

absl::Status CheckIsFlavor(const json& object) {
  absl::Status is_object = CheckObject(object, "a flavor");
  if (!is_object.ok()) return is_object;
  if (IsImage(object) && !IsFlavor(object)) return Swapped("an image", "a flavor");
  return absl::OkStatus();
}

absl::Status CheckIsImage(const json& object) {
  absl::Status is_object = CheckObject(object, "an image");
  if (!is_object.ok()) return is_object;
  if (IsFlavor(object) && !IsImage(object)) return Swapped("a flavor", "an image");
  return absl::OkStatus();
}

absl::StatusOr<v1::Flavor> ParseFlavor(const json& object) {
  absl::Status is_flavor = CheckIsFlavor(object);
  if (!is_flavor.ok()) return is_flavor;
  absl::StatusOr<std::string> name = Text(object, {"name", "Name"});
  if (!name.ok()) return name.status();
  const auto vcpus = Count(object, {"vcpus", "VCPUs"}, std::numeric_limits<uint32_t>::max());
  if (!vcpus.ok()) return vcpus.status();
  const auto memory_mib = Count(object, {"ram", "RAM"}, kNumberLimit);
  if (!memory_mib.ok()) return memory_mib.status();
  const auto disk_gib = DiskGib(object);
  if (!disk_gib.ok()) return disk_gib.status();
  v1::Flavor flavor;
  flavor.set_name(*std::move(name));
  flavor.set_vcpus(static_cast<uint32_t>(*vcpus));
  flavor.set_memory_mib(*memory_mib);
  flavor.set_disk_gib(*disk_gib);
  absl::Status added = AddProperties(object, {"properties", "Properties", "extra_specs"},
                                     *flavor.mutable_extra_specs());
  if (!added.ok()) return added;
  return flavor;
}

absl::StatusOr<v1::Image> ParseImage(const json& object) {
  absl::Status is_image = CheckIsImage(object);
  if (!is_image.ok()) return is_image;
  absl::StatusOr<std::string> id = Text(object, {"id", "ID"});
  if (!id.ok()) return id.status();
  absl::StatusOr<std::string> name = Text(object, {"name", "Name"});
  if (!name.ok()) return name.status();
  v1::Image image;
  image.set_id(*std::move(id));
  image.set_name(*std::move(name));
  absl::StatusOr<std::string> status = Text(object, {"status", "Status"});
  if (!status.ok()) return status.status();
  // A volume's is Cinder's, and nova takes its image for active.
  if (!IsVolume(object)) image.set_status(*std::move(status));
  absl::Status added = AddImageProperties(object, *image.mutable_properties());
  if (!added.ok()) return added;
  return image;
}

absl::StatusOr<v1::BlockDevice> ParseBlockDevice(const json& object) {
  absl::Status is_object = CheckObject(object, "a block device");
  if (!is_object.ok()) return is_object;
  absl::StatusOr<std::string> name = Text(object, {"name", "device_name", "uuid"});
  if (!name.ok()) return name.status();
  absl::StatusOr<std::string> bus = Text(object, {"disk_bus"});
  if (!bus.ok()) return bus.status();
  absl::StatusOr<std::string> type = Text(object, {"device_type"});
  if (!type.ok()) return type.status();
  absl::StatusOr<std::string> boot_index = Text(object, {"boot_index"});
  if (!boot_index.ok()) return boot_index.status();
  v1::BlockDevice device;
  device.set_name(*std::move(name));
  device.set_disk_bus(*std::move(bus));
  device.set_device_type(*std::move(type));
  if (Find(object, {"boot_index"}) != nullptr) device.set_boot_index(*std::move(boot_index));
  return device;
}

absl::StatusOr<v1::BlockDevice> ParseBlockDeviceOption(absl::string_view text) {
  if (!IsPrintable(text)) {
    return absl::InvalidArgumentError(
        absl::StrCat("block device ", Quoted(text), ": must be printable UTF-8"));
  }
  json object = json::object();
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    const std::pair<std::string, std::string> entry = absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (part.find('=') == absl::string_view::npos || entry.first.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("block device ", Quoted(text), ": ", Quoted(part), " is not key=value"));
    }
    object[entry.first] = entry.second;
  }
  return ParseBlockDevice(object);
}

bool HasProperties(const json& object) {
  if (!object.is_object()) return false;
  // A listed volume's properties are its own, not its image's.
  if (object.contains("Attached to")) return false;
  // "schema" marks a whole image, whose properties may be beside its attributes.
  return object.contains("properties") || object.contains("Properties") ||
         object.contains("extra_specs") || object.contains("schema") || IsVolume(object);
}

}  // namespace ccplace::ctl
