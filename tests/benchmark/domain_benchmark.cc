// A trust domain with four disks and four interfaces: to XML, through the checks, to its digest,
// and back from XML.
#include <benchmark/benchmark.h>
#include <google/protobuf/text_format.h>

#include <string>

#include "lib/domain/domain_xml.h"

namespace ccplace {
namespace {

constexpr char kRequest[] = R"(
  domain {
    uuid: "5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3d"
    name: "td-benchmark"
    vcpus: 8
    memory_mib: 16384
    owner: "project-7"
    serial_log_path: "/var/log/libvirt/qemu/td-benchmark.log"
    disks { file { path: "/var/lib/libvirt/images/root.qcow2" } format: DISK_FORMAT_QCOW2 }
    disks { block { path: "/dev/vg0/data" } serial: "data" }
    disks { rbd { pool: "volumes" image: "volume-1" hosts { name: "ceph-1" port: 6789 } } }
    disks { file { path: "/var/lib/libvirt/images/log.img" } bus: DISK_BUS_SCSI }
    interfaces { bridge { bridge: "br0" } mac: "52:54:00:00:00:01" mtu: 9000 queues: 4 }
    interfaces { ovs { bridge: "br-int" } mac: "52:54:00:00:00:02" }
    interfaces { vhost_user { socket_path: "/run/vhu1" } mac: "52:54:00:00:00:03" }
    interfaces { network { network: "default" } mac: "52:54:00:00:00:04" }
  }
  launch { mr_owner: "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB" }
  flavor { extra_specs { key: "hw:mem_encryption" value: "true" } }
  image { properties { key: "hw_firmware_type" value: "uefi" } })";

v1::DefineTdxDomainRequest Request() {
  v1::DefineTdxDomainRequest request;
  google::protobuf::TextFormat::ParseFromString(kRequest, &request);
  return request;
}

DomainPolicy Policy() {
  DomainPolicy policy;
  policy.machine_type = "q35";
  policy.request_digest = std::string(64, '0');
  policy.defined_at = "2026-11-23T01:02:03Z";
  policy.service_version = "0.1.0";
  return policy;
}

void BM_CheckDomainSpec(benchmark::State& state) {
  const v1::DefineTdxDomainRequest request = Request();
  for (auto _ : state) {
    if (!ValidateDomainSpec(request).ok()) state.SkipWithError("refused");
  }
}
BENCHMARK(BM_CheckDomainSpec);

void BM_BuildDomainXml(benchmark::State& state) {
  const v1::DefineTdxDomainRequest request = Request();
  const DomainPolicy policy = Policy();
  for (auto _ : state) {
    if (!BuildDomainXml(request, policy).ok()) state.SkipWithError("failed");
  }
}
BENCHMARK(BM_BuildDomainXml);

void BM_RequestDigest(benchmark::State& state) {
  const v1::DefineTdxDomainRequest request = Request();
  for (auto _ : state) {
    if (!RequestDigest(request).ok()) state.SkipWithError("failed");
  }
}
BENCHMARK(BM_RequestDigest);

void BM_ReadDomainXml(benchmark::State& state) {
  const std::string xml = BuildDomainXml(Request(), Policy()).value_or("");
  for (auto _ : state) {
    if (!ReadDomainXml(xml).ok()) state.SkipWithError("failed");
  }
}
BENCHMARK(BM_ReadDomainXml);

}  // namespace
}  // namespace ccplace
