// Flavors, images and block devices as OpenStack's clients print them.
//
// What they print differs from release to release: properties come as an object, or as a string
// "k='v', k2='v2'"; `swap` is a number or ""; lists name their columns ("Properties", "VCPUs")
// where `show` names the attributes; some image properties are beside the standard attributes
// instead of under "properties", and openstacksdk has names of its own for some
// ("needs_secure_boot"). A volume (`openstack volume show`) counts as the image that Cinder made
// it from. All of these are read. Thread-safe: pure functions.
#ifndef CCPLACE_CLIENT_CTL_INPUT_OPENSTACK_JSON_H_
#define CCPLACE_CLIENT_CTL_INPUT_OPENSTACK_JSON_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ccplace/v1/request.pb.h"
#include "nlohmann/json_fwd.hpp"

namespace ccplace::ctl {

// A flavor: an object of `openstack flavor show -f json` or of `openstack flavor list --long -f
// json`. INVALID_ARGUMENT names the field, what was found and what is allowed. A flavor without
// any "properties" is one too: see HasProperties.
absl::StatusOr<v1::Flavor> ParseFlavor(const nlohmann::json& object);

// INVALID_ARGUMENT when `object` is none at all: no object, or an image where a flavor is wanted
// and the other way round. The file is then another than was meant.
absl::Status CheckIsFlavor(const nlohmann::json& object);
absl::Status CheckIsImage(const nlohmann::json& object);

// An image: an object of `openstack image show -f json`. Errors as ParseFlavor.
absl::StatusOr<v1::Image> ParseImage(const nlohmann::json& object);

// An entry of a block device mapping: an object with nova's names (boot_index, disk_bus,
// device_type; device_name, uuid or name for messages). Errors as ParseFlavor.
absl::StatusOr<v1::BlockDevice> ParseBlockDevice(const nlohmann::json& object);

// The same as `openstack server create --block-device` takes it: "uuid=...,boot_index=0,
// disk_bus=scsi".
absl::StatusOr<v1::BlockDevice> ParseBlockDeviceOption(absl::string_view text);

// Whether `object` says what its properties are, be it none. `openstack image list --long` and
// `openstack flavor list` without --long do not.
bool HasProperties(const nlohmann::json& object);

// Reads "k='v', k2='v2', k3=" (a null has no quotes). Values are not escaped by the clients: a
// value ends at the quote that is followed by the end or by ", <key>=". INVALID_ARGUMENT with the
// place where it goes wrong.
absl::StatusOr<std::map<std::string, std::string>> ParsePropertyString(absl::string_view text);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_INPUT_OPENSTACK_JSON_H_
