// Network interfaces, from specification to XML. Thread-safe for writers that no two threads share.
#ifndef CCPLACE_LIB_DOMAIN_INTERFACE_XML_H_
#define CCPLACE_LIB_DOMAIN_INTERFACE_XML_H_

#include "ccplace/v1/domain.pb.h"
#include "lib/domain/xml_writer.h"

namespace ccplace {

// Writes the interfaces of `spec` into the <devices> under way.
void WriteInterfaces(const v1::TdxDomainSpec& spec, XmlWriter& xml);

}  // namespace ccplace

#endif  // CCPLACE_LIB_DOMAIN_INTERFACE_XML_H_
