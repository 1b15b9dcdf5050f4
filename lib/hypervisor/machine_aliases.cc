#include "lib/hypervisor/machine_aliases.h"

#include "lib/xml/xml_document.h"

namespace ccplace {
namespace {

bool IsNamed(const xmlNode* node, absl::string_view name) {
  return node->type == XML_ELEMENT_NODE && Equals(node->name, name);
}

void TakeAliases(const xmlNode* architecture, MachineAliases& aliases) {
  if (AttributeOf(architecture, "name") != "x86_64") return;
  for (const xmlNode* one = FindChild(architecture, "machine"); one != nullptr; one = one->next) {
    if (!IsNamed(one, "machine")) continue;
    const std::string canonical = AttributeOf(one, "canonical");
    if (!canonical.empty()) aliases.emplace(TextOf(one), canonical);
  }
}

}  // namespace

absl::StatusOr<MachineAliases> ParseMachineAliases(absl::string_view capabilities_xml) {
  const absl::StatusOr<XmlDocument> document = ParseXml(capabilities_xml);
  if (!document.ok()) return document.status();
  MachineAliases aliases;
  const xmlNode* guest = FindChild(xmlDocGetRootElement(document->get()), "guest");
  for (; guest != nullptr; guest = guest->next) {
    if (!IsNamed(guest, "guest") || TextOf(FindChild(guest, "os_type")) != "hvm") continue;
    const xmlNode* architecture = FindChild(guest, "arch");
    if (architecture != nullptr) TakeAliases(architecture, aliases);
  }
  return aliases;
}

}  // namespace ccplace
