// The limits that request.proto states, checked before anything is judged.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/request/rules.h"

namespace ccplace {
namespace {

constexpr size_t kTextLimit = 255;
constexpr size_t kBlockDeviceLimit = 64;

using Errors = std::vector<FieldError>;

void AddTooLong(std::string path, size_t bytes, size_t limit, Errors& errors) {
  errors.push_back({std::move(path), absl::StrCat("is ", bytes, " bytes long, at most ", limit,
                                                  " are allowed; shorten it")});
}

void AddTooMany(const char* path, size_t count, size_t limit, Errors& errors) {
  errors.push_back({path, absl::StrCat("has ", count, " entries, at most ", limit,
                                       " are allowed; remove some")});
}

// Paths are built for faults alone: the usual request costs no allocation.
template <typename Path>
void CheckLength(const std::string& text, size_t limit, const Path& path, Errors& errors) {
  if (text.size() > limit) AddTooLong(path(), text.size(), limit, errors);
}

bool CheckCount(size_t count, size_t limit, const char* path, Errors& errors) {
  if (count > limit) AddTooMany(path, count, limit, errors);
  return count <= limit;
}

template <typename Map>
void CheckMap(const Map& map, const SettingLimits& limits, const char* path, Errors& errors) {
  if (!CheckCount(map.size(), limits.count, path, errors)) return;
  for (const auto& entry : map) {
    const auto of_entry = [&] { return absl::StrCat(path, "[", Quoted(entry.first), "]"); };
    CheckLength(
        entry.first, limits.key_bytes, [&] { return of_entry() + " (key)"; }, errors);
    CheckLength(entry.second, limits.value_bytes, of_entry, errors);
  }
}

void CheckDevice(const v1::BlockDevice& device, int index, Errors& errors) {
  const auto path = [index](const char* field) {
    return [index, field] { return absl::StrCat("block_devices[", index, "].", field); };
  };
  CheckLength(device.name(), kTextLimit, path("name"), errors);
  CheckLength(device.disk_bus(), kTextLimit, path("disk_bus"), errors);
  CheckLength(device.boot_index(), kTextLimit, path("boot_index"), errors);
  CheckLength(device.device_type(), kTextLimit, path("device_type"), errors);
}

void CheckDevices(const v1::ValidateRequestRequest& request, Errors& errors) {
  const auto count = static_cast<size_t>(request.block_devices_size());
  if (!CheckCount(count, kBlockDeviceLimit, "block_devices", errors)) return;
  for (int i = 0; i < request.block_devices_size(); ++i) {
    CheckDevice(request.block_devices(i), i, errors);
  }
}

}  // namespace

absl::Status CheckRequestBounds(const v1::ValidateRequestRequest& request) {
  Errors errors;
  const v1::Flavor& flavor = request.flavor();
  const v1::Image& image = request.image();
  CheckLength(
      flavor.name(), kTextLimit, [] { return "flavor.name"; }, errors);
  CheckMap(flavor.extra_specs(), kExtraSpecLimits, "flavor.extra_specs", errors);
  CheckLength(
      image.id(), kTextLimit, [] { return "image.id"; }, errors);
  CheckLength(
      image.name(), kTextLimit, [] { return "image.name"; }, errors);
  CheckLength(
      image.status(), kTextLimit, [] { return "image.status"; }, errors);
  CheckMap(image.properties(), kPropertyLimits, "image.properties", errors);
  CheckDevices(request, errors);
  if (!v1::Operation_IsValid(request.operation())) {
    errors.push_back({"operation", absl::StrCat("is ", request.operation(),
                                                ", which this version does not know; use a value "
                                                "of ccplace.v1.Operation")});
  }
  if (!v1::RequestDialect_IsValid(request.dialect())) {
    errors.push_back({"dialect", absl::StrCat("is ", request.dialect(),
                                              ", which this version does not know; use a value of "
                                              "ccplace.v1.RequestDialect")});
  }
  return errors.empty() ? absl::OkStatus() : InvalidFieldsError(errors);
}

}  // namespace ccplace
