// Two files of nova's configuration and a folder: bounded, no secret of theirs in what is said.
// The input is the files' text, with a NUL between them; or, behind a byte 0xff that no such text
// begins with, choices of lines to write.
#include <fuzzer/FuzzedDataProvider.h>

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

const char* const kBegins[] = {"[libvirt]\n", "[DEFAULT]\n", "[Libvirt]\n", "[default]\n",
                               "[]\n",        "[libvirt\n",  "# remark\n",  "; remark\n",
                               "\n",          "\r\n",        "no value\n"};
const char* const kOptions[] = {"cpu_mode",
                                "cpu_models",
                                "cpu_model",
                                "virt_type",
                                "hw_machine_type",
                                "num_intel_tdx_guests",
                                "num_memory_encrypted_guests",
                                "host",
                                "compute_driver",
                                "my_ip",
                                "CPU_MODE",
                                ""};
const char* const kValues[] = {"host-passthrough",
                               "custom",
                               "none",
                               "kvm",
                               "qemu",
                               "x86_64=q35,aarch64=virt",
                               "x86_64=pc",
                               "q35",
                               "libvirt.LibvirtDriver",
                               "node-1",
                               "63",
                               "0",
                               "-1",
                               "1.5",
                               "99999999999999999999",
                               "$my_ip",
                               "${cpu_mode}",
                               "$$",
                               "'quoted'",
                               "\"half",
                               "a,b,\"c,d\"",
                               "\xC2\xA0wide",
                               ""};

// Lines of sections, options that are read and others, and values that run over.
std::string Structured(FuzzedDataProvider& data) {
  std::string text;
  while (data.remaining_bytes() > 0) {
    switch (data.ConsumeIntegralInRange<int>(0, 5)) {
      case 0:
        text += data.PickValueInArray(kBegins);
        break;
      case 1:
        absl::StrAppend(&text, data.PickValueInArray({"  ", "\t"}), data.PickValueInArray(kValues),
                        "\n");
        break;
      case 2:
        // The next file, with a section at hand more often than not.
        text.push_back('\0');
        if (data.ConsumeBool()) text += "[libvirt]\n";
        break;
      default:
        absl::StrAppend(&text, data.PickValueInArray(kOptions),
                        data.PickValueInArray({" = ", "=", ": ", " :", " "}),
                        data.PickValueInArray(kValues),
                        data.PickValueInArray({"\n", "\n", "\r\n", " # no remark\n"}));
    }
  }
  return text;
}

bool HasSecret(absl::string_view text) { return absl::StrContains(text, "hunter2secret"); }

void CheckUnderstood(const ccplace::NovaConfig& nova) {
  Expect(!HasSecret(nova.cpu_mode) && !HasSecret(nova.virt_type));
  Expect(nova.tdx_guests.value_or(0) <= INT64_MAX);
  for (const auto& [option, path] : nova.stated_in) Expect(absl::StartsWith(path, "/etc/nova"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  if (absl::StartsWith(input, "\xff")) {
    FuzzedDataProvider choices(data + 1, size - 1);
    input = Structured(choices);
  }
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
