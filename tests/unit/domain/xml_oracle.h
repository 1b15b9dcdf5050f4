// Judges of XML that owe nothing to the code under test.
#ifndef CCPLACE_TESTS_UNIT_DOMAIN_XML_ORACLE_H_
#define CCPLACE_TESTS_UNIT_DOMAIN_XML_ORACLE_H_

#include <string>
#include <vector>

namespace ccplace {

// Canonical XML 1.0 of `xml` without blank text between elements; empty when it does not parse.
std::string CanonicalXml(const std::string& xml);

// What libvirt 12.8's schema (tests/data/libvirt-12.8-schemas) has against a domain; empty:
// nothing.
std::string SchemaFaults(const std::string& xml);

// The strings that an XPath expression selects, in document order; "c" stands for this service's
// metadata namespace.
std::vector<std::string> Select(const std::string& xml, const std::string& xpath);

}  // namespace ccplace

#endif  // CCPLACE_TESTS_UNIT_DOMAIN_XML_ORACLE_H_
