#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/base/digest.h"
#include "lib/domain/deterministic_bytes.h"
#include "lib/domain/domain_xml.h"
#include "lib/domain/spec_defaults.h"

namespace ccplace {
namespace {

// Stands before what is hashed; changes when the form below does.
constexpr char kForm[] = "ccplace.v1.DefineTdxDomainRequest/1";

void SpellOutDisk(uint32_t boot_order, v1::Disk& disk) {
  disk.set_boot_order(boot_order);
  if (disk.format() == v1::DISK_FORMAT_UNSPECIFIED) disk.set_format(v1::DISK_FORMAT_RAW);
  if (disk.bus() == v1::DISK_BUS_UNSPECIFIED) disk.set_bus(v1::DISK_BUS_VIRTIO);
  if (disk.cache() == v1::DISK_CACHE_UNSPECIFIED) disk.set_cache(v1::DISK_CACHE_NONE);
}

void SpellOutInterface(v1::NetworkInterface& interface) {
  interface.set_mac(absl::AsciiStrToLower(interface.mac()));
  if (interface.queues() == 0) interface.set_queues(1);
}

void SpellOutSpec(const v1::TdxDomainSpec& asked, v1::TdxDomainSpec& spec) {
  *spec.mutable_cpu_topology() = CpuTopologyOf(asked);
  spec.mutable_placement();
  spec.mutable_memory_backing()->set_shared(NeedsSharedMemory(asked));
  for (int i = 0; i < spec.disks_size(); ++i) {
    SpellOutDisk(BootOrderOfDisk(asked, i), *spec.mutable_disks(i));
  }
  for (v1::NetworkInterface& interface : *spec.mutable_interfaces()) SpellOutInterface(interface);
}

v1::DefineTdxDomainRequest SpellOut(const v1::DefineTdxDomainRequest& asked) {
  v1::DefineTdxDomainRequest request = asked;
  SpellOutSpec(asked.domain(), *request.mutable_domain());
  request.mutable_launch();
  request.mutable_flavor()->clear_name();
  request.mutable_image()->clear_name();
  request.clear_start();
  request.clear_dry_run();
  request.clear_require_attestation();
  return request;
}

}  // namespace

absl::StatusOr<std::string> RequestDigest(const v1::DefineTdxDomainRequest& request) {
  // Never empty but on failure: what was left out is spelled out.
  const std::string content = DeterministicBytes(SpellOut(request));
  if (content.empty()) return absl::InternalError("protobuf did not serialize the request");
  const auto digest = DigestOf(DigestAlgorithm::kSha256, absl::StrCat(kForm, content));
  if (!digest.ok()) return digest.status();
  return absl::BytesToHexString(*digest);
}

}  // namespace ccplace
