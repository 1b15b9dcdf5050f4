#include "client/ctl/input/input_file.h"

#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/json_read.h"
#include "lib/base/text.h"

namespace ccplace::ctl {
namespace {

using nlohmann::json;

constexpr size_t kFileLimitBytes = size_t{512} << 20;
constexpr size_t kParserTextLimit = 512;

absl::StatusOr<std::string> ReadStream(std::istream& stream, const std::string& path) {
  std::string text;
  std::vector<char> buffer(1 << 20);
  while (stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) ||
         stream.gcount() > 0) {
    text.append(buffer.data(), static_cast<size_t>(stream.gcount()));
    if (text.size() > kFileLimitBytes) {
      return absl::OutOfRangeError(absl::StrCat(Quoted(path), " is over 512 MiB: split it"));
    }
  }
  if (stream.bad()) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", Quoted(path)));
  return text;
}

absl::Status TooDeep(const std::string& origin) {
  return absl::InvalidArgumentError(
      absl::StrCat(Quoted(origin), " is nested deeper than ", kJsonDepthLimit,
                   " levels: nothing that OpenStack's clients print is"));
}

// What the API's answers wrap flavors and images in: {"flavors": [...]}, {"image": {...}}.
json* WrappedIn(json& value) {
  if (!value.is_object() || value.contains("id") || value.contains("name")) return nullptr;
  for (const char* list : {"flavors", "images"}) {
    if (value.contains(list) && value[list].is_array()) return &value[list];
  }
  for (const char* one : {"flavor", "image"}) {
    if (value.contains(one) && value[one].is_object()) return &value[one];
  }
  return nullptr;
}

// Puts a top-level value, or what an array holds, into `out`.
void AddTopLevel(json value, std::vector<json>& out) {
  if (json* wrapped = WrappedIn(value)) return AddTopLevel(json(std::move(*wrapped)), out);
  if (!value.is_array()) {
    out.push_back(std::move(value));
    return;
  }
  for (json& element : value) out.push_back(std::move(element));
}

// What the OpenStack client prints without "-f json": a table, YAML, shell's or plain lines.
absl::string_view RemedyFor(absl::string_view text) {
  text = absl::StripLeadingAsciiWhitespace(text);
  const bool like_json = absl::StartsWith(text, "{") || absl::StartsWith(text, "[");
  return like_json ? "was it cut off?" : "write it with `-f json`, no other format is read";
}

}  // namespace

absl::StatusOr<std::string> ReadInput(const std::string& path, std::istream* in) {
  if (path == "-") return ReadStream(*in, "standard input");
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", Quoted(path)));
  return ReadStream(file, path);
}

absl::StatusOr<std::vector<json>> ParseJsonObjects(const std::string& text,
                                                   const std::string& origin) {
  std::vector<json> values;
  std::istringstream stream(text);
  try {
    while (stream >> std::ws && !stream.eof()) {
      json value;
      stream >> value;
      if (IsDeeperThan(value, kJsonDepthLimit)) return TooDeep(origin);
      AddTopLevel(std::move(value), values);
    }
  } catch (const json::exception& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(origin), " is not JSON: ", Printable(error.what(), kParserTextLimit),
                     "; ", RemedyFor(text)));
  }
  if (values.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(origin), " holds nothing: was the command that wrote it successful?"));
  }
  return values;
}

absl::StatusOr<std::vector<json>> ReadJsonObjects(const std::string& path, std::istream* in) {
  absl::StatusOr<std::string> text = ReadInput(path, in);
  if (!text.ok()) return text.status();
  return ParseJsonObjects(*text, path);
}

}  // namespace ccplace::ctl
