#include <functional>
#include <string>

#include "gtest/gtest.h"
#include "lib/domain/domain_xml.h"
#include "tests/unit/domain/requests.h"

namespace ccplace {
namespace {

std::string DigestOf(const v1::DefineTdxDomainRequest& request) {
  const auto digest = RequestDigest(request);
  EXPECT_TRUE(digest.ok()) << digest.status();
  return digest.value_or("");
}

using Change = std::function<void(v1::DefineTdxDomainRequest&)>;

std::string DigestAfter(const Change& change) {
  v1::DefineTdxDomainRequest request = PlainRequest();
  change(request);
  return DigestOf(request);
}

TEST(RequestDigestTest, IsLowerCaseSha256) {
  const std::string digest = DigestOf(PlainRequest());
  EXPECT_EQ(digest.size(), 64u);
  EXPECT_EQ(digest.find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(RequestDigestTest, IsTheSameWhateverIsToBeDoneWithTheDomain) {
  const std::string digest = DigestOf(PlainRequest());
  EXPECT_EQ(DigestAfter([](auto& r) { r.set_start(true); }), digest);
  EXPECT_EQ(DigestAfter([](auto& r) { r.set_dry_run(true); }), digest);
  EXPECT_EQ(DigestAfter([](auto& r) { r.set_require_attestation(true); }), digest);
}

TEST(RequestDigestTest, IsTheSameWhenADefaultIsSpelledOut) {
  const std::string digest = DigestOf(PlainRequest());
  const Change defaults[] = {
      [](auto& r) { r.mutable_launch(); },
      [](auto& r) { r.mutable_flavor()->set_name("m1.td"); },
      [](auto& r) { r.mutable_image()->set_name("debian"); },
      [](auto& r) { r.mutable_domain()->mutable_placement(); },
      [](auto& r) { r.mutable_domain()->mutable_memory_backing(); },
      [](auto& r) { r.mutable_domain()->mutable_disks(0)->set_format(v1::DISK_FORMAT_RAW); },
      [](auto& r) { r.mutable_domain()->mutable_disks(0)->set_bus(v1::DISK_BUS_VIRTIO); },
      [](auto& r) { r.mutable_domain()->mutable_disks(0)->set_cache(v1::DISK_CACHE_NONE); },
      [](auto& r) { r.mutable_domain()->mutable_disks(0)->set_boot_order(1); },
      [](auto& r) { r.mutable_domain()->mutable_interfaces(0)->set_queues(1); },
      [](auto& r) {
        auto& topology = *r.mutable_domain()->mutable_cpu_topology();
        topology.set_sockets(1);
        topology.set_cores(2);
        topology.set_threads(1);
      },
  };
  for (const Change& change : defaults) EXPECT_EQ(DigestAfter(change), digest);
}

TEST(RequestDigestTest, IsTheSameInWhateverCaseAMacIsWritten) {
  const auto mac = [](const char* text) {
    return [text](auto& r) { r.mutable_domain()->mutable_interfaces(0)->set_mac(text); };
  };
  EXPECT_EQ(DigestAfter(mac("52:54:00:AB:CD:EF")), DigestAfter(mac("52:54:00:ab:cd:ef")));
}

TEST(RequestDigestTest, IsTheSameInWhateverOrderMapsAreFilled) {
  const auto fill = [](std::initializer_list<int> keys) {
    return [keys](auto& r) {
      for (int key : keys) {
        (*r.mutable_flavor()->mutable_extra_specs())["key" + std::to_string(key)] = "v";
        (*r.mutable_image()->mutable_properties())["key" + std::to_string(key)] = "v";
      }
    };
  };
  EXPECT_EQ(DigestAfter(fill({1, 2, 3, 4, 5, 6, 7, 8})),
            DigestAfter(fill({8, 6, 4, 2, 7, 5, 3, 1})));
}

TEST(RequestDigestTest, DiffersWhenAnythingElseDoes) {
  const std::string digest = DigestOf(PlainRequest());
  const Change changes[] = {
      [](auto& r) { r.mutable_domain()->set_uuid("5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3e"); },
      [](auto& r) { r.mutable_domain()->set_name("td-2"); },
      [](auto& r) { r.mutable_domain()->set_vcpus(3); },
      [](auto& r) { r.mutable_domain()->set_memory_mib(2049); },
      [](auto& r) { r.mutable_domain()->set_owner("somebody"); },
      [](auto& r) { r.mutable_domain()->set_machine_type("q35"); },
      [](auto& r) { r.mutable_domain()->set_serial_log_path("/var/log/td-1.log"); },
      [](auto& r) { r.mutable_domain()->mutable_vsock(); },
      [](auto& r) { r.mutable_domain()->mutable_memory_backing()->set_shared(true); },
      [](auto& r) { r.mutable_domain()->mutable_placement()->set_cpuset("0"); },
      [](auto& r) { r.mutable_domain()->mutable_disks(0)->set_read_only(true); },
      [](auto& r) { r.mutable_domain()->mutable_disks(0)->mutable_block()->set_path("/x"); },
      [](auto& r) { r.mutable_domain()->mutable_interfaces(0)->set_mtu(1500); },
      [](auto& r) { r.mutable_domain()->mutable_interfaces(0)->set_boot_order(1); },
      [](auto& r) { r.mutable_domain()->clear_interfaces(); },
      [](auto& r) { r.mutable_launch()->set_debug(true); },
      [](auto& r) { r.mutable_launch()->set_mr_owner(std::string(48, 'x')); },
      [](auto& r) { (*r.mutable_flavor()->mutable_extra_specs())["hw:cpu_policy"] = "shared"; },
      [](auto& r) { r.mutable_flavor()->set_vcpus(2); },
      [](auto& r) { r.mutable_image()->set_id("c0ffee"); },
      [](auto& r) { (*r.mutable_image()->mutable_properties())["os_type"] = "linux"; },
  };
  for (const Change& change : changes) EXPECT_NE(DigestAfter(change), digest);
}

// Computed once by hand: `printf 'ccplace.v1.DefineTdxDomainRequest/1' | cat - BYTES | sha256sum`,
// where BYTES is what protoc --encode makes of the request with its defaults spelled out. A digest
// that moves makes every defined domain look like another's.
TEST(RequestDigestTest, StaysWhatItIsInDomainsDefinedEarlier) {
  EXPECT_EQ(DigestOf(PlainRequest()),
            "90a67b8a6178207446fa45bca07c25cbc7ba3e5c3b235ef03c9e8e1d2891970a");
}

}  // namespace
}  // namespace ccplace
