#include "client/ctl/input/unread_settings.h"

#include <cstddef>
#include <string>

#include "lib/request/rules.h"

namespace ccplace::ctl {
namespace {

using SettingMap = google::protobuf::Map<std::string, std::string>;

void LeaveOut(v1::OffenderOrigin origin, const SettingLimits& limits, SettingMap& settings) {
  const bool too_many = settings.size() > limits.count;
  for (auto entry = settings.begin(); entry != settings.end();) {
    const bool too_long =
        entry->first.size() > limits.key_bytes || entry->second.size() > limits.value_bytes;
    if ((too_many || too_long) && !RulesRead(origin, entry->first)) {
      entry = settings.erase(entry);
    } else {
      ++entry;
    }
  }
}

}  // namespace

void LeaveOutUnread(v1::Flavor& flavor) {
  LeaveOut(v1::OFFENDER_ORIGIN_FLAVOR, kExtraSpecLimits, *flavor.mutable_extra_specs());
}

void LeaveOutUnread(v1::Image& image) {
  LeaveOut(v1::OFFENDER_ORIGIN_IMAGE, kPropertyLimits, *image.mutable_properties());
}

}  // namespace ccplace::ctl
