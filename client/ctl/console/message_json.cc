#include "client/ctl/console/message_json.h"

#include <google/protobuf/stubs/common.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/base/text.h"

namespace ccplace::ctl {
namespace {

constexpr size_t kJsonErrorBytes = 512;

}  // namespace

std::string EscapeControls(absl::string_view text) {
  const auto may_begin_one = [](char c) { return c == '\x7F' || c == '\xC2'; };
  if (std::none_of(text.begin(), text.end(), may_begin_one)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const unsigned char next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    if (byte == 0x7F) {
      out += "\\u007f";
    } else if (byte == 0xC2 && next >= 0x80 && next <= 0x9F) {
      // U+0080 to U+009F are C2 80 to C2 9F in UTF-8 (RFC 3629).
      absl::StrAppend(&out, absl::StrFormat("\\u00%02x", next));
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string MessageJson(const google::protobuf::Message& message, bool compact) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = !compact;
#if GOOGLE_PROTOBUF_VERSION >= 5026000  // By its newer name, from protobuf 26 on.
  options.always_print_fields_with_no_presence = true;
#else
  options.always_print_primitive_fields = true;
#endif
  options.preserve_proto_field_names = true;
  std::string json;
  // Fails only on a malformed Any, of which the contract has none.
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) return "{}";
  return EscapeControls(absl::StripTrailingAsciiWhitespace(json));
}

absl::Status ParseMessageJson(absl::string_view json, google::protobuf::Message& message) {
  const auto parsed = google::protobuf::util::JsonStringToMessage(
      {json.data(), json.size()}, &message, google::protobuf::util::JsonParseOptions());
  if (parsed.ok()) return absl::OkStatus();
  // Several lines: what is wrong, the place, and a mark under it.
  std::string words(parsed.message().data(), parsed.message().size());
  std::replace(words.begin(), words.end(), '\n', ' ');
  absl::RemoveExtraAsciiWhitespace(&words);
  return absl::InvalidArgumentError(absl::StrCat("not the JSON of a ",
                                                 message.GetDescriptor()->name(), ": ",
                                                 Printable(words, kJsonErrorBytes)));
}

}  // namespace ccplace::ctl
