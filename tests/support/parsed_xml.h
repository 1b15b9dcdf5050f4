// XML as libxml2 reads it, for tests that judge what others wrote.
#ifndef CCPLACE_TESTS_SUPPORT_PARSED_XML_H_
#define CCPLACE_TESTS_SUPPORT_PARSED_XML_H_

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include <memory>
#include <string>
#include <vector>

namespace ccplace {

struct FreeXml {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
  void operator()(xmlChar* text) const { xmlFree(text); }
  void operator()(xmlXPathContext* context) const { xmlXPathFreeContext(context); }
  void operator()(xmlXPathObject* object) const { xmlXPathFreeObject(object); }
};

// One document. Not thread-safe.
class ParsedXml {
 public:
  // `options` of libxml2's parser, on top of those that keep it quiet and off the network.
  explicit ParsedXml(const std::string& xml, int options = 0)
      : document_(xmlReadMemory(xml.data(), static_cast<int>(xml.size()), nullptr, nullptr,
                                options | XML_PARSE_NONET | XML_PARSE_NOERROR)),
        context_(xmlXPathNewContext(document_.get())) {
    xmlXPathRegisterNs(context_.get(), Xml("c"), Xml("urn:ccplace:domain:1"));
  }

  // Null: it does not parse.
  xmlDoc* get() const { return document_.get(); }

  // The strings that an XPath expression selects, in document order; "c" stands for this service's
  // metadata namespace. None of what does not parse.
  std::vector<std::string> Select(const std::string& xpath) const {
    std::vector<std::string> strings;
    if (get() == nullptr) return strings;
    const Owned<xmlXPathObject> found(xmlXPathEval(Xml(xpath.c_str()), context_.get()));
    if (found == nullptr || found->nodesetval == nullptr) return strings;
    for (int i = 0; i < found->nodesetval->nodeNr; ++i) {
      const Owned<xmlChar> text(xmlNodeGetContent(found->nodesetval->nodeTab[i]));
      strings.emplace_back(reinterpret_cast<const char*>(text.get()));
    }
    return strings;
  }

 private:
  template <typename T>
  using Owned = std::unique_ptr<T, FreeXml>;

  static const xmlChar* Xml(const char* text) { return reinterpret_cast<const xmlChar*>(text); }

  const Owned<xmlDoc> document_;
  const Owned<xmlXPathContext> context_;
};

}  // namespace ccplace

#endif  // CCPLACE_TESTS_SUPPORT_PARSED_XML_H_
