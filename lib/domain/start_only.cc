#include "lib/domain/start_only.h"

namespace ccplace {
namespace {

void ClearSecret(v1::Disk& disk) {
  if (disk.has_rbd()) disk.mutable_rbd()->clear_auth();
  if (disk.has_iscsi()) disk.mutable_iscsi()->clear_auth();
}

}  // namespace

v1::DefineTdxDomainRequest WithoutStartOnlyParts(v1::DefineTdxDomainRequest request) {
  v1::TdxDomainSpec& spec = *request.mutable_domain();
  spec.clear_interfaces();
  spec.clear_placement();
  spec.clear_memory_backing();
  for (v1::Disk& disk : *spec.mutable_disks()) ClearSecret(disk);
  return request;
}

}  // namespace ccplace
