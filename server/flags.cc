#include "server/flags.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "server/version.h"

namespace ccplace {
namespace {

constexpr int kExitBadFlag = 2;

constexpr char kUsage[] =
    "tells a scheduler what this host can do for confidential computing, and makes trust domains.\n"
    "\n"
    "  ccplaced                      serve on the unix sockets, with this host's libvirt\n"
    "  ccplaced --simulate           the same on a TDX host that does not exist\n"
    "  ccplaced --flagfile=FILE      flags from a file, one a line, # for comments\n"
    "\n"
    "Times are written as 300ms, 30s, 5m or 2h.";

// "…/server/flags_limits.cc" -> "limits".
std::string GroupOf(absl::string_view file) {
  constexpr absl::string_view kStem = "server/flags";
  const size_t name = file.rfind(kStem);
  if (name == absl::string_view::npos) return std::string(file);
  absl::string_view group = file.substr(name + kStem.size());
  group = group.substr(0, group.rfind('.'));
  return group.empty() ? "general" : std::string(group.substr(1));
}

// Asked about what GroupOf answered: only other libraries' flags are still under a path.
bool IsOwn(absl::string_view file) { return !absl::StrContains(file, '/'); }

// Flags that ask for a text instead of the service.
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

bool parsing = false;
int code_while_parsing = 0;

// absl ends the program by itself, with 1 for help as for a fault; this gives the code that shells
// and scripts know.
void EndWithOwnCode() {
  if (!parsing) return;
  std::cout.flush();
  if (code_while_parsing != 0) std::cerr << "ccplaced: correct that flag; see ccplaced --help\n";
  std::_Exit(code_while_parsing);
}

std::vector<char*> ParseOrEnd(int argc, char** argv) {
  std::vector<char*> to_parse = ToParse(argc, argv);
  const bool text = to_parse.size() == 2 && AsksForText(to_parse[1]);
  code_while_parsing = text ? EXIT_SUCCESS : kExitBadFlag;
  std::atexit(EndWithOwnCode);
  parsing = true;
  std::vector<char*> rest =
      absl::ParseCommandLine(static_cast<int>(to_parse.size()), to_parse.data());
  parsing = false;
  return rest;
}

}  // namespace

Options ParseFlags(int argc, char** argv) {
  absl::FlagsUsageConfig config;
  config.contains_help_flags = IsOwn;
  config.contains_helpshort_flags = IsOwn;
  config.contains_helppackage_flags = IsOwn;
  config.normalize_filename = GroupOf;
  config.version_string = [] { return absl::StrCat("ccplaced ", kVersion, "\n"); };
  absl::SetFlagsUsageConfig(config);
  absl::SetProgramUsageMessage(kUsage);
  const std::vector<char*> rest = ParseOrEnd(argc, argv);
  if (rest.size() > 1) {
    std::cerr << "ccplaced: '" << rest[1] << "' is no flag; see ccplaced --help\n";
    std::exit(kExitBadFlag);
  }
  Options options;
  ReadHostFlags(options.host);
  ReadListenFlags(options.listen);
  ReadLimitFlags(options.limits);
  ReadHypervisorFlags(options.hypervisor);
  ReadObserveFlags(options.observe);
  return options;
}

}  // namespace ccplace
