#include "server/config/flags.h"

#include <string>

#include "absl/strings/string_view.h"
#include "lib/observability/command_line.h"
#include "server/common/version.h"

namespace ccplace {
namespace {

constexpr char kUsage[] =
    "shows a scheduler what this host can do for confidential computing, and makes trust domains.\n"
    "\n"
    "  ccplaced                      serve on the unix sockets, with this host's libvirt\n"
    "  ccplaced --simulate           the same on a TDX host that does not exist\n"
    "  ccplaced --flagfile=FILE      flags from a file, one a line, # for comments\n"
    "\n"
    "Times are written as 300ms, 30s, 5m or 2h.";

// "…/server/config/flags_limits.cc" -> "limits".
std::string GroupOf(absl::string_view file) {
  constexpr absl::string_view kStem = "server/config/flags";
  const size_t name = file.rfind(kStem);
  if (name == absl::string_view::npos) return std::string(file);
  absl::string_view group = file.substr(name + kStem.size());
  group = group.substr(0, group.rfind('.'));
  return group.empty() ? "general" : std::string(group.substr(1));
}

}  // namespace

Options ParseFlags(int argc, char** argv) {
  ParseCommandLine(argc, argv, {"ccplaced", kVersion, kUsage, GroupOf});
  Options options;
  ReadHostFlags(options.host);
  ReadListenFlags(options.listen);
  ReadLimitFlags(options.limits);
  ReadHypervisorFlags(options.hypervisor);
  ReadObserveFlags(options.observe);
  return options;
}

}  // namespace ccplace
