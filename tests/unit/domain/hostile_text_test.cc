// A property: whatever texts a request holds, either the checks refuse it, or its XML parses, has
// exactly one launchSecurity, is valid against libvirt's schema, and gives every text back.
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/domain/domain_xml.h"
#include "tests/unit/domain/requests.h"
#include "tests/unit/domain/xml_oracle.h"

namespace ccplace {
namespace {

using ::testing::ElementsAre;

// A text field: how to reach it, and where it must come out.
struct TextField {
  std::function<std::string&(v1::DefineTdxDomainRequest&)> text;
  const char* xpath;
};

v1::Disk& DiskAt(v1::DefineTdxDomainRequest& r, int i) {
  return *r.mutable_domain()->mutable_disks(i);
}

v1::NetworkInterface& InterfaceAt(v1::DefineTdxDomainRequest& r, int i) {
  return *r.mutable_domain()->mutable_interfaces(i);
}

// Every text of a request that reaches the XML as it is.
const std::vector<TextField>& Fields() {
  static const auto* fields =
      new std::vector<TextField>{{[](auto& r) -> auto& {return *r.mutable_domain()->mutable_uuid();
}
, "/domain/uuid"
}  // namespace
, {[](auto& r) -> auto& {return *r.mutable_domain()->mutable_name();
}  // namespace ccplace
, "/domain/name"
}
, {[](auto& r) -> auto& {return *r.mutable_domain()->mutable_owner();
}
, "/domain/metadata/c:domain/c:owner"
}
, {[](auto& r) -> auto& {return *r.mutable_domain()->mutable_placement()->mutable_cpuset();
}
, "/domain/vcpu/@cpuset"
}
, {[](auto& r) -> auto& {return *r.mutable_domain()->mutable_placement()->mutable_numa_nodeset();
}
, "/domain/numatune/memory/@nodeset"
}
, {[](auto& r) -> auto& {return *r.mutable_domain()->mutable_serial_log_path();
}
, "/domain/devices/serial/log/@file"
}
, {[](auto& r) -> auto& {return *DiskAt(r, 0).mutable_file()->mutable_path();
}
, "//disk[1]/source/@file"
}
, {[](auto& r) -> auto& {return *DiskAt(r, 0).mutable_serial();
}
, "//disk[1]/serial"
}
, {[](auto& r) -> auto& {return *DiskAt(r, 1).mutable_block()->mutable_path();
}
, "//disk[2]/source/@dev"
}
, {[](auto& r) -> auto& {return *DiskAt(r, 2).mutable_rbd()->mutable_hosts(0)->mutable_name();
}
, "//disk[3]/source/host/@name"
}
, {[](auto& r) -> auto& {return *DiskAt(r, 2).mutable_rbd()->mutable_auth()->mutable_username();
}
, "//disk[3]/source/auth/@username"
}
, {[](auto& r) -> auto& {return *DiskAt(r, 2).mutable_rbd()->mutable_auth()->mutable_secret_uuid();
}
, "//disk[3]/source/auth/secret/@uuid"
}
, {[](auto& r) -> auto& {return *DiskAt(r, 3).mutable_iscsi()->mutable_portal()->mutable_name();
}
, "//disk[4]/source/host/@name"
}
, {[](auto& r) -> auto& {return *InterfaceAt(r, 0).mutable_bridge()->mutable_bridge();
}
, "//interface[1]/source/@bridge"
}
, {[](auto& r) -> auto& {return *InterfaceAt(r, 0).mutable_target_device();
}
, "//interface[1]/target/@dev"
}
, {[](auto& r) -> auto& {return *InterfaceAt(r, 1).mutable_ovs()->mutable_interface_id();
}
, "//interface[2]/virtualport/parameters/@interfaceid"
}
, {[](auto& r) -> auto& {return *InterfaceAt(r, 2).mutable_vhost_user()->mutable_socket_path();
}
, "//interface[3]/source/@path"
}
, {[](auto& r) -> auto& {return *InterfaceAt(r, 3).mutable_network()->mutable_network();
}
, "//interface[4]/source/@network"
}
, {[](auto& r) -> auto& {return *r.mutable_launch()->mutable_quote_service_path();
}
, "/domain/launchSecurity/quoteGenerationService/@path"
}
,
}
;
return *fields;
}

v1::DefineTdxDomainRequest FullRequest() {
  return RequestFrom(R"(
    domain {
      uuid: "5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3d" name: "td-1" vcpus: 2 memory_mib: 2048
      owner: "o" placement { cpuset: "0" numa_nodeset: "0" } serial_log_path: "/log"
      disks { file { path: "/file" } serial: "s" }
      disks { block { path: "/block" } }
      disks { rbd { pool: "p" image: "i" hosts { name: "h" }
                    auth { username: "u" secret_uuid: "11111111-2222-4333-8444-555555555555" } } }
      disks { iscsi { portal { name: "h" } target: "iqn.x" } }
      interfaces { bridge { bridge: "b" } mac: "52:54:00:00:00:01" target_device: "t" }
      interfaces { ovs { bridge: "b" interface_id: "11111111-2222-4333-8444-555555555555" }
                   mac: "52:54:00:00:00:02" }
      interfaces { vhost_user { socket_path: "/vhost" } mac: "52:54:00:00:00:03" }
      interfaces { network { network: "n" } mac: "52:54:00:00:00:04" }
    }
    launch { quote_service_path: "/quote" })");
}

// A text of a few pieces, each harmless somewhere and harmful elsewhere.
std::string HostileText(std::mt19937& random) {
  static const std::vector<std::string> kPieces = {"/",
                                                   "a",
                                                   "0",
                                                   "-",
                                                   ".",
                                                   ":",
                                                   "_",
                                                   ",",
                                                   " ",
                                                   "/a/",
                                                   "..",
                                                   "<",
                                                   ">",
                                                   "&",
                                                   "\"",
                                                   "'",
                                                   "]]>",
                                                   "<!--",
                                                   "-->",
                                                   "<![CDATA[",
                                                   "&lt;",
                                                   "&#0;",
                                                   "&amp",
                                                   "</domain>",
                                                   "<?x?>",
                                                   "%s%n",
                                                   "${HOME}",
                                                   "'/><launchSecurity type='none'/>",
                                                   "</owner><owner>",
                                                   "\n",
                                                   "\t",
                                                   "\r",
                                                   "\x1b[0m",
                                                   "\x7f",
                                                   std::string(1, '\0'),
                                                   "\xC3\xA9",
                                                   "\xC3",
                                                   "\xED\xA0\x80",
                                                   "\xEF\xBF\xBE",
                                                   "\xEF\xBF\xBF",
                                                   "\xC2\x85",
                                                   "\xE2\x80\xA8",
                                                   "\xF0\x9F\x94\x91",
                                                   std::string(120, 'x'),
                                                   std::string(5000, 'y')};
  const auto pick = [&random](size_t limit) { return random() % limit; };
  std::string text = pick(2) == 0 ? "/" : "";
  for (size_t left = 1 + pick(4); left > 0; --left) text += kPieces[pick(kPieces.size())];
  return text;
}

// What libvirt would be given for `request`.
std::string XmlOf(const v1::DefineTdxDomainRequest& request) {
  DomainPolicy policy = PlainPolicy();
  policy.quote_service_path = request.launch().quote_service_path();
  const auto xml = BuildDomainXml(request, policy);
  EXPECT_TRUE(xml.ok()) << xml.status();
  return xml.value_or("");
}

void ExpectFaithful(v1::DefineTdxDomainRequest& request) {
  const std::string xml = XmlOf(request);
  EXPECT_EQ(SchemaFaults(xml), "");
  EXPECT_THAT(Select(xml, "//*[local-name()='launchSecurity']/@type"), ElementsAre("tdx"));
  for (const TextField& field : Fields()) {
    const std::string& text = field.text(request);
    const auto found = Select(xml, field.xpath);
    if (text.empty()) {
      EXPECT_THAT(found, ElementsAre()) << field.xpath;
    } else {
      EXPECT_THAT(found, ElementsAre(text)) << field.xpath;
    }
  }
}

TEST(HostileTextTest, EveryFieldComesOutWhereItShould) {
  v1::DefineTdxDomainRequest request = FullRequest();
  ASSERT_EQ(CheckDomainSpec(request), absl::OkStatus());
  ExpectFaithful(request);
}

TEST(HostileTextTest, IsRefusedOrComesOutUnchanged) {
  std::mt19937 random(20261123);
  int accepted = 0;
  int refused = 0;
  for (int round = 0; round < 4000; ++round) {
    v1::DefineTdxDomainRequest request = FullRequest();
    Fields()[random() % Fields().size()].text(request) = HostileText(random);
    if (!CheckDomainSpec(request).ok()) {
      ++refused;
      continue;
    }
    ++accepted;
    ExpectFaithful(request);
    if (HasFailure()) break;
  }
  EXPECT_GT(accepted, 200);
  EXPECT_GT(refused, 200);
}

TEST(HostileTextTest, WhatCannotStandInXmlIsNeverWritten) {
  v1::DefineTdxDomainRequest unchecked = PlainRequest();
  for (const char* owner : {"a\x01", "\xEF\xBF\xBE", "\xC3"}) {
    unchecked.mutable_domain()->set_owner(owner);
    EXPECT_EQ(BuildDomainXml(unchecked, PlainPolicy()).status().code(),
              absl::StatusCode::kInternal);
  }
}

}  // namespace
}  // namespace ccplace
