#include "lib/host/firmware.h"

#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

constexpr size_t kDescriptorLimitBytes = size_t{64} * 1024;
constexpr size_t kDescriptorLimit = 256;
// From general to specific: a later folder's file masks an earlier one's of the same name.
constexpr absl::string_view kDescriptorFolders[] = {"/usr/share/qemu/firmware",
                                                    "/etc/qemu/firmware"};

// When what is at `path` changed last; that it is not there is a state too.
void NoteState(const HostFiles& files, absl::string_view path, FirmwareCatalog& catalog) {
  const absl::StatusOr<FileAccess> access = files.Access(path);
  catalog.state = absl::HashOf(catalog.state, path, access.ok() ? access->changed_ns : 0);
}

// What libvirt takes for a descriptor: any name that does not begin with a dot and leads to a
// regular file. Everything else is passed over and masks nothing, a link to /dev/null included
// (libvirt, src/qemu/qemu_interop_config.c); a link that leads nowhere is an error there, and here.
void AddName(const HostFiles& files, absl::string_view folder, const std::string& name,
             std::map<std::string, std::string>& paths, FirmwareCatalog& catalog) {
  if (name[0] == '.') return;
  const std::string path = absl::StrCat(folder, "/", name);
  const absl::StatusOr<FileKind> kind = files.Kind(path);
  if (!kind.ok()) catalog.problems.push_back(kind.status());
  if (kind.ok() && *kind == FileKind::kRegular) paths[name] = path;
}

// Descriptors in force: by file name, the most specific path of each.
std::map<std::string, std::string> ListDescriptors(const HostFiles& files,
                                                   FirmwareCatalog& catalog) {
  std::map<std::string, std::string> paths;
  for (const absl::string_view folder : kDescriptorFolders) {
    NoteState(files, folder, catalog);
    const absl::StatusOr<std::vector<std::string>> names = files.ListDirectory(folder);
    if (absl::IsNotFound(names.status())) continue;
    if (!names.ok()) {
      catalog.problems.push_back(names.status());
      continue;
    }
    for (const std::string& name : *names) AddName(files, folder, name, paths, catalog);
  }
  return paths;
}

// A container that was not given the host's files sees none of them.
void CheckInSight(const HostFiles& files, FirmwareCatalog& catalog) {
  constexpr absl::string_view kShare = "/usr/share";
  if (!absl::IsNotFound(files.Kind(kShare).status())) return;
  catalog.problems.push_back(absl::FailedPreconditionError(
      absl::StrCat(Quoted(kShare), " is not there: the host's file system is not in sight")));
}

absl::Status CheckFirmwareFile(const HostFiles& files, const std::string& path) {
  const absl::StatusOr<FileKind> kind = files.Kind(path);
  if (!kind.ok()) return kind.status();
  if (*kind == FileKind::kRegular) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(Quoted(path), " is no regular file"));
}

void AddDescriptor(const HostFiles& files, const std::string& path, FirmwareCatalog& catalog) {
  NoteState(files, path, catalog);
  const absl::StatusOr<std::string> json = files.ReadFile(path, kDescriptorLimitBytes);
  if (!json.ok()) {
    catalog.problems.push_back(json.status());
    return;
  }
  if (json->empty()) return;  // Masks, and offers nothing.
  absl::StatusOr<FirmwareDescriptor> descriptor = ParseFirmwareDescriptor(path, *json);
  if (!descriptor.ok()) {
    catalog.problems.push_back(descriptor.status());
    return;
  }
  descriptor->file = CheckFirmwareFile(files, descriptor->filename);
  if (descriptor->file.ok()) descriptor->steps = ReadAccessSteps(files, descriptor->filename);
  catalog.descriptors.push_back(*std::move(descriptor));
}

}  // namespace

FirmwareCatalog ReadFirmwareCatalog(const HostFiles& files) {
  FirmwareCatalog catalog;
  CheckInSight(files, catalog);
  size_t count = 0;
  for (const auto& [name, path] : ListDescriptors(files, catalog)) {
    if (++count > kDescriptorLimit) {
      catalog.problems.push_back(absl::OutOfRangeError(
          absl::StrCat("more than ", kDescriptorLimit, " firmware descriptors")));
      break;
    }
    AddDescriptor(files, path, catalog);
  }
  return catalog;
}

bool IsForMachine(const FirmwareDescriptor& descriptor, absl::string_view architecture,
                  const std::string& machine) {
  // libvirt matches with GLib's patterns, which know * and ? alone.
  const auto matches = [&machine](const std::string& pattern) {
    const std::string escaped = absl::StrReplaceAll(pattern, {{"\\", "\\\\"}, {"[", "\\["}});
    return fnmatch(escaped.c_str(), machine.c_str(), 0) == 0;
  };
  return std::any_of(descriptor.targets.begin(), descriptor.targets.end(),
                     [&](const FirmwareTarget& target) {
                       return target.architecture == architecture &&
                              std::any_of(target.machines.begin(), target.machines.end(), matches);
                     });
}

bool HasFeature(const FirmwareDescriptor& descriptor, absl::string_view feature) {
  return std::find(descriptor.features.begin(), descriptor.features.end(), feature) !=
         descriptor.features.end();
}

}  // namespace ccplace
