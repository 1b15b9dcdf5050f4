#include "tests/unit/domain/xml_oracle.h"

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include <cstdarg>
#include <cstdio>
#include <memory>

namespace ccplace {
namespace {

const xmlChar* Xml(const char* text) { return reinterpret_cast<const xmlChar*>(text); }

struct Free {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
  void operator()(xmlChar* text) const { xmlFree(text); }
  void operator()(xmlRelaxNG* schema) const { xmlRelaxNGFree(schema); }
  void operator()(xmlRelaxNGParserCtxt* parser) const { xmlRelaxNGFreeParserCtxt(parser); }
  void operator()(xmlRelaxNGValidCtxt* validator) const { xmlRelaxNGFreeValidCtxt(validator); }
  void operator()(xmlXPathContext* context) const { xmlXPathFreeContext(context); }
  void operator()(xmlXPathObject* object) const { xmlXPathFreeObject(object); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

Owned<xmlDoc> Parse(const std::string& xml, int options) {
  return Owned<xmlDoc>(xmlReadMemory(xml.data(), static_cast<int>(xml.size()), nullptr, nullptr,
                                     options | XML_PARSE_NONET | XML_PARSE_NOERROR));
}

void Collect(void* faults, const char* format, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  *static_cast<std::string*>(faults) += line;
}

xmlRelaxNG* Schema() {
  static const Owned<xmlRelaxNG> schema = [] {
    const Owned<xmlRelaxNGParserCtxt> parser(
        xmlRelaxNGNewParserCtxt(CCPLACE_TEST_DATA "/libvirt-12.8-schemas/domain.rng"));
    return Owned<xmlRelaxNG>(xmlRelaxNGParse(parser.get()));
  }();
  return schema.get();
}

}  // namespace

std::string CanonicalXml(const std::string& xml) {
  const Owned<xmlDoc> document = Parse(xml, XML_PARSE_NOBLANKS);
  xmlChar* text = nullptr;
  if (document == nullptr ||
      xmlC14NDocDumpMemory(document.get(), nullptr, XML_C14N_1_0, nullptr, 0, &text) < 0) {
    return std::string();
  }
  return reinterpret_cast<const char*>(Owned<xmlChar>(text).get());
}

std::string SchemaFaults(const std::string& xml) {
  const Owned<xmlDoc> document = Parse(xml, 0);
  if (document == nullptr) return "does not parse";
  if (Schema() == nullptr) return "no schema";
  const Owned<xmlRelaxNGValidCtxt> validator(xmlRelaxNGNewValidCtxt(Schema()));
  std::string faults;
  xmlRelaxNGSetValidErrors(validator.get(), Collect, Collect, &faults);
  const int result = xmlRelaxNGValidateDoc(validator.get(), document.get());
  return result != 0 && faults.empty() ? "invalid" : faults;
}

std::vector<std::string> Select(const std::string& xml, const std::string& xpath) {
  const Owned<xmlDoc> document = Parse(xml, 0);
  if (document == nullptr) return {"does not parse"};
  const Owned<xmlXPathContext> context(xmlXPathNewContext(document.get()));
  xmlXPathRegisterNs(context.get(), Xml("c"), Xml("urn:ccplace:domain:1"));
  const Owned<xmlXPathObject> found(xmlXPathEvalExpression(Xml(xpath.c_str()), context.get()));
  std::vector<std::string> strings;
  if (found == nullptr || found->nodesetval == nullptr) return strings;
  for (int i = 0; i < found->nodesetval->nodeNr; ++i) {
    const Owned<xmlChar> text(xmlNodeGetContent(found->nodesetval->nodeTab[i]));
    strings.push_back(reinterpret_cast<const char*>(text.get()));
  }
  return strings;
}

}  // namespace ccplace
