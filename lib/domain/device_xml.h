// Disks and network interfaces, from specification to XML. Thread-safe for writers that no two
// threads share.
#ifndef CCPLACE_LIB_DOMAIN_DEVICE_XML_H_
#define CCPLACE_LIB_DOMAIN_DEVICE_XML_H_

#include "ccplace/v1/domain.pb.h"
#include "lib/domain/xml_writer.h"

namespace ccplace {

// Writes the disks of `spec`, and the controller that SCSI ones need, into the <devices> under way.
void WriteDisks(const v1::TdxDomainSpec& spec, XmlWriter& xml);

// The same of its interfaces.
void WriteInterfaces(const v1::TdxDomainSpec& spec, XmlWriter& xml);

}  // namespace ccplace

#endif  // CCPLACE_LIB_DOMAIN_DEVICE_XML_H_
