#include "lib/capability/facts.h"

namespace ccplace {

HostFileFacts ReadHostFileFacts(const HostFiles& files, const FactOptions& options) {
  HostFileFacts facts;
  RereadKernel(files, options, facts);
  facts.firmware = ReadFirmwareCatalog(files);
  facts.quote_service = files.ConnectUnixSocket(options.quote_service_path);
  if (!options.nova_config.empty()) facts.nova = ReadNovaConfig(files, options.nova_config);
  return facts;
}

void RereadKernel(const HostFiles& files, const FactOptions& options, HostFileFacts& facts) {
  facts.kernel = ReadKernelFacts(files, options.running_machine);
  facts.keys = ReadMiscCgroup(files);
}

}  // namespace ccplace
