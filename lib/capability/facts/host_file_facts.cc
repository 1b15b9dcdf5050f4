#include "lib/capability/facts/facts.h"
#include "lib/capability/facts/model_table.h"

namespace ccplace {

namespace {

std::set<std::string> OptionsOfAbsentParameters(const KernelFacts& kernel) {
  std::set<std::string> options;
  for (const ModelInfo& model : ModelTable()) {
    const bool absent = absl::IsNotFound((kernel.*model.enabled).status());
    if (absent) options.emplace(model.kernel_option);
  }
  return options;
}

// Why a parameter is absent is asked of the kernel's configuration, which is a large file.
void ReadKernelOptions(const HostFiles& files, HostFileFacts& facts) {
  const std::set<std::string> options = OptionsOfAbsentParameters(facts.kernel);
  if (options.empty() || !facts.kernel.release.ok()) return;
  const absl::StatusOr<KernelConfig> config = ReadKernelConfig(files, *facts.kernel.release);
  if (!config.ok()) return;
  facts.kernel_config_path = config->path;
  for (const std::string& option : options) {
    if (!IsBuiltWith(*config, option)) facts.missing_kernel_options.insert(option);
  }
}

}  // namespace

HostFileFacts ReadHostFileFacts(const HostFiles& files, const FactOptions& options) {
  HostFileFacts facts;
  RereadKernel(files, options, facts);
  ReadKernelOptions(files, facts);
  facts.machine = ReadMachineFacts(files);
  facts.distribution = ReadDistribution(files);
  facts.firmware = ReadFirmwareCatalog(files);
  facts.quote_socket = ReadSocketAccess(files, options.quote_service_path);
  facts.quote_service = files.ConnectUnixSocket(options.quote_service_path);
  if (!options.nova_config.empty()) facts.nova = ReadNovaConfig(files, options.nova_config);
  return facts;
}

void RereadKernel(const HostFiles& files, const FactOptions& options, HostFileFacts& facts) {
  facts.kernel = ReadKernelFacts(files, options.running_machine);
  facts.keys = ReadMiscCgroup(files);
}

}  // namespace ccplace
