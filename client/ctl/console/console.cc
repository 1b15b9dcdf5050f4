#include "client/ctl/console/console.h"

#include <locale.h>
#include <wchar.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/ctl/console/message_json.h"
#include "lib/base/text.h"

namespace ccplace::ctl {
namespace {

constexpr size_t kColumnGap = 2;
constexpr size_t kNarrowest = 20;

// Counts columns in the C.UTF-8 locale, independent of the program's own locale.
class Utf8Locale {
 public:
  Utf8Locale() : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (locale_ != nullptr) previous_ = uselocale(locale_);
  }
  ~Utf8Locale() {
    if (locale_ == nullptr) return;
    uselocale(previous_);
    freelocale(locale_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  const locale_t locale_;
  locale_t previous_ = nullptr;
};

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

// SGR parameters of ECMA-48.
absl::string_view ColourOf(Style style) {
  switch (style) {
    case Style::kGood:
      return "32";
    case Style::kBad:
      return "31";
    case Style::kDoubtful:
      return "33";
    case Style::kFaint:
      return "2";
    case Style::kStrong:
      return "1";
    case Style::kPlain:
      break;
  }
  return "";
}

std::vector<size_t> ColumnWidths(const std::vector<std::string>& headers,
                                 const std::vector<std::vector<Cell>>& rows) {
  std::vector<size_t> widths;
  for (const std::string& header : headers) widths.push_back(DisplayWidth(header));
  for (const std::vector<Cell>& row : rows) {
    for (size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(Printable(row[i].text, kSentenceLimit)));
    }
  }
  return widths;
}

}  // namespace

size_t DisplayWidth(absl::string_view text) {
  if (IsAscii(text)) return text.size();
  const Utf8Locale locale;
  mbstate_t state = {};
  size_t width = 0;
  while (!text.empty()) {
    wchar_t character = 0;
    const size_t length = mbrtowc(&character, text.data(), text.size(), &state);
    if (length == 0 || length > text.size()) return width + text.size();
    width += static_cast<size_t>(std::max(wcwidth(character), 0));
    text.remove_prefix(length);
  }
  return width;
}

std::string Console::Styled(absl::string_view text, Style style) const {
  const std::string printable = Printable(text, kSentenceLimit);
  const absl::string_view colour = ColourOf(style);
  if (!colours_ || colour.empty() || printable.empty()) return printable;
  return absl::StrCat("\x1b[", colour, "m", printable, "\x1b[0m");
}

void Console::Line(const std::vector<Cell>& pieces) {
  for (const Cell& piece : pieces) *out_ << Styled(piece.text, piece.style);
  *out_ << '\n';
}

void Console::Paragraph(absl::string_view text, size_t indent, Style style) {
  const std::string margin(indent, ' ');
  if (columns_ == 0) {
    *out_ << margin << Styled(text, style) << '\n';
    return;
  }
  const size_t room = columns_ > indent + kNarrowest ? columns_ - indent : std::string::npos;
  std::string line;
  const std::string printable = Printable(text, kSentenceLimit);
  for (absl::string_view word : absl::StrSplit(printable, ' ')) {
    if (!line.empty() && DisplayWidth(line) + 1 + DisplayWidth(word) > room) {
      *out_ << margin << Styled(line, style) << '\n';
      line.clear();
    }
    absl::StrAppend(&line, line.empty() ? "" : " ", word);
  }
  *out_ << margin << Styled(line, style) << '\n';
}

void Console::Lines(absl::string_view text) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!line.empty()) Line(line);
  }
}

void Console::Table(const std::vector<std::string>& headers,
                    const std::vector<std::vector<Cell>>& rows, size_t indent) {
  const std::vector<size_t> widths = ColumnWidths(headers, rows);
  std::vector<Cell> header;
  for (const std::string& text : headers) header.push_back({text, Style::kStrong});
  const auto print = [&](const std::vector<Cell>& row) {
    std::string line(indent, ' ');
    for (size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      absl::StrAppend(&line, Styled(row[i].text, row[i].style));
      const size_t width = DisplayWidth(Printable(row[i].text, kSentenceLimit));
      if (i + 1 < row.size()) line.append(widths[i] - width + kColumnGap, ' ');
    }
    *out_ << line << '\n';
  };
  print(header);
  for (const std::vector<Cell>& row : rows) print(row);
}

void Console::Json(const google::protobuf::Message& message, bool compact) {
  *out_ << MessageJson(message, compact) << '\n';
}

}  // namespace ccplace::ctl
