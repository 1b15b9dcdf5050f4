#include "lib/hypervisor/command_line.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace ccplace {
namespace {

using FlashNode = nlohmann::json;

// Takes one argument off `rest`, which begins with it. libvirt quotes with ' and, for ' itself,
// with a backslash; a backslash before a line's end joins two lines.
std::string TakeArgument(absl::string_view& rest) {
  std::string argument;
  bool quoted = false;
  size_t at = 0;
  for (; at < rest.size(); ++at) {
    const char c = rest[at];
    if (c == '\'') {
      quoted = !quoted;
    } else if (!quoted && absl::ascii_isspace(static_cast<unsigned char>(c))) {
      break;
    } else if (!quoted && c == '\\' && at + 1 < rest.size()) {
      if (rest[++at] != '\n') argument.push_back(rest[at]);
    } else {
      argument.push_back(c);
    }
  }
  rest.remove_prefix(at);
  return argument;
}

std::vector<std::string> ArgumentsOf(absl::string_view command_line) {
  std::vector<std::string> arguments;
  absl::string_view rest = absl::StripLeadingAsciiWhitespace(command_line);
  while (!rest.empty()) {
    arguments.push_back(TakeArgument(rest));
    rest = absl::StripLeadingAsciiWhitespace(rest);
  }
  return arguments;
}

// The file of a -blockdev that is the first flash; empty: it is another.
std::string FirstFlashOf(const std::string& blockdev) {
  const FlashNode node = FlashNode::parse(blockdev, nullptr, /*allow_exceptions=*/false);
  if (!node.is_object()) return "";
  const auto name = node.find("node-name");
  const auto file = node.find("filename");
  if (name == node.end() || file == node.end() || !file->is_string()) return "";
  return *name == "libvirt-pflash0-storage" ? file->get<std::string>() : "";
}

}  // namespace

absl::StatusOr<std::string> FirmwareOfCommandLine(absl::string_view command_line) {
  if (command_line.size() > kCommandLineLimitBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("QEMU's command line has ", command_line.size(), " bytes"));
  }
  const std::vector<std::string> arguments = ArgumentsOf(command_line);
  for (size_t i = 0; i + 1 < arguments.size(); ++i) {
    if (arguments[i] == "-bios") return arguments[i + 1];
    if (arguments[i] != "-blockdev") continue;
    std::string file = FirstFlashOf(arguments[i + 1]);
    if (!file.empty()) return file;
  }
  return absl::NotFoundError("QEMU's command line names no firmware");
}

}  // namespace ccplace
