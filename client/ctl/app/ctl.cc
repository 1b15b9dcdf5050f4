#include "client/ctl/app/ctl.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/ctl/commands/commands.h"
#include "client/ctl/commands/session.h"
#include "lib/base/text.h"

namespace ccplace::ctl {
namespace {

constexpr char kCtlFooter[] =
    "Exit codes: 0 the answer is yes, or the work is done; 1 the answer is no, or ccplaced "
    "refuses;\n"
    "2 the command line or an input file is wrong; 3 no answer: ccplaced cannot be reached, "
    "cannot\n"
    "answer, or does not know.\n"
    "Environment: CCPLACE_ADDRESS replaces --address; NO_COLOR switches colours off.\n"
    "Each command explains itself: ccplacectl COMMAND --help\n";

constexpr char kCommandFooter[] =
    "\nOptions of every command (--address, --timeout, -o json, TLS): ccplacectl --help\n";

// CLI::Range takes "nan", which is neither below nor above anything.
std::string WhyNoTimeout(const std::string& text) {
  constexpr double kLeastSeconds = 0.001;
  constexpr double kMostSeconds = 86400;
  double seconds = 0;
  const bool is_number = absl::SimpleAtod(text, &seconds);
  if (is_number && seconds >= kLeastSeconds && seconds <= kMostSeconds) return "";
  return absl::StrCat(Quoted(text), " cannot be used; give seconds from ", kLeastSeconds, " to ",
                      kMostSeconds);
}

void AddCommonOptions(CLI::App& app, Session& session) {
  CommonOptions& common = session.common;
  app.add_option("--address", common.client.address,
                 absl::StrCat("Where ccplaced listens: unix:/path, HOST:PORT or [IPV6]:PORT. Else "
                              "CCPLACE_ADDRESS, else ",
                              kDefaultAddress, " for define and undefine, and ", kReadOnlyAddress,
                              " for every question"));
  app.add_option("--timeout", common.timeout_seconds, "Seconds to wait for an answer")
      ->check(CLI::Validator(WhyNoTimeout, "FROM 0.001 TO 86400"))
      ->capture_default_str();
  app.add_option("-o,--output", common.format,
                 "table, for people; json, for machines: protobuf JSON with the names of the proto "
                 "files, 64-bit numbers as strings")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  TlsOptions& tls = common.client.tls;
  app.add_flag("--tls", tls.enabled, "Speak TLS to HOST:PORT, checked by the system's authorities");
  app.add_option("--ca", tls.ca_file, "PEM file of the authority of ccplaced's certificate; TLS");
  app.add_option("--cert", tls.certificate_file, "PEM file of your own certificate; TLS");
  app.add_option("--key", tls.key_file, "PEM file of its key; TLS");
  app.add_option("--server-name", tls.server_name, "Name in ccplaced's certificate; TLS");
}

void AddCommands(CLI::App& app, Session& session) {
  RegisterDoctorCommand(app, session);
  RegisterCapabilitiesCommand(app, session);
  RegisterInventoryCommand(app, session);
  RegisterWatchCommand(app, session);
  RegisterValidateCommand(app, session);
  RegisterAuditCommand(app, session);
  RegisterDefineCommand(app, session);
  RegisterUndefineCommand(app, session);
  RegisterListCommand(app, session);
  RegisterFleetCommand(app, session);
  RegisterMeasureCommand(app, session);
  RegisterReferenceCommand(app, session);
  RegisterPlacementCommand(app, session);
  RegisterReportCommand(app, session);
  RegisterCompletionCommand(app, session);
  for (CLI::App* command : app.get_subcommands(nullptr)) {
    command->footer(command->get_footer() + kCommandFooter);
  }
}

// CLI11 2.6 and later folds descriptions and footers at 80 columns, whose lines end where they
// should.
void KeepLines([[maybe_unused]] CLI::App& app) {
#if CLI11_VERSION_MAJOR > 2 || CLI11_VERSION_MINOR >= 6
  app.get_formatter()->enable_description_formatting(false);
  app.get_formatter()->enable_footer_formatting(false);
#endif
}

// The name of an option or argument whose value is empty, as where a script's variable is unset:
// taken for one that was left out, it would have another question answered. Empty: there is none.
std::string EmptyOption(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    const std::vector<std::string>& values = option->results();
    if (std::find(values.begin(), values.end(), "") != values.end()) return option->get_name();
  }
  for (const CLI::App* chosen : command.get_subcommands()) {
    std::string name = EmptyOption(*chosen);
    if (!name.empty()) return name;
  }
  return "";
}

// Whether a command is to follow on those that were given.
bool LacksCommand(const CLI::App& command) {
  const std::vector<CLI::App*> chosen = command.get_subcommands();
  return chosen.empty() ? command.get_require_subcommand_min() > 0 : LacksCommand(*chosen.front());
}

// CLI11 reports through exceptions; they end here.
int ParseAndRun(CLI::App& app, std::vector<std::string> args, Session& session,
                const Environment& environment) {
  std::reverse(args.begin(), args.end());  // CLI11 takes them from the back.
  try {
    app.parse(args);
  } catch (const CLI::ParseError& error) {
    const std::vector<std::string> strays = app.remaining(/*recurse=*/true);
    // CLI11 says that a command is missing where one was misspelt.
    if (LacksCommand(app) && !strays.empty() && error.get_exit_code() != 0) {
      return session.FailUsage(absl::InvalidArgumentError(absl::StrCat(
          Quoted(strays.front()), " is neither a command nor an option; see ccplacectl --help")));
    }
    const int code = app.exit(error, *environment.out, *environment.err);
    return code == 0 ? kExitYes : kExitUsage;
  }
  const std::string empty = EmptyOption(app);
  if (!empty.empty()) {
    return session.FailUsage(absl::InvalidArgumentError(
        absl::StrCat(empty,
                     " is '', which is no value: is a variable unset? Leave it out, or give "
                     "it one")));
  }
  const int code = session.command();
  if (session.out.Flush()) return code;
  return session.Fail(absl::DataLossError("the output could not be written: is the disk full?"));
}

}  // namespace

int RunCtl(const std::vector<std::string>& args, const Environment& environment) {
  Session session(environment);
  CLI::App app("Ask a host's ccplaced what it can do for confidential computing.", "ccplacectl");
  KeepLines(app);
  app.set_version_flag("--version", "ccplacectl " CCPLACE_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(kCtlFooter);
  AddCommonOptions(app, session);
  AddCommands(app, session);
  return ParseAndRun(app, args, session, environment);
}

}  // namespace ccplace::ctl
