#include "lib/hypervisor/definition_xml.h"

#include <libxml/tree.h>

#include <memory>

#include "absl/strings/ascii.h"
#include "lib/xml/xml_document.h"

namespace ccplace {
namespace {

struct FreeBuffer {
  void operator()(xmlBuffer* buffer) const { xmlBufferFree(buffer); }
};
using Buffer = std::unique_ptr<xmlBuffer, FreeBuffer>;

std::string TrimmedTextOf(const xmlNode* node) {
  return std::string(absl::StripAsciiWhitespace(TextOf(node)));
}

absl::StatusOr<XmlDocument> ParseDomain(absl::string_view xml) {
  absl::StatusOr<XmlDocument> document = ParseXml(xml);
  if (!document.ok()) return document.status();
  const xmlNode* root = xmlDocGetRootElement(document->get());
  if (!Equals(root->name, "domain")) {
    return absl::InvalidArgumentError("the XML's root is no <domain>");
  }
  if (TrimmedTextOf(FindChild(root, "name")).empty()) {
    return absl::InvalidArgumentError("<domain> has no <name>");
  }
  return document;
}

void ResolveLoader(xmlNode* os, const DomainResolution& resolution) {
  xmlNode* loader = FindChild(os, "loader");
  if (AttributeOf(loader, "stateless") != "yes" || !TrimmedTextOf(loader).empty()) return;
  xmlSetProp(loader, ToXml("type"), ToXml("rom"));
  xmlSetProp(loader, ToXml("format"), ToXml("raw"));
  const XmlText escaped(
      xmlEncodeSpecialChars(loader->doc, ToXml(resolution.firmware_path.c_str())));
  xmlNodeSetContent(loader, escaped.get());
}

// As libvirt writes <firmware><feature name='secure-boot'/>: whether it says no.
bool RulesOutSecureBoot(const xmlNode* os) {
  const xmlNode* firmware = FindChild(os, "firmware");
  if (firmware == nullptr) return false;
  for (const xmlNode* node = firmware->children; node != nullptr; node = node->next) {
    if (node->type != XML_ELEMENT_NODE || !Equals(node->name, "feature")) continue;
    if (AttributeOf(node, "name") == "secure-boot") return AttributeOf(node, "enabled") == "no";
  }
  return false;
}

absl::StatusOr<std::string> Write(const XmlDocument& document, xmlNode* node) {
  const Buffer buffer(xmlBufferCreate());
  if (buffer == nullptr || xmlNodeDump(buffer.get(), document.get(), node, 0, 0) < 0) {
    return absl::InternalError("libxml2 could not write the domain's XML");
  }
  return std::string(reinterpret_cast<const char*>(xmlBufferContent(buffer.get())));
}

absl::StatusOr<std::string> Write(const XmlDocument& document) {
  return Write(document, xmlDocGetRootElement(document.get()));
}

xmlNode* MetadataOf(xmlDoc& document) {
  xmlNode* root = xmlDocGetRootElement(&document);
  xmlNode* metadata = FindChild(root, "metadata");
  if (metadata != nullptr) return metadata;
  return xmlNewChild(root, nullptr, ToXml("metadata"), nullptr);
}

xmlNode* FindOfSpace(xmlNode* parent, absl::string_view space) {
  for (xmlNode* child = parent->children; child != nullptr; child = child->next) {
    if (child->type != XML_ELEMENT_NODE || child->ns == nullptr) continue;
    if (Equals(child->ns->href, space)) return child;
  }
  return nullptr;
}

void PutInSpace(xmlNode* node, xmlNs* space) {
  if (node->type == XML_ELEMENT_NODE) xmlSetNs(node, space);
  for (xmlNode* child = node->children; child != nullptr; child = child->next) {
    PutInSpace(child, space);
  }
}

}  // namespace

absl::StatusOr<DomainIdentity> ReadDomainIdentity(absl::string_view xml) {
  const absl::StatusOr<XmlDocument> document = ParseDomain(xml);
  if (!document.ok()) return document.status();
  xmlNode* root = xmlDocGetRootElement(document->get());
  DomainIdentity identity;
  identity.uuid = absl::AsciiStrToLower(TrimmedTextOf(FindChild(root, "uuid")));
  identity.name = TrimmedTextOf(FindChild(root, "name"));
  identity.has_nvram = FindChild(FindChild(root, "os"), "nvram") != nullptr;
  identity.is_trust_domain = AttributeOf(FindChild(root, "launchSecurity"), "type") == "tdx";
  return identity;
}

absl::StatusOr<std::string> ResolveDomainXml(absl::string_view xml,
                                             const DomainResolution& resolution) {
  const absl::StatusOr<XmlDocument> document = ParseDomain(xml);
  if (!document.ok()) return document.status();
  xmlNode* os = FindChild(xmlDocGetRootElement(document->get()), "os");
  xmlNode* type = FindChild(os, "type");
  if (AttributeOf(type, "machine") == "q35") {
    xmlSetProp(type, ToXml("machine"), ToXml(resolution.machine_type.c_str()));
  }
  if (AttributeOf(os, "firmware") != "efi") return Write(*document);
  if (RulesOutSecureBoot(os)) {
    return absl::FailedPreconditionError(
        "Unable to find 'efi' firmware that is compatible with the current configuration");
  }
  ResolveLoader(os, resolution);
  return Write(*document);
}

absl::StatusOr<std::string> LoaderPathOf(absl::string_view xml) {
  const absl::StatusOr<XmlDocument> document = ParseDomain(xml);
  if (!document.ok()) return document.status();
  const xmlNode* os = FindChild(xmlDocGetRootElement(document->get()), "os");
  return TrimmedTextOf(FindChild(os, "loader"));
}

absl::StatusOr<std::string> WithMetadata(absl::string_view xml, const DomainMetadata& metadata) {
  const absl::StatusOr<XmlDocument> document = ParseDomain(xml);
  if (!document.ok()) return document.status();
  const absl::StatusOr<XmlDocument> element = ParseXml(metadata.xml);
  if (!element.ok()) return element.status();
  xmlNode* parent = MetadataOf(**document);
  while (xmlNode* old = FindOfSpace(parent, metadata.space)) {
    xmlUnlinkNode(old);
    xmlFreeNode(old);
  }
  xmlNode* added = xmlDocCopyNode(xmlDocGetRootElement(element->get()), document->get(), 1);
  xmlAddChild(parent, added);
  PutInSpace(added, xmlNewNs(added, ToXml(metadata.space.c_str()), ToXml(metadata.prefix.c_str())));
  return Write(*document);
}

absl::StatusOr<std::string> MetadataIn(absl::string_view xml, absl::string_view space) {
  const absl::StatusOr<XmlDocument> document = ParseDomain(xml);
  if (!document.ok()) return document.status();
  xmlNode* metadata = FindChild(xmlDocGetRootElement(document->get()), "metadata");
  xmlNode* element = metadata == nullptr ? nullptr : FindOfSpace(metadata, space);
  if (element == nullptr) return std::string();
  PutInSpace(element, nullptr);
  return Write(*document, element);
}

absl::StatusOr<std::string> WithName(absl::string_view xml, const std::string& name) {
  const absl::StatusOr<XmlDocument> document = ParseDomain(xml);
  if (!document.ok()) return document.status();
  const XmlText escaped(xmlEncodeSpecialChars(document->get(), ToXml(name.c_str())));
  xmlNodeSetContent(FindChild(xmlDocGetRootElement(document->get()), "name"), escaped.get());
  return Write(*document);
}

}  // namespace ccplace
