#include "tests/unit/domain/xml_oracle.h"

#include <libxml/c14n.h>
#include <libxml/relaxng.h>

#include <cstdarg>
#include <cstdio>
#include <memory>

#include "tests/support/parsed_xml.h"

namespace ccplace {
namespace {

struct Free : FreeXml {
  using FreeXml::operator();
  void operator()(xmlRelaxNG* schema) const { xmlRelaxNGFree(schema); }
  void operator()(xmlRelaxNGParserCtxt* parser) const { xmlRelaxNGFreeParserCtxt(parser); }
  void operator()(xmlRelaxNGValidCtxt* validator) const { xmlRelaxNGFreeValidCtxt(validator); }
};
template <typename T>
using XmlOwned = std::unique_ptr<T, Free>;

void Collect(void* faults, const char* format, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  *static_cast<std::string*>(faults) += line;
}

xmlRelaxNG* Schema() {
  static const XmlOwned<xmlRelaxNG> schema = [] {
    const XmlOwned<xmlRelaxNGParserCtxt> parser(
        xmlRelaxNGNewParserCtxt(CCPLACE_TEST_DATA "/libvirt-12.8-schemas/domain.rng"));
    return XmlOwned<xmlRelaxNG>(xmlRelaxNGParse(parser.get()));
  }();
  return schema.get();
}

}  // namespace

std::string CanonicalXml(const std::string& xml) {
  const ParsedXml document(xml, XML_PARSE_NOBLANKS);
  xmlChar* text = nullptr;
  if (document.get() == nullptr ||
      xmlC14NDocDumpMemory(document.get(), nullptr, XML_C14N_1_0, nullptr, 0, &text) < 0) {
    return std::string();
  }
  return reinterpret_cast<const char*>(XmlOwned<xmlChar>(text).get());
}

std::string SchemaFaults(const std::string& xml) {
  const ParsedXml document(xml);
  if (document.get() == nullptr) return "does not parse";
  if (Schema() == nullptr) return "no schema";
  const XmlOwned<xmlRelaxNGValidCtxt> validator(xmlRelaxNGNewValidCtxt(Schema()));
  std::string faults;
  xmlRelaxNGSetValidErrors(validator.get(), Collect, Collect, &faults);
  const int result = xmlRelaxNGValidateDoc(validator.get(), document.get());
  return result != 0 && faults.empty() ? "invalid" : faults;
}

std::vector<std::string> Select(const std::string& xml, const std::string& xpath) {
  const ParsedXml document(xml);
  if (document.get() == nullptr) return {"does not parse"};
  return document.Select(xpath);
}

}  // namespace ccplace
