// One firmware descriptor, from JSON (QEMU, docs/interop/firmware.json).
#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
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

// What libvirt 12.8 knows; a descriptor with any other word is malformed to it as a whole
// (src/qemu/qemu_firmware.c). Features alone may be unknown.
constexpr absl::string_view kInterfaces[] = {"bios", "openfirmware", "uboot", "uefi"};
constexpr absl::string_view kDevices[] = {"flash", "kernel", "memory"};
constexpr absl::string_view kModes[] = {"split", "combined", "stateless"};
constexpr absl::string_view kArchitectures[] = {
    "aarch64", "alpha",  "arm",          "armv6l",   "armv7b",      "armv7l",   "cris",
    "i386",    "i686",   "ia64",         "lm32",     "loongarch64", "m68k",     "mips",
    "mips64",  "mipsel", "mips64el",     "or32",     "microblaze",  "openrisc", "parisc",
    "ppc",     "ppc64",  "microblazeel", "parisc64", "ppc64le",     "ppcemb",   "riscv32",
    "riscv64", "s390",   "s390x",        "sh4",      "sh4eb",       "sparc",    "sparc64",
    "x86_64",  "xtensa", "xtensaeb",     "unicore32"};

template <size_t size>
void CheckWord(const absl::string_view (&known)[size], absl::string_view word,
               absl::string_view field, Reader& reader) {
  if (std::find(std::begin(known), std::end(known), word) != std::end(known)) return;
  reader.Fail(absl::StrCat(field, " ", Quoted(word), " is not known to libvirt"));
}

// Flash alone has a mode, split where none is stated.
std::string ModeOf(const Json& mapping, Reader& reader) {
  if (mapping.find("mode") == mapping.end()) return "split";
  std::string mode = reader.Text(mapping, "mode");
  CheckWord(kModes, mode, "mapping.mode", reader);
  return mode;
}

void ReadMapping(const Json& root, Reader& reader, FirmwareDescriptor& descriptor) {
  const Json& mapping = reader.Member(root, "mapping", Json::value_t::object);
  if (!reader.status().ok()) return;
  descriptor.device = reader.Text(mapping, "device");
  CheckWord(kDevices, descriptor.device, "mapping.device", reader);
  const bool is_flash = descriptor.device == "flash";
  if (is_flash) descriptor.mode = ModeOf(mapping, reader);
  descriptor.has_variable_store = !is_flash && mapping.find("uefi-vars") != mapping.end();
  if (!reader.status().ok()) return;
  const Json& file =
      is_flash ? reader.Member(mapping, "executable", Json::value_t::object) : mapping;
  descriptor.filename = reader.Text(file, "filename");
}

void ReadTargets(const Json& root, Reader& reader, FirmwareDescriptor& descriptor) {
  for (const Json& item : reader.Member(root, "targets", Json::value_t::array)) {
    FirmwareTarget target;
    target.architecture = reader.Text(item, "architecture");
    CheckWord(kArchitectures, target.architecture, "architecture", reader);
    target.machines = reader.Texts(item, "machines");
    descriptor.targets.push_back(std::move(target));
  }
}

}  // namespace

absl::StatusOr<FirmwareDescriptor> ParseFirmwareDescriptor(absl::string_view path,
                                                           absl::string_view json) {
  Reader reader(path);
  // The parser here would pass over a byte order mark; libvirt's does not.
  if (absl::StartsWith(json, "\xef\xbb\xbf")) reader.Fail("it is not JSON");
  const Json root = Json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded()) reader.Fail("it is not JSON");
  FirmwareDescriptor descriptor;
  descriptor.path = std::string(path);
  if (reader.status().ok()) ReadMapping(root, reader, descriptor);
  if (reader.status().ok()) descriptor.interface_types = reader.Texts(root, "interface-types");
  for (const std::string& one : descriptor.interface_types) {
    CheckWord(kInterfaces, one, "interface type", reader);
  }
  if (reader.status().ok()) ReadTargets(root, reader, descriptor);
  if (reader.status().ok()) descriptor.features = reader.Texts(root, "features");
  if (!reader.status().ok()) return reader.status();
  return descriptor;
}

}  // namespace ccplace
