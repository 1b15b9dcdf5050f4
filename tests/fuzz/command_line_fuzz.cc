// Whatever libvirt prints as QEMU's command line: an error that says so, or a path that stands in
// it; and a path that is quoted for a shell is read as it was.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "lib/hypervisor/command_line.h"
#include "tests/fuzz/expect.h"

using ccplace::fuzz::Expect;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto firmware = ccplace::FirmwareOfCommandLine(text);
  if (!firmware.ok()) {
    ccplace::fuzz::ExpectSaysWhy(firmware.status());
  } else {
    Expect(firmware->size() <= size);
  }
  // As libvirt's virBufferEscapeShell writes it.
  const std::string quoted = absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
  const auto same = ccplace::FirmwareOfCommandLine(absl::StrCat("qemu -bios ", quoted, " -S"));
  Expect(same.ok() && *same == text);
  return 0;
}
