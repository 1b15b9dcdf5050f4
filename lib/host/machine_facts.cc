#include "lib/host/machine_facts.h"

#include "absl/strings/str_cat.h"
#include "lib/host/host_files.h"

namespace ccplace {
namespace {

constexpr absl::string_view kPower = "/sys/power";

// The folder is there on every host; a kernel without hibernation leaves out the file.
absl::StatusOr<std::string> ReadHibernation(const HostFiles& files) {
  absl::StatusOr<std::string> word = ReadWord(files, absl::StrCat(kPower, "/disk"));
  if (!absl::IsNotFound(word.status()) || files.Kind(kPower).ok()) return word;
  return absl::UnavailableError(absl::StrCat("'", kPower, "' cannot be looked into"));
}

}  // namespace

MachineFacts ReadMachineFacts(const HostFiles& files) {
  MachineFacts facts;
  facts.microcode = ReadWord(files, "/sys/devices/system/cpu/cpu0/microcode/version");
  facts.bios_version = ReadWord(files, "/sys/class/dmi/id/bios_version");
  facts.bios_date = ReadWord(files, "/sys/class/dmi/id/bios_date");
  facts.hibernation = ReadHibernation(files);
  return facts;
}

}  // namespace ccplace
