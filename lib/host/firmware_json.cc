// One firmware descriptor, from JSON (QEMU, docs/interop/firmware.json).
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/host/firmware.h"

namespace ccplace {
namespace {

using Json = nlohmann::json;

// Reads fields and keeps the first thing that is wrong. Not thread-safe.
class Reader {
 public:
  explicit Reader(absl::string_view path) : path_(path) {}

  // The member `name` of `object` when it is there and of the right form; else a null value.
  const Json& Member(const Json& object, const char* name, Json::value_t form) {
    static const Json kNull;
    const auto it = object.is_object() ? object.find(name) : object.end();
    if (it != object.end() && it->type() == form) return *it;
    Fail(absl::StrCat(name, it == object.end() ? " is missing" : " has the wrong form"));
    return kNull;
  }

  std::string Text(const Json& object, const char* name) {
    const Json& value = Member(object, name, Json::value_t::string);
    return value.is_string() ? value.get_ref<const std::string&>() : std::string();
  }

  std::vector<std::string> Texts(const Json& object, const char* name) {
    std::vector<std::string> texts;
    for (const Json& item : Member(object, name, Json::value_t::array)) {
      if (!item.is_string()) {
        Fail(absl::StrCat(name, " holds something else than strings"));
        return {};
      }
      texts.push_back(item.get_ref<const std::string&>());
    }
    return texts;
  }

  void Fail(absl::string_view what) {
    if (!status_.ok()) return;
    status_ = absl::InvalidArgumentError(
        absl::StrCat(Quoted(path_), " is no firmware descriptor: ", what));
  }

  const absl::Status& status() const { return status_; }

 private:
  const absl::string_view path_;
  absl::Status status_;
};

void ReadMapping(const Json& root, Reader& reader, FirmwareDescriptor& descriptor) {
  const Json& mapping = reader.Member(root, "mapping", Json::value_t::object);
  if (!reader.status().ok()) return;
  descriptor.device = reader.Text(mapping, "device");
  if (!reader.status().ok()) return;
  const bool is_flash = descriptor.device == "flash";
  const Json& file =
      is_flash ? reader.Member(mapping, "executable", Json::value_t::object) : mapping;
  descriptor.filename = reader.Text(file, "filename");
}

void ReadTargets(const Json& root, Reader& reader, FirmwareDescriptor& descriptor) {
  for (const Json& item : reader.Member(root, "targets", Json::value_t::array)) {
    FirmwareTarget target;
    target.architecture = reader.Text(item, "architecture");
    target.machines = reader.Texts(item, "machines");
    descriptor.targets.push_back(std::move(target));
  }
}

}  // namespace

absl::StatusOr<FirmwareDescriptor> ParseFirmwareDescriptor(absl::string_view path,
                                                           absl::string_view json) {
  Reader reader(path);
  const Json root = Json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded()) reader.Fail("it is not JSON");
  FirmwareDescriptor descriptor;
  descriptor.path = std::string(path);
  if (reader.status().ok()) ReadMapping(root, reader, descriptor);
  if (reader.status().ok()) descriptor.interface_types = reader.Texts(root, "interface-types");
  if (reader.status().ok()) ReadTargets(root, reader, descriptor);
  if (reader.status().ok()) descriptor.features = reader.Texts(root, "features");
  if (!reader.status().ok()) return reader.status();
  return descriptor;
}

}  // namespace ccplace
