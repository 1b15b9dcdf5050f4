#include "lib/hypervisor/definition_xml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <limits>
#include <memory>

#include "absl/strings/ascii.h"

namespace ccplace {
namespace {

struct FreeDocument {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
using Document = std::unique_ptr<xmlDoc, FreeDocument>;

struct FreeText {
  void operator()(xmlChar* text) const { xmlFree(text); }
};
using Text = std::unique_ptr<xmlChar, FreeText>;

struct FreeBuffer {
  void operator()(xmlBuffer* buffer) const { xmlBufferFree(buffer); }
};
using Buffer = std::unique_ptr<xmlBuffer, FreeBuffer>;

const xmlChar* Xml(const char* text) { return reinterpret_cast<const xmlChar*>(text); }

std::string StringOf(const Text& text) {
  return text == nullptr ? "" : reinterpret_cast<const char*>(text.get());
}

std::string TextOf(const xmlNode* node) {
  if (node == nullptr) return "";
  return std::string(absl::StripAsciiWhitespace(StringOf(Text(xmlNodeGetContent(node)))));
}

std::string AttributeOf(xmlNode* node, const char* name) {
  return node == nullptr ? "" : StringOf(Text(xmlGetNoNsProp(node, Xml(name))));
}

xmlNode* Child(xmlNode* parent, const char* name) {
  xmlNode* node = parent == nullptr ? nullptr : xmlFirstElementChild(parent);
  while (node != nullptr && xmlStrEqual(node->name, Xml(name)) == 0) {
    node = xmlNextElementSibling(node);
  }
  return node;
}

absl::StatusOr<Document> Parse(absl::string_view xml) {
  constexpr int kOptions = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
  if (xml.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return absl::InvalidArgumentError("the domain's XML is over 2 GiB");
  }
  Document document(
      xmlReadMemory(xml.data(), static_cast<int>(xml.size()), nullptr, nullptr, kOptions));
  xmlNode* root = document == nullptr ? nullptr : xmlDocGetRootElement(document.get());
  if (root == nullptr || xmlStrEqual(root->name, Xml("domain")) == 0) {
    return absl::InvalidArgumentError("the XML is no well-formed <domain>");
  }
  if (TextOf(Child(root, "name")).empty()) {
    return absl::InvalidArgumentError("<domain> has no <name>");
  }
  return document;
}

void ResolveLoader(xmlNode* os, const DomainResolution& resolution) {
  xmlNode* loader = Child(os, "loader");
  if (AttributeOf(loader, "stateless") != "yes" || !TextOf(loader).empty()) return;
  xmlSetProp(loader, Xml("type"), Xml("rom"));
  xmlSetProp(loader, Xml("format"), Xml("raw"));
  const Text escaped(xmlEncodeSpecialChars(loader->doc, Xml(resolution.firmware_path.c_str())));
  xmlNodeSetContent(loader, escaped.get());
}

}  // namespace

absl::StatusOr<DomainIdentity> ReadDomainIdentity(absl::string_view xml) {
  const absl::StatusOr<Document> document = Parse(xml);
  if (!document.ok()) return document.status();
  xmlNode* root = xmlDocGetRootElement(document->get());
  DomainIdentity identity;
  identity.uuid = absl::AsciiStrToLower(TextOf(Child(root, "uuid")));
  identity.name = TextOf(Child(root, "name"));
  identity.has_nvram = Child(Child(root, "os"), "nvram") != nullptr;
  identity.is_trust_domain = AttributeOf(Child(root, "launchSecurity"), "type") == "tdx";
  return identity;
}

absl::StatusOr<std::string> ResolveDomainXml(absl::string_view xml,
                                             const DomainResolution& resolution) {
  const absl::StatusOr<Document> document = Parse(xml);
  if (!document.ok()) return document.status();
  xmlNode* os = Child(xmlDocGetRootElement(document->get()), "os");
  xmlNode* type = Child(os, "type");
  if (AttributeOf(type, "machine") == "q35") {
    xmlSetProp(type, Xml("machine"), Xml(resolution.machine_type.c_str()));
  }
  if (AttributeOf(os, "firmware") == "efi") ResolveLoader(os, resolution);
  const Buffer buffer(xmlBufferCreate());
  xmlNode* root = xmlDocGetRootElement(document->get());
  if (buffer == nullptr || xmlNodeDump(buffer.get(), document->get(), root, 0, 0) < 0) {
    return absl::InternalError("libxml2 could not write the domain's XML");
  }
  return std::string(reinterpret_cast<const char*>(xmlBufferContent(buffer.get())));
}

}  // namespace ccplace
