// XML written through libxml2, element by element.
#ifndef CCPLACE_LIB_DOMAIN_XML_WRITER_H_
#define CCPLACE_LIB_DOMAIN_XML_WRITER_H_

#include <libxml/tree.h>
#include <libxml/xmlwriter.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// Whether XML 1.0 can hold `text` and give it back unchanged: printable UTF-8 without the
// noncharacters U+FFFE and U+FFFF (XML 1.0, production 2, Char).
bool IsXmlText(absl::string_view text);

// One document under way. Names are the program's own, text is anybody's and is escaped by
// libxml2. The first failure is kept, makes every later call do nothing, and is what Finish
// answers. Not thread-safe.
class XmlWriter {
 public:
  XmlWriter();
  ~XmlWriter();
  XmlWriter(const XmlWriter&) = delete;
  XmlWriter& operator=(const XmlWriter&) = delete;

  // Opens an element; End closes the one opened last.
  XmlWriter& Start(const char* name);
  XmlWriter& End();

  // Adds to the element opened last; attributes before text.
  XmlWriter& Attribute(const char* name, const std::string& value);
  XmlWriter& Attribute(const char* name, uint64_t value);
  template <size_t size>
  XmlWriter& Attribute(const char* name, const char (&own)[size]) {  // The program's own text.
    return OwnAttribute(name, own);
  }
  XmlWriter& Text(const std::string& text);

  // An element with text alone, or with one or two attributes alone.
  XmlWriter& TextElement(const char* name, const std::string& text);
  template <typename Value>
  XmlWriter& Element(const char* name, const char* attribute, const Value& value) {
    return Start(name).Attribute(attribute, value).End();
  }
  template <typename Value1, typename Value2>
  XmlWriter& Element(const char* name, const char* attribute1, const Value1& value1,
                     const char* attribute2, const Value2& value2) {
    return Start(name).Attribute(attribute1, value1).Attribute(attribute2, value2).End();
  }

  // Whole elements that are the program's own, unchanged. If they span several lines, each but the
  // first has its indentation. One write, where single elements take several.
  template <size_t size>
  XmlWriter& Own(const char (&elements)[size]) {
    BreakLine();
    Raw(elements, static_cast<int>(size) - 1);
    has_element_ = true;
    return *this;
  }

  // The document, once every element is closed. INTERNAL when anything failed.
  absl::StatusOr<std::string> Finish();

 private:
  struct BufferDeleter {
    void operator()(xmlBuffer* buffer) const { xmlBufferFree(buffer); }
  };
  struct WriterDeleter {
    void operator()(xmlTextWriter* writer) const { xmlFreeTextWriter(writer); }
  };

  // Inline: it follows each call of libxml2.
  void Note(int result, const char* what) {
    if (result < 0) Fail(what);
  }
  void Fail(const char* what);
  void Raw(const char* own, int size);
  void BreakLine();
  XmlWriter& OwnAttribute(const char* name, const char* value);
  bool IsWritable(absl::string_view text);

  std::unique_ptr<xmlBuffer, BufferDeleter> buffer_;
  std::unique_ptr<xmlTextWriter, WriterDeleter> writer_;  // Writes into buffer_.
  absl::Status status_;
  int depth_ = 0;             // Elements that are open.
  bool has_element_ = false;  // The one opened last holds another.
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_DOMAIN_XML_WRITER_H_
