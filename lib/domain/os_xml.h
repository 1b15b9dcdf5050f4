// A domain's <os>: its machine type, and the firmware that libvirt is to choose.
#ifndef CCPLACE_LIB_DOMAIN_OS_XML_H_
#define CCPLACE_LIB_DOMAIN_OS_XML_H_

#include <string>

#include "lib/domain/domain_xml.h"
#include "lib/domain/xml_writer.h"

namespace ccplace {

// What is said of the firmware's place. libvirt picks the file from QEMU's descriptors.
enum class Loader {
  kUnstated,      // Any.
  kStateless,     // One without a variable store.
  kStatelessRom,  // The same, mapped into memory and not as flash.
};

// Secure boot left unstated is not written at all: enabled='no' rules out firmware that has it.
void WriteOs(const std::string& machine_type, SecureBoot secure_boot, Loader loader,
             XmlWriter& xml);

}  // namespace ccplace

#endif  // CCPLACE_LIB_DOMAIN_OS_XML_H_
