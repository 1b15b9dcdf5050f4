// Whatever XML a domain has, reading it ends in a domain or in an error that says so.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "lib/domain/domain_xml.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto read = ccplace::ReadDomainXml({reinterpret_cast<const char*>(data), size});
  if (!read.ok() && read.status().message().empty()) std::abort();
  if (read.ok() && read->model == ccplace::v1::ENCRYPTION_MODEL_INTEL_TDX) {
    const auto& reference = read->reference;
    for (const auto* field :
         {&reference.mr_config_id(), &reference.mr_owner(), &reference.mr_owner_config()}) {
      if (!field->empty() && field->size() != 48) std::abort();
    }
  }
  return 0;
}
