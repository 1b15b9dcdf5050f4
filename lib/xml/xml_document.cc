#include "lib/xml/xml_document.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

struct ParserDeleter {
  void operator()(xmlParserCtxt* parser) const { xmlFreeParserCtxt(parser); }
};
using Parser = std::unique_ptr<xmlParserCtxt, ParserDeleter>;

// Stops at a document type before anything in it is read: libvirt writes none, and entities are
// what makes XML dangerous.
void RefuseDocumentType(void* parser, const xmlChar*, const xmlChar*, const xmlChar*) {
  xmlStopParser(static_cast<xmlParserCtxt*>(parser));
}

bool IsIn(const xmlNs* space, absl::string_view expected) {
  return space == nullptr ? expected.empty() : Equals(space->href, expected);
}

absl::Status ParseError(xmlParserCtxt* parser) {
  const xmlError* error = xmlCtxtGetLastError(parser);
  if (error == nullptr || error->message == nullptr) {
    return absl::InvalidArgumentError("not well-formed XML, or XML with a document type");
  }
  return absl::InvalidArgumentError(
      absl::StrCat("not well-formed XML: line ", error->line, ": ",
                   Printable(absl::StripAsciiWhitespace(error->message))));
}

}  // namespace

bool Equals(const xmlChar* text, absl::string_view expected) {
  return text != nullptr && absl::string_view(reinterpret_cast<const char*>(text)) == expected;
}

std::string StringOf(const XmlText& text) {
  return text == nullptr ? std::string() : reinterpret_cast<const char*>(text.get());
}

absl::StatusOr<XmlDocument> ParseXml(absl::string_view xml, XmlUse use) {
  if (xml.size() > kXmlLimitBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("XML of ", xml.size(), " bytes; at most ", kXmlLimitBytes, " are read"));
  }
  const Parser parser(xmlNewParserCtxt());
  if (parser == nullptr) return absl::InternalError("libxml2 made no parser");
  parser->sax->internalSubset = RefuseDocumentType;
  const int lighter = use == XmlUse::kToRead ? XML_PARSE_NOBLANKS | XML_PARSE_COMPACT : 0;
  XmlDocument document(xmlCtxtReadMemory(
      parser.get(), xml.data(), static_cast<int>(xml.size()), nullptr, nullptr,
      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA | lighter));
  if (document == nullptr || xmlDocGetRootElement(document.get()) == nullptr) {
    return ParseError(parser.get());
  }
  return document;
}

const xmlNode* FindChild(const xmlNode* parent, absl::string_view name, absl::string_view space) {
  if (parent == nullptr) return nullptr;
  for (const xmlNode* child = parent->children; child != nullptr; child = child->next) {
    if (child->type == XML_ELEMENT_NODE && Equals(child->name, name) && IsIn(child->ns, space)) {
      return child;
    }
  }
  return nullptr;
}

xmlNode* FindChild(xmlNode* parent, absl::string_view name, absl::string_view space) {
  return const_cast<xmlNode*>(FindChild(static_cast<const xmlNode*>(parent), name, space));
}

std::string TextOf(const xmlNode* node) {
  return node == nullptr ? std::string() : StringOf(XmlText(xmlNodeGetContent(node)));
}

std::string AttributeOf(const xmlNode* node, const char* name) {
  return node == nullptr ? std::string() : StringOf(XmlText(xmlGetNoNsProp(node, ToXml(name))));
}

}  // namespace ccplace
