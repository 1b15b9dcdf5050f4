#include "lib/observability/command_line.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

// Asked about what group_of answered: only other libraries' flags are still under a path.
bool IsOwn(absl::string_view file) { return !absl::StrContains(file, '/'); }

// Flags that ask for a text instead of the program's work.
constexpr std::array<absl::string_view, 6> kTextFlags = {"help",      "helpfull",    "helpmatch",
                                                         "helpshort", "helppackage", "version"};

bool AsksForText(absl::string_view argument) {
  if (!absl::ConsumePrefix(&argument, "-")) return false;
  absl::ConsumePrefix(&argument, "-");
  const absl::string_view name = argument.substr(0, argument.find('='));
  return std::find(kTextFlags.begin(), kTextFlags.end(), name) != kTextFlags.end();
}

// What is parsed: all of the command line, or the one flag that asks for a text.
std::vector<char*> ToParse(int argc, char** argv) {
  for (int i = 1; i < argc && absl::string_view(argv[i]) != "--"; ++i) {
    if (AsksForText(argv[i])) return {argv[0], argv[i]};
  }
  return {argv, argv + argc};
}

// The program's; std::atexit hands nothing over.
std::string& Name() {
  static std::string* const name = new std::string;
  return *name;
}

// absl opens a folder and finds no flags in it, so that the program would run without any.
void EndAtFolder(absl::string_view path) {
  std::error_code unknown;
  if (!std::filesystem::is_directory(std::string(path), unknown)) return;
  std::cerr << Name() << ": --flagfile: " << Quoted(path)
            << " is a folder; name the file of flags in it\n";
  std::exit(kExitWrongUse);
}

// What is said of a file of flags that was written elsewhere. A pipe is left for absl to read.
void EndAtWindowsLines(absl::string_view path) {
  const std::string name(path);
  std::error_code unknown;
  if (!std::filesystem::is_regular_file(name, unknown)) return;
  std::ifstream file(name);
  for (std::string line; std::getline(file, line);) {
    if (!absl::EndsWith(line, "\r")) continue;
    std::cerr << Name() << ": --flagfile: " << Quoted(path) << " has lines that end in CR LF, and "
              << "the CR would be a part of the value; remove it: sed -i 's/\\r$//' "
              << Quoted(path) << "\n";
    std::exit(kExitWrongUse);
  }
}

// Of the files that the command line itself names.
void EndAtBadFlagFile(int argc, char** argv) {
  for (int i = 1; i < argc && absl::string_view(argv[i]) != "--"; ++i) {
    absl::string_view argument = argv[i];
    if (!absl::ConsumePrefix(&argument, "-")) continue;
    absl::ConsumePrefix(&argument, "-");
    if (argument == "flagfile" && i + 1 < argc) {
      argument = argv[i + 1];
    } else if (!absl::ConsumePrefix(&argument, "flagfile=")) {
      continue;
    }
    for (const absl::string_view path : absl::StrSplit(argument, ',')) {
      EndAtFolder(path);
      EndAtWindowsLines(path);
    }
  }
}

// What EndWithOwnCode needs beside it.
bool parsing = false;
int code_while_parsing = 0;

// absl ends the program by itself, with 1 for help as for a fault; this gives the code that shells
// and scripts know.
void EndWithOwnCode() {
  if (!parsing) return;
  std::cout.flush();
  if (code_while_parsing != 0) {
    std::cerr << Name() << ": correct that flag; see " << Name() << " --help\n";
  }
  std::_Exit(code_while_parsing);
}

std::vector<char*> ParseOrEnd(int argc, char** argv) {
  std::vector<char*> to_parse = ToParse(argc, argv);
  const bool text = to_parse.size() == 2 && AsksForText(to_parse[1]);
  if (!text) EndAtBadFlagFile(argc, argv);
  code_while_parsing = text ? EXIT_SUCCESS : kExitWrongUse;
  std::atexit(EndWithOwnCode);
  parsing = true;
  std::vector<char*> rest =
      absl::ParseCommandLine(static_cast<int>(to_parse.size()), to_parse.data());
  parsing = false;
  return rest;
}

}  // namespace

void ParseCommandLine(int argc, char** argv, ProgramText program) {
  Name() = program.name;
  absl::FlagsUsageConfig config;
  config.contains_help_flags = IsOwn;
  config.contains_helpshort_flags = IsOwn;
  config.contains_helppackage_flags = IsOwn;
  config.normalize_filename = std::move(program.group_of);
  config.version_string = [program] {
    return absl::StrCat(program.name, " ", program.version, "\n");
  };
  absl::SetFlagsUsageConfig(config);
  absl::SetProgramUsageMessage(program.usage);
  const std::vector<char*> rest = ParseOrEnd(argc, argv);
  if (rest.size() <= 1) return;
  std::cerr << program.name << ": " << Quoted(rest[1]) << " is no flag; see " << program.name
            << " --help\n";
  std::exit(kExitWrongUse);
}

}  // namespace ccplace
