// A domain's XML as a list of named settings, so that two can be held beside each other.
// Thread-safe: pure functions.
#ifndef CCPLACE_LIB_DOMAIN_DOMAIN_SETTINGS_H_
#define CCPLACE_LIB_DOMAIN_DOMAIN_SETTINGS_H_

#include <libxml/tree.h>

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// Name -> value as text; what is not stated, and is the default, is left out. Names are those of
// the request's fields ("domain.memory_mib"), or the place in the XML where there is no field for
// it
// ("xml.on_crash").
using Settings = std::map<std::string, std::string>;

// What BuildDomainXml can write, read back out of its own XML or out of what libvirt made of it, in
// one form: units, ranges of CPUs, default ports and sockets are the same however they are written.
// What libvirt adds to every domain by itself (addresses, controllers, a console, the names of
// taps) is left out, and all else is an entry of its own ("xml.devices.hostdev"): nothing that
// changes the guest goes unseen.
struct DomainSettings {
  Settings domain;                             // All but disks and interfaces.
  std::map<std::string, Settings> disks;       // By target, as "vda".
  std::map<std::string, Settings> interfaces;  // By MAC address.
  // The place of each in the XML, from 0.
  std::map<std::string, int> disk_order;
  std::map<std::string, int> interface_order;
};

// INVALID_ARGUMENT: no domain.
absl::StatusOr<DomainSettings> ReadDomainSettings(absl::string_view xml);

// The part of it that devices make (domain_settings_devices.cc); `devices` may be null.
void ReadDeviceSettings(const xmlNode* devices, DomainSettings& settings);

// For both: sets what is not empty.
void Set(Settings& settings, const std::string& name, const std::string& value);

// For both: an entry for each element in `parent` whose name is not in `known` ("|a|b|"), or that
// is in a namespace; named after `path` and the element.
void SetOthers(const xmlNode* parent, const std::string& path, absl::string_view known,
               Settings& settings);

}  // namespace ccplace

#endif  // CCPLACE_LIB_DOMAIN_DOMAIN_SETTINGS_H_
