// Small files of the host, which remedies and checks go by: os-release, the kernel's configuration
// as text and packed, the TDX module's version. An input is the four, with a NUL between them.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/host/distribution.h"
#include "lib/host/in_memory_host_files.h"
#include "lib/host/kernel_config.h"
#include "lib/host/tdx_module.h"
#include "tests/fuzz/expect.h"

using ccplace::fuzz::Expect;

namespace {

constexpr char kOption[] = "CONFIG_INTEL_TDX_HOST";

void CheckConfig(const ccplace::HostFiles& files, const char* release, absl::string_view path) {
  const auto config = ccplace::ReadKernelConfig(files, release);
  if (!config.ok()) return ccplace::fuzz::ExpectSaysWhy(config.status());
  Expect(config->path == path);
  // An option that is set stands there.
  if (ccplace::IsBuiltWith(*config, kOption)) {
    Expect(config->text.find(kOption) != std::string::npos);
  }
}

void CheckModule(const ccplace::HostFiles& files) {
  const auto text = ccplace::ReadTdxModule(files);
  if (!text.ok()) return ccplace::fuzz::ExpectSaysWhy(text.status());
  const auto version = ccplace::ParseTdxModuleVersion(*text);
  if (!version.has_value()) return;
  const auto again = ccplace::ParseTdxModuleVersion(ccplace::TdxModuleText(*version));
  Expect(again.has_value() && *again == *version && ccplace::IsSameLine(*again, *version));
  const auto floor = ccplace::ParseTdxModuleFloor({*text});
  Expect(floor.ok() && floor->size() == 1 && !(*version < floor->front()));
  ccplace::FindPublishedTdxModule(*version);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  // The packed one is the last: it may hold the byte between them.
  std::vector<absl::string_view> texts = absl::StrSplit(input, absl::MaxSplits('\0', 3));
  texts.resize(4);
  ccplace::InMemoryHostFiles files;
  files.WriteFile("/etc/os-release", texts[0]);
  files.WriteFile("/boot/config-6.18.0", texts[1]);
  files.WriteFile(ccplace::kTdxModulePath, texts[2]);
  files.WriteFile("/proc/config.gz", texts[3]);
  const ccplace::Distribution distribution = ccplace::ReadDistribution(files);
  Expect(distribution >= ccplace::Distribution::kOther &&
         distribution <= ccplace::Distribution::kSuse);
  CheckConfig(files, "6.18.0", "/boot/config-6.18.0");
  CheckConfig(files, "6.18.1", "/proc/config.gz");
  CheckModule(files);
  return 0;
}
