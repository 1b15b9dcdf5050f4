#include "client/ctl/input/request_files.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/ctl/input/image_devices.h"
#include "client/ctl/input/input_file.h"
#include "client/ctl/input/openstack_json.h"
#include "client/ctl/input/unread_settings.h"
#include "lib/base/status.h"
#include "lib/base/text.h"

namespace ccplace::ctl {
namespace {

using nlohmann::json;

absl::StatusOr<json> ReadOne(const std::string& path, std::istream* in, absl::string_view what) {
  absl::StatusOr<std::vector<json>> objects = ReadJsonObjects(path, in);
  if (!objects.ok()) return objects.status();
  if (objects->size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(Quoted(path), " holds ", objects->size(), " ",
                                                   what, "s, one is needed: use `openstack ", what,
                                                   " show -f json`"));
  }
  if (objects->front().is_object() && !HasProperties(objects->front())) {
    return absl::InvalidArgumentError(absl::StrCat(
        Quoted(path), " does not say what properties the ", what, " has: use `openstack ", what,
        " show -f json`, and \"properties\": {} where "
        "there are none"));
  }
  return std::move(objects->front());
}

absl::StatusOr<std::vector<v1::BlockDevice>> ParseBlockDevices(const std::vector<json>& objects) {
  std::vector<v1::BlockDevice> devices;
  for (const json& object : objects) {
    absl::StatusOr<v1::BlockDevice> device = ParseBlockDevice(object);
    if (!device.ok()) return device.status();
    devices.push_back(*std::move(device));
  }
  return devices;
}

}  // namespace

absl::StatusOr<v1::Flavor> ReadFlavor(const std::string& path, std::istream* in) {
  const absl::StatusOr<json> object = ReadOne(path, in, "flavor");
  if (!object.ok()) return object.status();
  absl::StatusOr<v1::Flavor> flavor = ParseFlavor(*object);
  if (!flavor.ok()) return WithContext(flavor.status(), Quoted(path));
  LeaveOutUnread(*flavor);
  return flavor;
}

absl::StatusOr<ImageFile> ReadImage(const std::string& path, std::istream* in) {
  const absl::StatusOr<json> object = ReadOne(path, in, "image");
  if (!object.ok()) return object.status();
  absl::StatusOr<v1::Image> image = ParseImage(*object);
  if (!image.ok()) return WithContext(image.status(), Quoted(path));
  absl::StatusOr<std::vector<v1::BlockDevice>> devices = DevicesOfImage(*image);
  if (!devices.ok()) return WithContext(devices.status(), Quoted(path));
  LeaveOutUnread(*image);
  return ImageFile{*std::move(image), *std::move(devices)};
}

absl::StatusOr<std::vector<v1::BlockDevice>> ReadBlockDevices(const std::string& option,
                                                              std::istream* in) {
  const bool inline_json = absl::StartsWith(option, "{") || absl::StartsWith(option, "[");
  if (!inline_json && absl::StrContains(option, '=')) {
    absl::StatusOr<v1::BlockDevice> device = ParseBlockDeviceOption(option);
    if (!device.ok()) return device.status();
    return std::vector<v1::BlockDevice>{*std::move(device)};
  }
  const absl::StatusOr<std::vector<json>> objects =
      inline_json ? ParseJsonObjects(option, "--block-device") : ReadJsonObjects(option, in);
  if (!objects.ok()) return objects.status();
  absl::StatusOr<std::vector<v1::BlockDevice>> devices = ParseBlockDevices(*objects);
  if (!devices.ok()) return WithContext(devices.status(), "--block-device");
  return devices;
}

}  // namespace ccplace::ctl
