// What ccplacectl prints, and how: every string made printable, colours where they are welcome.
#ifndef CCPLACE_CLIENT_CTL_CONSOLE_CONSOLE_H_
#define CCPLACE_CLIENT_CTL_CONSOLE_CONSOLE_H_

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace ccplace::ctl {

// Longest sentence printed whole, in bytes: foreign text goes no further.
inline constexpr size_t kSentenceLimit = 4096;

// What a piece of text means; a terminal shows it as colour.
enum class Style { kPlain, kGood, kBad, kDoubtful, kFaint, kStrong };

// A piece of text with its meaning.
struct Cell {
  std::string text;
  Style style = Style::kPlain;
};

// Columns that a terminal needs for `text`, which must be printable UTF-8: wide characters count
// twice, combining ones not at all (wcwidth(3) of the C.UTF-8 locale).
size_t DisplayWidth(absl::string_view text);

// One output stream. Not thread-safe. Nothing that is given to it reaches the stream unescaped.
class Console {
 public:
  // `out` must outlive the console. `columns`: the terminal's width, 0 for no terminal, where
  // nothing is wrapped.
  Console(std::ostream* out, bool colours, size_t columns)
      : out_(out), colours_(colours), columns_(columns) {}

  // One line, made of pieces put side by side.
  void Line(const std::vector<Cell>& pieces);
  void Line(absl::string_view text) { Line({{std::string(text), Style::kPlain}}); }
  void EmptyLine() { *out_ << '\n'; }

  // A sentence behind `indent` spaces, wrapped at the terminal's width.
  void Paragraph(absl::string_view text, size_t indent, Style style = Style::kPlain);

  // Text of several lines (XML, as libvirt prints it): line by line.
  void Lines(absl::string_view text);

  // Rows under headers, each column as wide as its widest cell, behind `indent` spaces.
  void Table(const std::vector<std::string>& headers, const std::vector<std::vector<Cell>>& rows,
             size_t indent = 0);

  // `message` as protobuf JSON with the names of the proto files, fields at their zero value
  // included; `compact` on one line. Control characters that JSON lets pass are escaped.
  void Json(const google::protobuf::Message& message, bool compact = false);

  // Bytes that are printable already, as they are.
  void Raw(absl::string_view text) { *out_ << text; }
  // Flushes the stream. False: what was written so far could not be delivered.
  bool Flush() { return static_cast<bool>(out_->flush()); }

  // Whether all went well so far, without waiting for the stream.
  bool Good() const { return static_cast<bool>(*out_); }

  bool terminal() const { return columns_ > 0; }

 private:
  std::string Styled(absl::string_view text, Style style) const;

  std::ostream* const out_;
  const bool colours_;
  const size_t columns_;
};

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_CONSOLE_CONSOLE_H_
