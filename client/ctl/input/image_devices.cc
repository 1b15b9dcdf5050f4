#include "client/ctl/input/image_devices.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/ctl/input/openstack_json.h"
#include "lib/base/json_read.h"
#include "lib/base/status.h"
#include "lib/base/text.h"

namespace ccplace::ctl {
namespace {

using nlohmann::json;

constexpr char kMapping[] = "block_device_mapping";
constexpr char kIsNewForm[] = "bdm_v2";

// Glance holds it as text. Empty where nova would take it for none.
std::string MappingOf(const v1::Image& image) {
  const auto& properties = image.properties();
  const auto mapping = properties.find(kMapping);
  const auto new_form = properties.find(kIsNewForm);
  // nova asks for its truth in Python's sense: "False" is true, "" is not.
  const bool is_new = new_form != properties.end() && !new_form->second.empty();
  return mapping != properties.end() && is_new ? mapping->second : "";
}

absl::Status Malformed(const std::string& text) {
  return absl::InvalidArgumentError(
      absl::StrCat("property ", Quoted(kMapping), " is ", Quoted(text),
                   ": it must be a JSON list of block devices, as nova writes it"));
}

}  // namespace

absl::StatusOr<std::vector<v1::BlockDevice>> DevicesOfImage(const v1::Image& image) {
  std::vector<v1::BlockDevice> devices;
  const std::string text = MappingOf(image);
  if (text.empty()) return devices;
  const json mapping = json::parse(text, nullptr, false);
  if (!mapping.is_array() || IsDeeperThan(mapping, kJsonDepthLimit)) return Malformed(text);
  for (const json& entry : mapping) {
    absl::StatusOr<v1::BlockDevice> device = ParseBlockDevice(entry);
    if (!device.ok()) {
      return WithContext(device.status(), absl::StrCat("property ", Quoted(kMapping)));
    }
    devices.push_back(*std::move(device));
  }
  return devices;
}

void AddDevicesOfImage(const std::vector<v1::BlockDevice>& of_image,
                       v1::ValidateRequestRequest& request) {
  const int own = request.block_devices_size();
  for (const v1::BlockDevice& device : of_image) {
    const auto first = request.block_devices().begin();
    const bool replaced = std::any_of(first, first + own, [&device](const v1::BlockDevice& other) {
      return !device.name().empty() && other.name() == device.name();
    });
    if (!replaced) *request.add_block_devices() = device;
  }
}

}  // namespace ccplace::ctl
