// Two files of nova's configuration and a folder: bounded, no secret of theirs in what is said.
// The input is the files' text, with a NUL between them.
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/host/in_memory_host_files.h"
#include "lib/host/nova_config.h"
#include "lib/host/oslo_file.h"
#include "tests/fuzz/expect.h"

namespace {

using ccplace::fuzz::Expect;

// Stands in an option that nobody asked for.
constexpr char kSecret[] = "[DEFAULT]\ntransport_url = rabbit://nova:hunter2secret@mq\n";

bool HasSecret(absl::string_view text) { return absl::StrContains(text, "hunter2secret"); }

void CheckUnderstood(const ccplace::NovaConfig& nova) {
  Expect(!HasSecret(nova.cpu_mode) && !HasSecret(nova.virt_type));
  Expect(nova.tdx_guests.value_or(0) <= INT64_MAX);
  for (const auto& [option, path] : nova.stated_in) Expect(absl::StartsWith(path, "/etc/nova"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  if (HasSecret(input)) return 0;
  const std::vector<std::string> texts = absl::StrSplit(input, absl::MaxSplits('\0', 2));
  ccplace::InMemoryHostFiles files;
  files.MakeDirectory("/etc/nova/conf.d");
  files.WriteFile("/etc/nova/nova.conf", absl::StrCat(kSecret, texts[0]));
  if (texts.size() > 1) files.WriteFile("/etc/nova/conf.d/1.conf", texts[1]);
  if (texts.size() > 2) files.WriteFile("/etc/nova/conf.d/2.conf", texts[2]);
  const auto nova = ccplace::ReadNovaConfig(files, {"/etc/nova/nova.conf", "/etc/nova/conf.d"});
  if (nova.ok()) {
    CheckUnderstood(*nova);
  } else {
    ccplace::fuzz::ExpectSaysWhy(nova.status());
    Expect(!HasSecret(nova.status().message()));
  }
  const auto values = ccplace::ParseOsloFile(input, {{"libvirt", "cpu_mode"}});
  if (values.ok()) Expect(values->size() <= 1);
  return 0;
}
