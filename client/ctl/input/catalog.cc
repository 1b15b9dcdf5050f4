#include "client/ctl/input/catalog.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "client/ctl/input/image_devices.h"
#include "client/ctl/input/input_file.h"
#include "client/ctl/input/openstack_json.h"
#include "client/ctl/input/unread_settings.h"
#include "lib/base/json_read.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/request/rules.h"

namespace ccplace::ctl {
namespace {

using nlohmann::json;
using Settings = google::protobuf::Map<std::string, std::string>;
using Devices = std::vector<v1::BlockDevice>;

// What differs between flavors and images, under names of its own.
template <typename Message>
struct Kind;

template <>
struct Kind<v1::Flavor> {
  static constexpr v1::OffenderOrigin kOrigin = v1::OFFENDER_ORIGIN_FLAVOR;
  static absl::Status Check(const json& object) { return CheckIsFlavor(object); }
  static absl::StatusOr<v1::Flavor> Parse(const json& object) { return ParseFlavor(object); }
  static Settings& SettingsOf(v1::Flavor& flavor) { return *flavor.mutable_extra_specs(); }
  static absl::StatusOr<Devices> DevicesOf(const v1::Flavor&) { return Devices(); }
  static std::string StatusOf(const v1::Flavor&) { return ""; }
  static void SetStatus(const std::string&, v1::Flavor&) {}
  static CatalogEntry EntryOf(const v1::Flavor& flavor) { return {"", flavor.name()}; }
};

template <>
struct Kind<v1::Image> {
  static constexpr v1::OffenderOrigin kOrigin = v1::OFFENDER_ORIGIN_IMAGE;
  static absl::Status Check(const json& object) { return CheckIsImage(object); }
  static absl::StatusOr<v1::Image> Parse(const json& object) { return ParseImage(object); }
  static Settings& SettingsOf(v1::Image& image) { return *image.mutable_properties(); }
  static absl::StatusOr<Devices> DevicesOf(const v1::Image& image) { return DevicesOfImage(image); }
  static std::string StatusOf(const v1::Image& image) { return image.status(); }
  static void SetStatus(const std::string& status, v1::Image& image) { image.set_status(status); }
  static CatalogEntry EntryOf(const v1::Image& image) { return {image.id(), image.name()}; }
};

template <typename Message>
std::map<std::string, std::string> SettingsThatCount(Message& message) {
  std::map<std::string, std::string> settings;
  for (const auto& [key, value] : Kind<Message>::SettingsOf(message)) {
    if (RulesRead(Kind<Message>::kOrigin, key, value)) settings[key] = value;
  }
  return settings;
}

// What `settings` alone make: no name, no size.
template <typename Message>
CatalogGroup<Message> MakeGroup(const std::map<std::string, std::string>& settings,
                                const std::string& status, const Devices& devices) {
  CatalogGroup<Message> group;
  group.devices = devices;
  group.settings = std::make_unique<Message>();
  Kind<Message>::SetStatus(status, *group.settings);
  Kind<Message>::SettingsOf(*group.settings).insert(settings.begin(), settings.end());
  return group;
}

// The limits that ccplaced itself holds requests to.
absl::Status CheckBounds(const v1::Flavor& flavor, const Devices&) {
  v1::ValidateRequestRequest request;
  *request.mutable_flavor() = flavor;
  return CheckRequestBounds(request);
}
absl::Status CheckBounds(const v1::Image& image, const Devices& devices) {
  v1::ValidateRequestRequest request;
  *request.mutable_image() = image;
  AddDevicesOfImage(devices, request);
  return CheckRequestBounds(request);
}

// The key of a group: status and devices have names that no setting has.
std::map<std::string, std::string> KeyOf(const std::map<std::string, std::string>& settings,
                                         const std::string& status, const Devices& devices) {
  std::map<std::string, std::string> key = settings;
  if (!status.empty()) key[std::string(1, '\0')] = status;
  v1::ValidateRequestRequest of_devices;
  AddDevicesOfImage(devices, of_devices);
  if (!devices.empty()) key[""] = of_devices.SerializeAsString();
  return key;
}

// Its name, of one that is otherwise malformed.
CatalogEntry NameOf(const json& object) {
  const auto text = [&object](const char* lower, const char* upper) {
    const std::string found = TextAt(object, lower);
    return found.empty() ? TextAt(object, upper) : found;
  };
  return {text("id", "ID"), text("name", "Name")};
}

}  // namespace

template <typename Message>
absl::Status CatalogSide<Message>::AddJudged(const json& object) {
  absl::StatusOr<Message> parsed = Kind<Message>::Parse(object);
  if (!parsed.ok()) return parsed.status();
  absl::StatusOr<Devices> devices = Kind<Message>::DevicesOf(*parsed);
  if (!devices.ok()) return devices.status();
  LeaveOutUnread(*parsed);
  const absl::Status bounded = CheckBounds(*parsed, *devices);
  if (!bounded.ok()) return bounded;
  const std::map<std::string, std::string> settings = SettingsThatCount(*parsed);
  const std::string status = Kind<Message>::StatusOf(*parsed);
  const auto [found, is_new] =
      group_by_settings_.insert({KeyOf(settings, status, *devices), groups_.size()});
  if (is_new) groups_.push_back(MakeGroup<Message>(settings, status, *devices));
  groups_[found->second].members.push_back(Kind<Message>::EntryOf(*parsed));
  ++size_;
  return absl::OkStatus();
}

template <typename Message>
absl::Status CatalogSide<Message>::Add(const json& object) {
  const absl::Status is_one = Kind<Message>::Check(object);
  if (!is_one.ok()) return is_one;
  const bool tells = HasProperties(object);
  const absl::Status added = tells ? AddJudged(object) : absl::OkStatus();
  if (!tells || !added.ok()) unjudged_.push_back({NameOf(object), std::string(added.message())});
  return absl::OkStatus();
}

template <typename Message>
absl::Status ReadCatalog(const std::vector<std::string>& paths, std::istream* in,
                         CatalogSide<Message>& side) {
  for (const std::string& path : paths) {
    const absl::StatusOr<std::vector<json>> objects = ReadJsonObjects(path, in);
    if (!objects.ok()) return objects.status();
    for (const json& object : *objects) {
      const absl::Status added = side.Add(object);
      if (!added.ok()) return WithContext(added, Quoted(path));
    }
  }
  return absl::OkStatus();
}

template class CatalogSide<v1::Flavor>;
template class CatalogSide<v1::Image>;
template absl::Status ReadCatalog(const std::vector<std::string>&, std::istream*,
                                  CatalogSide<v1::Flavor>&);
template absl::Status ReadCatalog(const std::vector<std::string>&, std::istream*,
                                  CatalogSide<v1::Image>&);

}  // namespace ccplace::ctl
