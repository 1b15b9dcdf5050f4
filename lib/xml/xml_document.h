// XML that others wrote, read without trust. Thread-safe for documents that no two threads share.
#ifndef CCPLACE_LIB_XML_XML_DOCUMENT_H_
#define CCPLACE_LIB_XML_XML_DOCUMENT_H_

#include <libxml/tree.h>

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// Largest document that is read, in bytes: the longest string libvirt's own protocol carries
// (REMOTE_STRING_MAX, libvirt src/remote/remote_protocol.x).
inline constexpr size_t kXmlLimitBytes = 4194304;

struct XmlDocumentDeleter {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
using XmlDocument = std::unique_ptr<xmlDoc, XmlDocumentDeleter>;

// Text of libxml2's that its receiver frees.
struct XmlTextDeleter {
  void operator()(xmlChar* text) const { xmlFree(text); }
};
using XmlText = std::unique_ptr<xmlChar, XmlTextDeleter>;

// libxml2's text type: UTF-8 that ends with a null byte, as `text` must be.
inline const xmlChar* ToXml(const char* text) { return reinterpret_cast<const xmlChar*>(text); }

// Whether they are the same; `text` may be null.
bool Equals(const xmlChar* text, absl::string_view expected);

// A copy; empty when `text` is null.
std::string StringOf(const XmlText& text);

// What a document is parsed for. kToRead: it may not be changed, and white space alone before an
// element, a comment or a CDATA section is left out, which in libvirt's XML is every second node.
enum class XmlUse { kToRead, kToChange };

// Parses `xml`: no document type (and so no entities of its own), no network, at most
// kXmlLimitBytes, nested at most as deep as libxml2 allows by default (256). INVALID_ARGUMENT for
// anything else.
absl::StatusOr<XmlDocument> ParseXml(absl::string_view xml, XmlUse use = XmlUse::kToChange);

// The first element below `parent` of that name, in no namespace or in `space`; null when there is
// none. `parent` may be null.
const xmlNode* FindChild(const xmlNode* parent, absl::string_view name,
                         absl::string_view space = "");
xmlNode* FindChild(xmlNode* parent, absl::string_view name, absl::string_view space = "");

// Calls `take` with each element of that name right below `parent`, which may be null.
template <typename Take>
void EachChild(const xmlNode* parent, absl::string_view name, const Take& take) {
  const xmlNode* child = parent == nullptr ? nullptr : parent->children;
  for (; child != nullptr; child = child->next) {
    if (child->type == XML_ELEMENT_NODE && Equals(child->name, name)) take(child);
  }
}

// The text of an element; empty when `node` is null.
std::string TextOf(const xmlNode* node);

// The value of an attribute in no namespace; empty when `node` is null or has none.
std::string AttributeOf(const xmlNode* node, const char* name);

}  // namespace ccplace

#endif  // CCPLACE_LIB_XML_XML_DOCUMENT_H_
