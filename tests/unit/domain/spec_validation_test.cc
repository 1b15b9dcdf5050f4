#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/status.h"
#include "lib/domain/domain_xml.h"
#include "tests/unit/domain/requests.h"

namespace ccplace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

std::vector<FieldError> FaultsOf(const v1::DefineTdxDomainRequest& request) {
  const absl::Status status = ValidateDomainSpec(request);
  EXPECT_TRUE(status.ok() || status.code() == absl::StatusCode::kInvalidArgument) << status;
  return FieldErrorsOf(status);
}

// Fields at fault once `text` is merged into the plain request.
std::vector<std::string> FieldsAfter(const std::string& text) {
  v1::DefineTdxDomainRequest request = PlainRequest();
  request.MergeFrom(RequestFrom(text));
  std::vector<std::string> fields;
  for (const FieldError& fault : FaultsOf(request)) fields.push_back(fault.field);
  return fields;
}

std::vector<std::string> FieldsAfterDomain(const std::string& text) {
  return FieldsAfter("domain {" + text + "}");
}

std::vector<std::string> FieldsAfterDisk(const std::string& text) {
  return FieldsAfterDomain("disks {" + text + "}");
}

std::vector<std::string> FieldsAfterInterface(const std::string& text) {
  return FieldsAfterDomain("interfaces {" + text + "}");
}

std::string Repeat(char c, size_t count) { return std::string(count, c); }

TEST(ValidateDomainSpecTest, AcceptsAPlainRequest) {
  EXPECT_THAT(FaultsOf(PlainRequest()), ElementsAre());
}

TEST(ValidateDomainSpecTest, NamesAMissingDomain) {
  const auto faults = FaultsOf(v1::DefineTdxDomainRequest());
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].field, "domain");
}

TEST(ValidateDomainSpecTest, NamesEveryFaultAtOnce) {
  v1::DefineTdxDomainRequest request;
  request.mutable_domain()->add_disks();
  request.mutable_domain()->add_interfaces();
  request.mutable_launch()->set_mr_owner("short");
  std::vector<std::string> fields;
  for (const FieldError& fault : FaultsOf(request)) fields.push_back(fault.field);
  EXPECT_THAT(fields, UnorderedElementsAre("domain.uuid", "domain.name", "domain.vcpus",
                                           "domain.memory_mib", "domain.disks[0].source",
                                           "domain.interfaces[0].source",
                                           "domain.interfaces[0].mac", "launch.mr_owner"));
}

TEST(ValidateDomainSpecTest, SaysWhatItFoundAndWhatIsAllowed) {
  v1::DefineTdxDomainRequest request = PlainRequest();
  request.mutable_domain()->set_name("../\x1b[31m");
  request.mutable_domain()->set_memory_mib(63);
  const auto faults = FaultsOf(request);
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_THAT(faults[0].description, HasSubstr("'../\\x1b[31m'; give letters, digits"));
  EXPECT_EQ(faults[1].description, "is 63; give 64 to 16777216");
}

TEST(ValidateDomainSpecTest, BoundsUuidAndName) {
  for (const char* uuid :
       {"5B1B4A5E-0b1c-4c67-9d4b-8f7f0a1b2c3d", "5b1b4a5e0b1c4c679d4b8f7f0a1b2c3d",
        "5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3", "x", "5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3g"}) {
    EXPECT_THAT(FieldsAfterDomain("uuid: '" + std::string(uuid) + "'"), ElementsAre("domain.uuid"));
  }
  for (const std::string& name :
       {std::string("-td"), std::string(".td"), std::string("a b"), std::string("a/b"),
        std::string("a\\n"), std::string("t\\303\\251"), Repeat('a', 65)}) {
    EXPECT_THAT(FieldsAfterDomain("name: '" + name + "'"), ElementsAre("domain.name")) << name;
  }
  EXPECT_THAT(FieldsAfterDomain("name: '0." + Repeat('a', 62) + "'"), ElementsAre());
}

TEST(ValidateDomainSpecTest, BoundsCpusAndMemory) {
  EXPECT_THAT(FieldsAfterDomain("vcpus: 1024"), ElementsAre());
  EXPECT_THAT(FieldsAfterDomain("vcpus: 1025"), ElementsAre("domain.vcpus"));
  EXPECT_THAT(FieldsAfterDomain("memory_mib: 64"), ElementsAre());
  EXPECT_THAT(FieldsAfterDomain("memory_mib: 16777216"), ElementsAre());
  EXPECT_THAT(FieldsAfterDomain("memory_mib: 16777217"), ElementsAre("domain.memory_mib"));
  EXPECT_THAT(FieldsAfterDomain("memory_mib: 18446744073709551615"),
              ElementsAre("domain.memory_mib"));
}

TEST(ValidateDomainSpecTest, WantsATopologyThatMakesTheCpus) {
  const auto fields = [](const std::string& topology) {
    return FieldsAfterDomain("vcpus: 8 cpu_topology {" + topology + "}");
  };
  EXPECT_THAT(fields("sockets: 1 cores: 4 threads: 2"), ElementsAre());
  EXPECT_THAT(fields("sockets: 1 dies: 2 cores: 2 threads: 2"), ElementsAre());
  EXPECT_THAT(fields("sockets: 1 cores: 4 threads: 1"), ElementsAre("domain.cpu_topology"));
  EXPECT_THAT(fields("sockets: 2 cores: 1 threads: 4"), ElementsAre("domain.cpu_topology.threads"));
  EXPECT_THAT(fields("sockets: 4294967295 dies: 4294967295 cores: 4294967295 threads: 2"),
              ElementsAre("domain.cpu_topology.sockets", "domain.cpu_topology.dies",
                          "domain.cpu_topology.cores"));
  EXPECT_THAT(fields(""), ElementsAre("domain.cpu_topology.sockets", "domain.cpu_topology.cores",
                                      "domain.cpu_topology.threads", "domain.cpu_topology"));
}

TEST(ValidateDomainSpecTest, ReadsCpuLists) {
  for (const char* list : {"0", "0-3,8", "16383", "5-5"}) {
    EXPECT_THAT(FieldsAfterDomain("placement { cpuset: '" + std::string(list) + "' }"),
                ElementsAre())
        << list;
  }
  for (const char* list : {"3-1", "0-", "-1", "0,,1", ",", "^1", "0-1-2", "16384", " 0", "a",
                           "99999999999999999999"}) {
    EXPECT_THAT(
        FieldsAfterDomain("placement { cpuset: '" + std::string(list) + "' numa_nodeset: '" + list +
                          "' emulator_cpuset: '" + list + "' }"),
        ElementsAre("domain.placement.cpuset", "domain.placement.numa_nodeset",
                    "domain.placement.emulator_cpuset"))
        << list;
  }
}

TEST(ValidateDomainSpecTest, KnowsHugePages) {
  const auto fields = [](const char* size, const char* memory) {
    return FieldsAfterDomain("memory_mib: " + std::string(memory) +
                             " memory_backing { hugepage_size_kib: " + size + "}");
  };
  EXPECT_THAT(fields("2048", "2050"), ElementsAre());
  EXPECT_THAT(fields("1048576", "4096"), ElementsAre());
  EXPECT_THAT(fields("4", "4096"), ElementsAre("domain.memory_backing.hugepage_size_kib"));
  EXPECT_THAT(fields("2048", "2049"), ElementsAre("domain.memory_mib"));
  EXPECT_THAT(fields("1048576", "4097"), ElementsAre("domain.memory_mib"));
}

TEST(ValidateDomainSpecTest, BoundsTheOtherTextsOfTheDomain) {
  EXPECT_THAT(FieldsAfterDomain("serial_log_path: 'relative'"),
              ElementsAre("domain.serial_log_path"));
  EXPECT_THAT(FieldsAfterDomain("serial_log_path: '/a\\nb'"),
              ElementsAre("domain.serial_log_path"));
  EXPECT_THAT(FieldsAfterDomain("owner: '" + Repeat('x', 256) + "'"), ElementsAre("domain.owner"));
  EXPECT_THAT(FieldsAfterDomain("owner: 'a\\tb'"), ElementsAre("domain.owner"));
  EXPECT_THAT(FieldsAfterDomain("owner: '\\357\\277\\276'"), ElementsAre("domain.owner"));
  for (const char* machine : {"q35", "pc-q35-9.2", "pc-q35-rhel9.4.0", "pc-q35-noble"}) {
    EXPECT_THAT(FieldsAfterDomain("machine_type: '" + std::string(machine) + "'"), ElementsAre());
  }
  for (const char* machine : {"Q35", "pc", "pc-q35", "pc-q35-", "pc-i440fx-9.2", "pc-q35-9 2"}) {
    EXPECT_THAT(FieldsAfterDomain("machine_type: '" + std::string(machine) + "'"),
                ElementsAre("domain.machine_type"))
        << machine;
  }
}

TEST(ValidateDomainSpecTest, BoundsTheVsockContextId) {
  EXPECT_THAT(FieldsAfterDomain("vsock { cid: 0 }"), ElementsAre());
  EXPECT_THAT(FieldsAfterDomain("vsock { cid: 3 }"), ElementsAre());
  EXPECT_THAT(FieldsAfterDomain("vsock { cid: 2 }"), ElementsAre("domain.vsock.cid"));
  EXPECT_THAT(FieldsAfterDomain("vsock { cid: 4294967295 }"), ElementsAre("domain.vsock.cid"));
}

TEST(ValidateDomainSpecTest, WantsLaunchDataOfExactly48Bytes) {
  const auto fields = [](size_t bytes) {
    const std::string data = "'" + Repeat('m', bytes) + "'";
    return FieldsAfter("launch { mr_config_id: " + data + " mr_owner: " + data +
                       " mr_owner_config: " + data + "}");
  };
  EXPECT_THAT(fields(0), ElementsAre());
  EXPECT_THAT(fields(48), ElementsAre());
  for (size_t bytes : {1, 47, 49, 64}) {
    EXPECT_THAT(fields(bytes),
                ElementsAre("launch.mr_config_id", "launch.mr_owner", "launch.mr_owner_config"));
  }
}

TEST(ValidateDomainSpecTest, BoundsSocketPathsToWhatTheKernelTakes) {
  EXPECT_THAT(FieldsAfter("launch { quote_service_path: '/" + Repeat('q', 106) + "' }"),
              ElementsAre());
  EXPECT_THAT(FieldsAfter("launch { quote_service_path: '/" + Repeat('q', 107) + "' }"),
              ElementsAre("launch.quote_service_path"));
}

TEST(CheckDiskTest, ChecksPathsOfFilesAndDevices) {
  EXPECT_THAT(FieldsAfterDisk("file {}"), ElementsAre("domain.disks[1].file.path"));
  EXPECT_THAT(FieldsAfterDisk("block { path: 'sda' }"), ElementsAre("domain.disks[1].block.path"));
  EXPECT_THAT(FieldsAfterDisk("block { path: '/' }"), ElementsAre("domain.disks[1].block.path"));
  EXPECT_THAT(FieldsAfterDisk("file { path: '/a\\000b' }"),
              ElementsAre("domain.disks[1].file.path"));
  EXPECT_THAT(FieldsAfterDisk("file { path: '/" + Repeat('p', 4096) + "' }"),
              ElementsAre("domain.disks[1].file.path"));
}

TEST(CheckDiskTest, RefusesEnumValuesOfALaterVersion) {
  v1::DefineTdxDomainRequest request = PlainRequest();
  v1::Disk& disk = *request.mutable_domain()->mutable_disks(0);
  disk.set_format(static_cast<v1::DiskFormat>(9));
  disk.set_bus(static_cast<v1::DiskBus>(9));
  disk.set_cache(static_cast<v1::DiskCache>(-1));
  std::vector<std::string> fields;
  for (const FieldError& fault : FaultsOf(request)) fields.push_back(fault.field);
  EXPECT_THAT(fields, ElementsAre("domain.disks[0].format", "domain.disks[0].bus",
                                  "domain.disks[0].cache"));
}

TEST(CheckDiskTest, ChecksNetworkStorage) {
  EXPECT_THAT(
      FieldsAfterDisk("rbd { pool: 'a/b' image: 'x@snap' hosts { name: 'a b' port: 65536 } "
                      "auth { username: 'client.admin' secret_uuid: 'x' } }"),
      ElementsAre("domain.disks[1].rbd.pool", "domain.disks[1].rbd.image",
                  "domain.disks[1].rbd.hosts[0].name", "domain.disks[1].rbd.hosts[0].port",
                  "domain.disks[1].rbd.auth.username", "domain.disks[1].rbd.auth.secret_uuid"));
  EXPECT_THAT(FieldsAfterDisk("iscsi { target: 'iqn.' lun: 16384 auth {} }"),
              ElementsAre("domain.disks[1].iscsi.portal.name", "domain.disks[1].iscsi.target",
                          "domain.disks[1].iscsi.lun", "domain.disks[1].iscsi.auth.username",
                          "domain.disks[1].iscsi.auth.secret_uuid"));
  EXPECT_THAT(FieldsAfterDisk("iscsi { portal { name: '::1' } target: 'iqn.2026-11.x:y/0' }"),
              ElementsAre("domain.disks[1].iscsi.target"));
  for (const char* host : {"[::1]", "a:b", "1:2", "-x", "a_b", "fe80::1%eth0"}) {
    EXPECT_THAT(
        FieldsAfterDisk("rbd { pool: 'p' image: 'i' hosts { name: '" + std::string(host) + "' } }"),
        ElementsAre("domain.disks[1].rbd.hosts[0].name"))
        << host;
  }
  std::string hosts;
  for (int i = 0; i < 17; ++i) hosts += "hosts { name: 'h' }";
  EXPECT_THAT(FieldsAfterDisk("rbd { pool: 'p' image: 'i' " + hosts + "}"),
              ElementsAre("domain.disks[1].rbd.hosts"));
}

TEST(CheckDiskTest, WantsNetworkStorageRaw) {
  EXPECT_THAT(FieldsAfterDisk("rbd { pool: 'p' image: 'i' } format: DISK_FORMAT_QCOW2"),
              ElementsAre("domain.disks[1].format"));
}

TEST(CheckDiskTest, RefusesToBootFromScsi) {
  EXPECT_THAT(FieldsAfterDisk("block { path: '/dev/x' } bus: DISK_BUS_SCSI"), ElementsAre());
  EXPECT_THAT(FieldsAfterDisk("block { path: '/dev/x' } bus: DISK_BUS_SCSI boot_order: 1"),
              ElementsAre("domain.disks[1].bus"));
  v1::DefineTdxDomainRequest first = PlainRequest();
  first.mutable_domain()->mutable_disks(0)->set_bus(v1::DISK_BUS_SCSI);
  ASSERT_EQ(FaultsOf(first).size(), 1u);
  EXPECT_EQ(FaultsOf(first)[0].field, "domain.disks[0].bus");
  first.mutable_domain()->mutable_interfaces(0)->set_boot_order(1);
  EXPECT_THAT(FaultsOf(first), ElementsAre());
}

TEST(CheckDiskTest, RefusesQueuesOnScsi) {
  EXPECT_THAT(FieldsAfterDisk("block { path: '/dev/x' } bus: DISK_BUS_SCSI queues: 2"),
              ElementsAre("domain.disks[1].queues"));
  EXPECT_THAT(FieldsAfterDisk("block { path: '/dev/x' } queues: 257"),
              ElementsAre("domain.disks[1].queues"));
}

TEST(CheckDiskTest, WantsImagesSerialsAndBootOrdersOnce) {
  EXPECT_THAT(FieldsAfterDomain("disks { file { path: '/a' } serial: 's' boot_order: 1 }"
                                "disks { block { path: '/a' } serial: 's' boot_order: 1 }"),
              ElementsAre("domain.disks[2].boot_order", "domain.disks[2].block.path",
                          "domain.disks[2].serial"));
  EXPECT_THAT(FieldsAfterDisk("file { path: '/a' } serial: 'a b'"),
              ElementsAre("domain.disks[1].serial"));
  EXPECT_THAT(FieldsAfterDisk("file { path: '/a' } serial: '" + Repeat('s', 21) + "'"),
              ElementsAre("domain.disks[1].serial"));
  EXPECT_THAT(FieldsAfterDisk("file { path: '/a' } boot_order: 97"),
              ElementsAre("domain.disks[1].boot_order"));
}

TEST(CheckDiskTest, RefusesMoreDisksThanThereCanBe) {
  std::string disks;
  for (int i = 0; i < 63; ++i) disks += "disks { file { path: '/d" + std::to_string(i) + "' } }";
  EXPECT_THAT(FieldsAfterDomain(disks), ElementsAre());
  EXPECT_THAT(FieldsAfterDomain(disks + "disks {}"), ElementsAre("domain.disks"));
}

TEST(CheckInterfaceTest, ChecksEverySource) {
  const std::string mac = "mac: '52:54:00:00:00:01' ";
  EXPECT_THAT(FieldsAfterInterface(mac), ElementsAre("domain.interfaces[1].source"));
  for (const char* name : {"", "br/0", ".", "..", "-b", "sixteen-bytes-xx"}) {
    const std::string quoted = "'" + std::string(name) + "'";
    EXPECT_THAT(FieldsAfterInterface(mac + "bridge { bridge: " + quoted + "}"),
                ElementsAre("domain.interfaces[1].bridge.bridge"));
    EXPECT_THAT(
        FieldsAfterInterface(mac + "ovs { bridge: " + quoted + " interface_id: 'x' }"),
        ElementsAre("domain.interfaces[1].ovs.bridge", "domain.interfaces[1].ovs.interface_id"));
  }
  EXPECT_THAT(FieldsAfterInterface(mac + "network { network: 'a b' }"),
              ElementsAre("domain.interfaces[1].network.network"));
  EXPECT_THAT(FieldsAfterInterface(mac + "vhost_user { socket_path: '/" + Repeat('s', 107) + "' }"),
              ElementsAre("domain.interfaces[1].vhost_user.socket_path"));
}

TEST(CheckInterfaceTest, WantsAUnicastMac) {
  for (const char* mac :
       {"", "52:54:00:12:34", "52-54-00-12-34-57", "53:54:00:12:34:57", "00:00:00:00:00:00",
        "fe:54:00:12:34:57", "52:54:00:12:34:5g", "52:54:00:12:34:57 "}) {
    EXPECT_THAT(FieldsAfterInterface("bridge { bridge: 'b' } mac: '" + std::string(mac) + "'"),
                ElementsAre("domain.interfaces[1].mac"))
        << mac;
  }
}

TEST(CheckInterfaceTest, BoundsMtuQueuesAndTarget) {
  const std::string plain = "bridge { bridge: 'b' } mac: '52:54:00:00:00:01' ";
  EXPECT_THAT(FieldsAfterInterface(plain + "mtu: 68 queues: 256 target_device: 'tap0'"),
              ElementsAre());
  EXPECT_THAT(FieldsAfterInterface(plain + "mtu: 67 queues: 257 target_device: 'a/b'"),
              ElementsAre("domain.interfaces[1].mtu", "domain.interfaces[1].queues",
                          "domain.interfaces[1].target_device"));
  EXPECT_THAT(FieldsAfterInterface(plain + "mtu: 65536 target_device: 'vnet7'"),
              ElementsAre("domain.interfaces[1].mtu", "domain.interfaces[1].target_device"));
}

TEST(CheckInterfaceTest, RefusesATapNameForVhostUser) {
  EXPECT_THAT(FieldsAfterInterface("vhost_user { socket_path: '/s' } mac: '52:54:00:00:00:01' "
                                   "target_device: 'tap0'"),
              ElementsAre("domain.interfaces[1].target_device"));
}

TEST(CheckInterfaceTest, WantsMacsTargetsSocketsAndBootOrdersOnce) {
  EXPECT_THAT(FieldsAfterDomain("interfaces { bridge { bridge: 'b' } mac: '52:54:00:00:00:0a' "
                                "target_device: 't' boot_order: 3 }"
                                "interfaces { bridge { bridge: 'b' } mac: '52:54:00:00:00:0A' "
                                "target_device: 't' boot_order: 3 }"),
              ElementsAre("domain.interfaces[2].boot_order", "domain.interfaces[2].mac",
                          "domain.interfaces[2].target_device"));
  EXPECT_THAT(
      FieldsAfterDomain("interfaces { vhost_user { socket_path: '/s' } mac: '52:54:00:00:00:0a' }"
                        "interfaces { vhost_user { socket_path: '/s' } mac: '52:54:00:00:00:0b' }"),
      ElementsAre("domain.interfaces[2].vhost_user.socket_path"));
}

TEST(CheckInterfaceTest, RefusesABootOrderThatADiskHas) {
  EXPECT_THAT(FieldsAfterDomain("disks { file { path: '/a' } boot_order: 1 }"
                                "interfaces { bridge { bridge: 'b' } mac: '52:54:00:00:00:0a' "
                                "boot_order: 1 }"),
              ElementsAre("domain.interfaces[1].boot_order"));
}

TEST(CheckInterfaceTest, RefusesMoreInterfacesThanThereCanBe) {
  std::string interfaces;
  for (int i = 0; i < 32; ++i) interfaces += "interfaces {}";
  EXPECT_THAT(FieldsAfterDomain(interfaces), ElementsAre("domain.interfaces"));
}

}  // namespace
}  // namespace ccplace
