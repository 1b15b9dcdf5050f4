#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/domain/device_validation.h"
#include "lib/domain/domain_xml.h"
#include "lib/domain/field_validation.h"
#include "lib/domain/spec_defaults.h"

namespace ccplace {
namespace {

constexpr uint64_t kMaxVcpus = 1024;
constexpr uint64_t kMinMemoryMib = 64;
constexpr uint64_t kMaxMemoryMib = 16777216;
constexpr uint64_t kKibPerMib = 1024;
// Context ids 0 to 2 are the hypervisor's, the local one's and the host's; 4294967295 means any
// (Linux, include/uapi/linux/vm_sockets.h).
constexpr uint32_t kMinCid = 3;
constexpr uint32_t kMaxCid = 4294967294;
// MRCONFIGID, MROWNER and MROWNERCONFIG: SHA-384 sized (Intel TDX module specification, TD_PARAMS).
constexpr size_t kLaunchBytes = 48;

void ValidateTopology(const MessageValidator& check, const v1::TdxDomainSpec& spec) {
  if (!spec.has_cpu_topology()) return;
  const v1::CpuTopology& topology = spec.cpu_topology();
  check.Range("sockets", topology.sockets(), 1, kMaxVcpus);
  check.RangeOrZero("dies", topology.dies(), 1, kMaxVcpus);
  check.Range("cores", topology.cores(), 1, kMaxVcpus);
  check.Range("threads", topology.threads(), 1, 2);
}

bool IsWithinBounds(const v1::CpuTopology& topology) {
  return topology.sockets() <= kMaxVcpus && topology.dies() <= kMaxVcpus &&
         topology.cores() <= kMaxVcpus && topology.threads() <= 2;
}

void ValidateTopologyProduct(const MessageValidator& domain, const v1::TdxDomainSpec& spec) {
  const v1::CpuTopology topology = CpuTopologyOf(spec);
  if (!IsWithinBounds(topology)) return;
  const uint64_t product =
      uint64_t{topology.sockets()} * topology.dies() * topology.cores() * topology.threads();
  if (product == spec.vcpus()) return;
  domain.Fault("cpu_topology", absl::StrCat("makes ", product, " virtual CPUs of ", spec.vcpus(),
                                            "; give numbers whose product is vcpus"));
}

void ValidatePlacement(const MessageValidator& check, const v1::Placement& placement) {
  check.Text("cpuset", placement.cpuset(), Optional(kCpuListText));
  check.Text("numa_nodeset", placement.numa_nodeset(), Optional(kCpuListText));
  check.Text("emulator_cpuset", placement.emulator_cpuset(), Optional(kCpuListText));
}

void ValidateMemory(const MessageValidator& domain, const v1::TdxDomainSpec& spec) {
  domain.Range("memory_mib", spec.memory_mib(), kMinMemoryMib, kMaxMemoryMib);
  const uint64_t page_kib = spec.memory_backing().hugepage_size_kib();
  if (page_kib == 0) return;
  if (page_kib != 2048 && page_kib != 1048576) {
    domain.In("memory_backing")
        .Fault("hugepage_size_kib", absl::StrCat("is ", page_kib, "; give 2048, 1048576 or 0"));
  } else if (spec.memory_mib() % (page_kib / kKibPerMib) != 0) {
    domain.Fault("memory_mib", absl::StrCat("is ", spec.memory_mib(), "; give a multiple of the ",
                                            page_kib / kKibPerMib, " MiB of a huge page"));
  }
}

void ValidateSpec(const MessageValidator& domain, const v1::TdxDomainSpec& spec) {
  domain.Text("uuid", spec.uuid(), kUuidText);
  domain.Text("name", spec.name(), kDomainNameText);
  domain.Range("vcpus", spec.vcpus(), 1, kMaxVcpus);
  ValidateMemory(domain, spec);
  ValidateTopology(domain.In("cpu_topology"), spec);
  ValidateTopologyProduct(domain, spec);
  ValidatePlacement(domain.In("placement"), spec.placement());
  UniqueValues boot_orders;
  ValidateDisks(domain, spec, boot_orders);
  ValidateInterfaces(domain, spec, boot_orders);
  domain.Text("serial_log_path", spec.serial_log_path(), Optional(kFilePathText));
  domain.In("vsock").RangeOrZero("cid", spec.vsock().cid(), kMinCid, kMaxCid);
  domain.Text("machine_type", spec.machine_type(), Optional(kMachineTypeText));
  domain.Text("owner", spec.owner(), Optional(kPrintableText));
}

void ValidateLaunchBytes(const MessageValidator& launch, absl::string_view field,
                         absl::string_view bytes) {
  if (bytes.empty() || bytes.size() == kLaunchBytes) return;
  launch.Fault(field, absl::StrCat("has ", bytes.size(), " bytes; give ", kLaunchBytes,
                                   ", or none for zeroes"));
}

void ValidateLaunch(const MessageValidator& launch, const v1::LaunchData& data) {
  ValidateLaunchBytes(launch, "mr_config_id", data.mr_config_id());
  ValidateLaunchBytes(launch, "mr_owner", data.mr_owner());
  ValidateLaunchBytes(launch, "mr_owner_config", data.mr_owner_config());
  launch.Text("quote_service_path", data.quote_service_path(), Optional(kSocketPathText));
}

}  // namespace

void ValidateBootOrder(const MessageValidator& device, uint32_t boot_order, UniqueValues& taken) {
  if (boot_order == 0) return;
  device.Range("boot_order", boot_order, 1, kMaxDisks + kMaxInterfaces);
  taken.Check(device, "boot_order", absl::StrCat(boot_order));
}

absl::Status ValidateDomainSpec(const v1::DefineTdxDomainRequest& request) {
  std::vector<FieldError> errors;
  if (request.has_domain()) {
    ValidateSpec(MessageValidator("domain", errors), request.domain());
  } else {
    errors.push_back({"domain", "is missing; give the domain to define"});
  }
  ValidateLaunch(MessageValidator("launch", errors), request.launch());
  return errors.empty() ? absl::OkStatus() : InvalidFieldsError(errors);
}

}  // namespace ccplace
