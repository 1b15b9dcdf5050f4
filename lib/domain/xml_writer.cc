#include "lib/domain/xml_writer.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/xml/xml_document.h"

namespace ccplace {
namespace {

// A domain with a few disks and interfaces.
constexpr size_t kUsualBytes = 8192;

}  // namespace

bool IsXmlText(absl::string_view text) {
  if (!IsPrintable(text)) return false;
  // Both noncharacters begin with this byte, which few texts have.
  if (!absl::StrContains(text, '\xEF')) return true;
  return !absl::StrContains(text, "\xEF\xBF\xBE") && !absl::StrContains(text, "\xEF\xBF\xBF");
}

XmlWriter::XmlWriter() : buffer_(xmlBufferCreateSize(kUsualBytes)) {
  if (buffer_ != nullptr) writer_.reset(xmlNewTextWriterMemory(buffer_.get(), 0));
  if (writer_ == nullptr) status_ = absl::InternalError("libxml2 made no writer");
}

XmlWriter::~XmlWriter() = default;

void XmlWriter::Fail(const char* what) {
  status_ = absl::InternalError(absl::StrCat("libxml2 failed at ", what));
}

bool XmlWriter::IsWritable(absl::string_view text) {
  if (!status_.ok()) return false;
  if (IsXmlText(text)) return true;
  status_ = absl::InternalError(absl::StrCat(Quoted(text), " is not allowed in XML"));
  return false;
}

void XmlWriter::Raw(const char* own, int size) {
  if (status_.ok()) {
    Note(xmlTextWriterWriteRawLen(writer_.get(), ToXml(own), size), "the program's own text");
  }
}

// One write for each line; libxml2's own indentation takes one for each level of each.
void XmlWriter::BreakLine() {
  constexpr char kLine[] = "\n                                ";
  constexpr int kDeepest = (sizeof(kLine) - 2) / 2;
  Raw(kLine, 1 + 2 * std::min(depth_, kDeepest));
}

XmlWriter& XmlWriter::Start(const char* name) {
  if (depth_ > 0) BreakLine();
  if (status_.ok()) Note(xmlTextWriterStartElement(writer_.get(), ToXml(name)), name);
  ++depth_;
  has_element_ = false;
  return *this;
}

XmlWriter& XmlWriter::End() {
  --depth_;
  if (has_element_) BreakLine();
  if (status_.ok()) Note(xmlTextWriterEndElement(writer_.get()), "the end of an element");
  has_element_ = true;
  if (depth_ == 0) BreakLine();
  return *this;
}

XmlWriter& XmlWriter::OwnAttribute(const char* name, const char* value) {
  if (status_.ok())
    Note(xmlTextWriterWriteAttribute(writer_.get(), ToXml(name), ToXml(value)), name);
  return *this;
}

XmlWriter& XmlWriter::Attribute(const char* name, const std::string& value) {
  return IsWritable(value) ? OwnAttribute(name, value.c_str()) : *this;
}

XmlWriter& XmlWriter::Attribute(const char* name, uint64_t value) {
  return Attribute(name, absl::StrCat(value));
}

XmlWriter& XmlWriter::Text(const std::string& text) {
  if (IsWritable(text)) Note(xmlTextWriterWriteString(writer_.get(), ToXml(text.c_str())), "text");
  return *this;
}

XmlWriter& XmlWriter::TextElement(const char* name, const std::string& text) {
  return Start(name).Text(text).End();
}

absl::StatusOr<std::string> XmlWriter::Finish() {
  if (status_.ok()) Note(xmlTextWriterFlush(writer_.get()), "flushing");
  if (!status_.ok()) return status_;
  return std::string(reinterpret_cast<const char*>(xmlBufferContent(buffer_.get())),
                     static_cast<size_t>(xmlBufferLength(buffer_.get())));
}

}  // namespace ccplace
