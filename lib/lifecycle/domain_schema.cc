#include "lib/lifecycle/domain_schema.h"

#include <libxml/relaxng.h>
#include <libxml/tree.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <memory>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/text.h"
#include "lib/xml/xml_document.h"

namespace ccplace {
namespace {

constexpr size_t kSchemaFileLimit = size_t{1} * 1024 * 1024;
constexpr size_t kMostSchemaFiles = 16;
constexpr size_t kMostFaults = 8;
constexpr size_t kFaultLimit = 512;

struct FreeRelaxNg {
  void operator()(xmlRelaxNG* schema) const { xmlRelaxNGFree(schema); }
  void operator()(xmlRelaxNGParserCtxt* parser) const { xmlRelaxNGFreeParserCtxt(parser); }
  void operator()(xmlRelaxNGValidCtxt* validator) const { xmlRelaxNGFreeValidCtxt(validator); }
};
template <typename Object>
using RelaxNgOwned = std::unique_ptr<Object, FreeRelaxNg>;

// Grammars that include each other made one, without libxml2 opening a file: what a grammar
// includes is put in its place, each file once.
class SchemaMerger {
 public:
  explicit SchemaMerger(const HostFiles& files) : files_(files) {}

  absl::StatusOr<XmlDocument> Merge(const std::string& path) {
    absl::StatusOr<XmlDocument> document = Read(path);
    if (!document.ok()) return document.status();
    const absl::Status status = Include(*xmlDocGetRootElement(document->get()), FolderOf(path));
    if (!status.ok()) return status;
    return document;
  }

 private:
  static std::string FolderOf(const std::string& path) {
    return path.substr(0, path.rfind('/') + 1);
  }

  absl::StatusOr<XmlDocument> Read(const std::string& path) {
    if (!read_.insert(path).second || read_.size() > kMostSchemaFiles) {
      return absl::OutOfRangeError("the schema includes a file twice, or too many");
    }
    const absl::StatusOr<std::string> content = files_.ReadFile(path, kSchemaFileLimit);
    if (!content.ok()) return content.status();
    return ParseXml(*content);
  }

  absl::Status Include(xmlNode& grammar, const std::string& folder) {
    for (xmlNode* node = grammar.children; node != nullptr;) {
      xmlNode* next = node->next;
      if (node->type == XML_ELEMENT_NODE && Equals(node->name, "include")) {
        const absl::Status status = Replace(*node, folder);
        if (!status.ok()) return status;
      }
      node = next;
    }
    return absl::OkStatus();
  }

  // A <div> in a grammar holds what another one would (RELAX NG, 4.17): the included grammar, with
  // its data types.
  absl::Status Replace(xmlNode& include, const std::string& folder) {
    const absl::StatusOr<XmlDocument> document =
        Merge(absl::StrCat(folder, AttributeOf(&include, "href")));
    if (!document.ok()) return document.status();
    xmlNode* copy = xmlDocCopyNode(xmlDocGetRootElement(document->get()), include.doc, 1);
    if (copy == nullptr) return absl::InternalError("libxml2 could not copy a grammar");
    xmlNodeSetName(copy, ToXml("div"));
    xmlReplaceNode(&include, copy);
    xmlFreeNode(&include);
    return absl::OkStatus();
  }

  const HostFiles& files_;
  std::set<std::string> read_;
};

// libxml2 reports one fault in several calls.
__attribute__((format(printf, 2, 3))) void TakeFault(void* context, const char* format, ...) {
  auto& faults = *static_cast<std::vector<std::string>*>(context);
  std::string text(kFaultLimit, '\0');
  va_list arguments;
  va_start(arguments, format);
  const int size = std::vsnprintf(text.data(), text.size(), format, arguments);
  va_end(arguments);
  if (size < 0 || faults.size() == kMostFaults) return;
  text.resize(std::min(text.size() - 1, static_cast<size_t>(size)));
  faults.push_back(Printable(absl::StripAsciiWhitespace(text), kFaultLimit));
}

void DropFault(void* /*context*/, const char* /*format*/, ...) {}

RelaxNgOwned<xmlRelaxNG> ParseSchema(xmlDoc& document) {
  const RelaxNgOwned<xmlRelaxNGParserCtxt> parser(xmlRelaxNGNewDocParserCtxt(&document));
  if (parser == nullptr) return nullptr;
  xmlRelaxNGSetParserErrors(parser.get(), DropFault, DropFault, nullptr);
  return RelaxNgOwned<xmlRelaxNG>(xmlRelaxNGParse(parser.get()));
}

}  // namespace

absl::Status CheckAgainstSchema(const HostFiles& files, const std::string& xml) {
  const absl::StatusOr<XmlDocument> merged = SchemaMerger(files).Merge(kDomainSchema);
  const absl::StatusOr<XmlDocument> document = ParseXml(xml);
  if (!document.ok()) return absl::InternalError(document.status().message());
  const RelaxNgOwned<xmlRelaxNG> schema = merged.ok() ? ParseSchema(**merged) : nullptr;
  if (schema == nullptr) return absl::OkStatus();
  const RelaxNgOwned<xmlRelaxNGValidCtxt> validator(xmlRelaxNGNewValidCtxt(schema.get()));
  if (validator == nullptr) return absl::OkStatus();
  std::vector<std::string> faults;
  xmlRelaxNGSetValidErrors(validator.get(), TakeFault, TakeFault, &faults);
  if (xmlRelaxNGValidateDoc(validator.get(), document->get()) <= 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "libvirt's schema: XML document failed to validate against schema: Unable to validate doc "
      "against ",
      kDomainSchema, ": ", absl::StrJoin(faults, "; ")));
}

}  // namespace ccplace
