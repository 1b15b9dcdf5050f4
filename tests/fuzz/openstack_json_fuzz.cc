// Whatever JSON is said to hold flavors, images and block devices: it is refused, or no setting of
// it is lost on the way to the request that is judged.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "client/ctl/input/input_file.h"
#include "client/ctl/input/openstack_json.h"
#include "lib/request/rules.h"
#include "tests/fuzz/expect.h"

namespace {

using ccplace::fuzz::Expect;
using ccplace::fuzz::ExpectSaysWhy;
using nlohmann::json;

template <typename Message>
bool WasRead(const absl::StatusOr<Message>& message) {
  if (!message.ok()) ExpectSaysWhy(message.status());
  return message.ok();
}

// What goes over the wire comes out of it.
template <typename Message>
void CheckTravels(const Message& message) {
  Message arrived;
  Expect(arrived.ParseFromString(message.SerializeAsString()));
}

// Every text among an object's properties, by whatever name the client calls them.
template <typename Map>
void CheckHolds(const json& object, const Map& settings) {
  for (const char* name : {"properties", "Properties", "extra_specs"}) {
    if (!object.contains(name) || !object[name].is_object()) continue;
    for (const auto& [key, value] : object[name].items()) {
      Expect(value.is_null() || settings.find(key) != settings.end());
      if (value.is_string() && name == std::string("properties")) {
        Expect(settings.at(key) == value.template get<std::string>());
      }
    }
  }
}

void CheckObject(const json& object) {
  const auto flavor = ccplace::ctl::ParseFlavor(object);
  if (WasRead(flavor)) {
    CheckTravels(*flavor);
    CheckHolds(object, flavor->extra_specs());
  }
  const auto image = ccplace::ctl::ParseImage(object);
  if (WasRead(image)) {
    CheckTravels(*image);
    // A volume's properties are its own, not its image's.
    const bool volume = object.contains("volume_image_metadata") || object.contains("bootable");
    if (!volume) CheckHolds(object, image->properties());
  }
  const auto device = ccplace::ctl::ParseBlockDevice(object);
  if (!WasRead(device)) return;
  CheckTravels(*device);
  const bool says_bus = object.contains("disk_bus") && object["disk_bus"].is_string();
  Expect(!says_bus || object["disk_bus"] == device->disk_bus());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto objects = ccplace::ctl::ParseJsonObjects(text, "catalog.json");
  if (!WasRead(objects)) return 0;
  for (const json& object : *objects) CheckObject(object);
  // A catalog behind another, as a loop of `openstack image show` prints them.
  const auto twice = ccplace::ctl::ParseJsonObjects(text + "\n" + text, "catalog.json");
  Expect(twice.ok() && twice->size() == 2 * objects->size());
  return 0;
}
