// Requests and policies that the tests of this folder share.
#ifndef CCPLACE_TESTS_UNIT_DOMAIN_REQUESTS_H_
#define CCPLACE_TESTS_UNIT_DOMAIN_REQUESTS_H_

#include <string>

#include "ccplace/v1/domain.pb.h"
#include "lib/domain/domain_xml.h"

namespace ccplace {

inline constexpr char kTestDigest[] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

// A request in protobuf's text format; the test fails when it is none.
v1::DefineTdxDomainRequest RequestFrom(const std::string& text);

// The content of a file under tests/data; the test fails when there is none.
std::string TestData(const std::string& name);

// One file disk and one bridge interface; passes ValidateDomainSpec.
v1::DefineTdxDomainRequest PlainRequest();

// q35, libvirt's default quote socket, nothing of secure boot.
DomainPolicy PlainPolicy();

}  // namespace ccplace

#endif  // CCPLACE_TESTS_UNIT_DOMAIN_REQUESTS_H_
