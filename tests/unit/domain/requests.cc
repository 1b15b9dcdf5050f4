#include "tests/unit/domain/requests.h"

#include <google/protobuf/text_format.h>

#include <fstream>
#include <iterator>

#include "gtest/gtest.h"

namespace ccplace {

v1::DefineTdxDomainRequest RequestFrom(const std::string& text) {
  v1::DefineTdxDomainRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
  return request;
}

std::string TestData(const std::string& name) {
  std::ifstream file(std::string(CCPLACE_TEST_DATA "/") + name, std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

v1::DefineTdxDomainRequest PlainRequest() {
  return RequestFrom(R"(
    domain {
      uuid: "5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3d"
      name: "td-1"
      vcpus: 2
      memory_mib: 2048
      disks { file { path: "/var/lib/libvirt/images/td-1.img" } }
      interfaces { bridge { bridge: "br0" } mac: "52:54:00:12:34:56" }
    })");
}

DomainPolicy PlainPolicy() {
  DomainPolicy policy;
  policy.machine_type = "q35";
  policy.request_digest = kTestDigest;
  policy.defined_at = "2026-11-23T01:02:03Z";
  policy.service_version = "0.1.0";
  return policy;
}

}  // namespace ccplace
