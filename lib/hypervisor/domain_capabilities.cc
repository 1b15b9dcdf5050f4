#include "lib/hypervisor/domain_capabilities.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlreader.h>

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/xml/xml_document.h"

namespace ccplace {
namespace {

constexpr int kRootDepth = 0;
constexpr int kReaderOptions = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                               XML_PARSE_COMPACT | XML_PARSE_NOBLANKS;

struct FreeReader {
  void operator()(xmlTextReader* reader) const { xmlFreeTextReader(reader); }
};

Offer OfferOf(absl::string_view supported) {
  if (supported == "yes") return Offer::kYes;
  return supported == "no" ? Offer::kNo : Offer::kAbsent;
}

Offer OfferOfChild(const xmlNode* parent, const char* name) {
  const xmlNode* node = FindChild(parent, name);
  return node == nullptr ? Offer::kAbsent : OfferOf(AttributeOf(node, "supported"));
}

std::optional<uint64_t> NumberOfChild(const xmlNode* parent, const char* name) {
  const xmlNode* node = FindChild(parent, name);
  if (node == nullptr) return std::nullopt;
  return ParseDecimal(TextOf(node));
}

// Values of the list of that name; nothing: there is no such list.
std::optional<std::vector<std::string>> EnumOf(const xmlNode* parent, absl::string_view name) {
  std::optional<std::vector<std::string>> values;
  EachChild(parent, "enum", [&](const xmlNode* list) {
    if (AttributeOf(list, "name") != name) return;
    if (!values.has_value()) values.emplace();
    EachChild(list, "value", [&](const xmlNode* value) { values->push_back(TextOf(value)); });
  });
  return values;
}

Offer OfferIn(const std::optional<std::vector<std::string>>& values, absl::string_view wanted) {
  if (!values.has_value()) return Offer::kAbsent;
  const bool has_it = std::find(values->begin(), values->end(), wanted) != values->end();
  return has_it ? Offer::kYes : Offer::kNo;
}

void TakeFeatures(const xmlNode* features, DomainCapabilities& facts) {
  facts.tdx = OfferOfChild(features, "tdx");
  facts.sev = OfferOfChild(features, "sev");
  facts.launch_security = OfferOfChild(features, "launchSecurity");
  const xmlNode* sev = FindChild(features, "sev");
  facts.sev_max_guests = NumberOfChild(sev, "maxGuests");
  facts.sev_max_es_guests = NumberOfChild(sev, "maxESGuests");
  facts.sectypes =
      EnumOf(FindChild(features, "launchSecurity"), "sectype").value_or(std::vector<std::string>());
}

void TakeLoaders(const xmlNode* os, DomainCapabilities& facts) {
  const xmlNode* loader = FindChild(os, "loader");
  EachChild(loader, "value",
            [&facts](const xmlNode* value) { facts.loaders.push_back(TextOf(value)); });
  facts.secure_loader = OfferIn(EnumOf(loader, "secure"), "yes");
}

// Walks over the text once. What does not matter (nearly all of it: CPU models) is passed over
// without a tree being built. Not thread-safe.
class Walk {
 public:
  explicit Walk(absl::string_view xml)
      : reader_(xmlReaderForMemory(xml.data(), static_cast<int>(xml.size()), nullptr, nullptr,
                                   kReaderOptions)) {}

  absl::StatusOr<DomainCapabilities> Run() {
    xmlResetLastError();
    if (reader_ == nullptr) return absl::InternalError("libxml2 cannot make a reader");
    int more = xmlTextReaderRead(reader_.get());
    while (more == 1 && status_.ok()) more = TakeNode();
    if (!status_.ok()) return status_;
    if (more != 0) return Malformed();
    return facts_;
  }

 private:
  // Deals with the present node and moves on to the next: 1, or 0 at the end, or -1.
  int TakeNode() {
    const int type = xmlTextReaderNodeType(reader_.get());
    if (type == XML_READER_TYPE_DOCUMENT_TYPE) Refuse("it has a document type");
    if (type != XML_READER_TYPE_ELEMENT) return xmlTextReaderRead(reader_.get());
    const xmlChar* name = xmlTextReaderConstLocalName(reader_.get());
    const int depth = xmlTextReaderDepth(reader_.get());
    if (depth == kRootDepth) return TakeRoot(name);
    if (depth == kRootDepth + 1) return TakeSection(name);
    if (Equals(name, "mode")) TakeMode();
    return xmlTextReaderNext(reader_.get());
  }

  int TakeRoot(const xmlChar* name) {
    if (!Equals(name, "domainCapabilities")) Refuse("its root is not <domainCapabilities>");
    return xmlTextReaderRead(reader_.get());
  }

  int TakeSection(const xmlChar* name) {
    if (Equals(name, "cpu")) return xmlTextReaderRead(reader_.get());  // Into it.
    if (std::string* text = TextFor(name)) {
      if (const xmlNode* node = xmlTextReaderExpand(reader_.get())) *text = TextOf(node);
    } else if (const auto take = TakerFor(name)) {
      if (const xmlNode* node = xmlTextReaderExpand(reader_.get())) take(node, facts_);
    }
    return xmlTextReaderNext(reader_.get());
  }

  using Taker = void (*)(const xmlNode*, DomainCapabilities&);
  static Taker TakerFor(const xmlChar* name) {
    if (Equals(name, "os")) return TakeLoaders;
    return Equals(name, "features") ? TakeFeatures : nullptr;
  }

  std::string* TextFor(const xmlChar* name) {
    if (Equals(name, "path")) return &facts_.emulator;
    if (Equals(name, "domain")) return &facts_.virt_type;
    if (Equals(name, "machine")) return &facts_.machine;
    if (Equals(name, "arch")) return &facts_.architecture;
    return nullptr;
  }

  void TakeMode() {
    const auto attribute = [this](const char* name) {
      return StringOf(XmlText(xmlTextReaderGetAttribute(reader_.get(), ToXml(name))));
    };
    if (attribute("supported") == "yes") facts_.cpu_modes.push_back(attribute("name"));
  }

  void Refuse(absl::string_view why) {
    status_ = absl::InvalidArgumentError(
        absl::StrCat("these are no domain capabilities of libvirt's: ", why));
  }

  absl::Status Malformed() {
    const xmlError* error = xmlGetLastError();
    if (error == nullptr || error->message == nullptr) {
      Refuse("it is not well-formed XML");
    } else {
      Refuse(absl::StrCat("line ", error->line, ": ",
                          Printable(absl::StripSuffix(error->message, "\n"))));
    }
    return status_;
  }

  const std::unique_ptr<xmlTextReader, FreeReader> reader_;
  DomainCapabilities facts_;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<DomainCapabilities> ParseDomainCapabilities(absl::string_view xml) {
  if (xml.size() > kDomainCapabilitiesLimitBytes) {
    return absl::InvalidArgumentError(absl::StrCat("libvirt's domain capabilities have ",
                                                   xml.size(), " bytes; at most ",
                                                   kDomainCapabilitiesLimitBytes, " are read"));
  }
  xmlInitParser();
  return Walk(xml).Run();
}

}  // namespace ccplace
