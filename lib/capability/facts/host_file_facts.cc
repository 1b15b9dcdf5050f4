#include "lib/capability/facts/facts.h"
#include "lib/capability/facts/model_table.h"

namespace ccplace {

namespace {

// Why a parameter is absent is asked of the kernel's configuration, which is a large file.
void ReadKernelOptions(const HostFiles& files, HostFileFacts& facts) {
  for (const ModelInfo& model : ModelTable()) {
    const std::string option(model.kernel_option);
    if (!absl::IsNotFound((facts.kernel.*model.enabled).status())) continue;
    if (!facts.kernel.release.ok() || facts.kernel_options.count(option) > 0) continue;
    facts.kernel_options.emplace(option, ReadKernelOption(files, *facts.kernel.release, option));
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
