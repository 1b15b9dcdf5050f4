#include "lib/domain/xml_writer.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

const xmlChar* Xml(const char* text) { return reinterpret_cast<const xmlChar*>(text); }

}  // namespace

bool IsXmlText(absl::string_view text) {
  if (!IsPrintable(text)) return false;
  // Both noncharacters begin with this byte, which few texts have.
  if (!absl::StrContains(text, '\xEF')) return true;
  return !absl::StrContains(text, "\xEF\xBF\xBE") && !absl::StrContains(text, "\xEF\xBF\xBF");
}

XmlWriter::XmlWriter() : buffer_(xmlBufferCreate()) {
  if (buffer_ != nullptr) writer_.reset(xmlNewTextWriterMemory(buffer_.get(), 0));
  if (writer_ == nullptr) {
    status_ = absl::InternalError("libxml2 made no writer");
    return;
  }
  Note(xmlTextWriterSetIndent(writer_.get(), 1), "indentation");
  Note(xmlTextWriterSetIndentString(writer_.get(), Xml("  ")), "indentation");
}

XmlWriter::~XmlWriter() = default;

void XmlWriter::Note(int result, absl::string_view what) {
  if (result < 0) status_ = absl::InternalError(absl::StrCat("libxml2 failed at ", what));
}

bool XmlWriter::IsWritable(absl::string_view text) {
  if (!status_.ok()) return false;
  if (IsXmlText(text)) return true;
  status_ = absl::InternalError(absl::StrCat(Quoted(text), " cannot stand in XML"));
  return false;
}

XmlWriter& XmlWriter::Start(const char* name) {
  if (status_.ok()) Note(xmlTextWriterStartElement(writer_.get(), Xml(name)), name);
  return *this;
}

XmlWriter& XmlWriter::End() {
  if (status_.ok()) Note(xmlTextWriterEndElement(writer_.get()), "the end of an element");
  return *this;
}

XmlWriter& XmlWriter::Attribute(const char* name, const std::string& value) {
  if (IsWritable(value)) {
    Note(xmlTextWriterWriteAttribute(writer_.get(), Xml(name), Xml(value.c_str())), name);
  }
  return *this;
}

XmlWriter& XmlWriter::Attribute(const char* name, uint64_t value) {
  return Attribute(name, absl::StrCat(value));
}

XmlWriter& XmlWriter::Text(const std::string& text) {
  if (IsWritable(text)) Note(xmlTextWriterWriteString(writer_.get(), Xml(text.c_str())), "text");
  return *this;
}

XmlWriter& XmlWriter::TextElement(const char* name, const std::string& text) {
  return Start(name).Text(text).End();
}

XmlWriter& XmlWriter::Element(const char* name, const char* attribute, const std::string& value) {
  return Start(name).Attribute(attribute, value).End();
}

XmlWriter& XmlWriter::Element(const char* name, const char* attribute1, const std::string& value1,
                              const char* attribute2, const std::string& value2) {
  return Start(name).Attribute(attribute1, value1).Attribute(attribute2, value2).End();
}

absl::StatusOr<std::string> XmlWriter::Finish() {
  if (status_.ok()) Note(xmlTextWriterFlush(writer_.get()), "flushing");
  if (!status_.ok()) return status_;
  return std::string(reinterpret_cast<const char*>(xmlBufferContent(buffer_.get())),
                     static_cast<size_t>(xmlBufferLength(buffer_.get())));
}

}  // namespace ccplace
