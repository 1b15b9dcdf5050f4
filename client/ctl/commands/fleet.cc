// ccplacectl fleet: many hosts at one glance, and what differs between them.
#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/ctl/commands/commands.h"
#include "client/ctl/fleet/fleet_reader.h"
#include "client/ctl/fleet/fleet_report.h"
#include "client/ctl/input/input_file.h"

namespace ccplace::ctl {
namespace {

constexpr char kFleetFooter[] =
    "Asks every host once (HostCapabilities); --timeout bounds each host by itself, TLS options "
    "hold\n"
    "for all. A host that does not answer is a row of its own, and counted.\n"
    "\n"
    "Exit code: 0 every host answered; 3 some did not; 2 the command line or the list is wrong.\n"
    "\n"
    "Example: ccplacectl fleet --hosts hosts.txt --ca ca.pem --cert me.pem --key me.key\n"
    "         ccplacectl fleet --hosts hosts.txt -o html > fleet.html\n"
    "         ccplacectl fleet node-1:9463 node-2:9463 -o json | jq .summary.differences\n";

constexpr char kRewriteLine[] = "\r\x1b[K";  // First column, and erase the line (ECMA-48 EL).

struct FleetOptions {
  std::vector<std::string> addresses;
  std::string file;
  std::string format;
  size_t jobs = 64;
};

absl::StatusOr<std::vector<std::string>> HostsOf(const FleetOptions& options, std::istream* in) {
  std::vector<std::string> hosts;
  for (const std::string& address : options.addresses) {
    const absl::Status status = AddFleetHosts(address, "HOST", hosts);
    if (!status.ok()) return status;
  }
  if (!options.file.empty()) {
    const absl::StatusOr<std::string> text = ReadInput(options.file, in);
    if (!text.ok()) return text.status();
    const absl::Status status = AddFleetHosts(*text, options.file, hosts);
    if (!status.ok()) return status;
  }
  if (!hosts.empty()) return hosts;
  return absl::InvalidArgumentError("no hosts: name addresses, or a file of them with --hosts");
}

std::vector<FleetHost> Read(Session& session, const FleetOptions& options,
                            const std::vector<std::string>& addresses) {
  ClientOptions client = session.common.client;
  client.timeout = std::chrono::milliseconds(std::llround(session.common.timeout_seconds * 1000));
  std::vector<FleetHost> hosts = ReadFleet(addresses, client, options.jobs, [&](size_t done) {
    if (!session.err_is_terminal) return;
    session.err.Raw(absl::StrCat(kRewriteLine, done, " of ", addresses.size(), " hosts"));
    session.err.Flush();
  });
  if (session.err_is_terminal) session.err.Raw(kRewriteLine);
  return hosts;
}

int Run(Session& session, FleetOptions options) {
  if (options.format.empty()) options.format = session.common.format;
  const absl::StatusOr<std::vector<std::string>> addresses = HostsOf(options, session.in);
  if (!addresses.ok()) return session.FailUsage(addresses.status());
  const std::vector<FleetHost> hosts = Read(session, options, *addresses);
  const FleetSummary summary = Summarize(hosts);
  if (options.format == "json") {
    session.out.Raw(FleetJson(hosts, summary));
  } else if (options.format == "html") {
    session.out.Raw(FleetHtml(
        hosts, summary, absl::FormatTime(absl::RFC3339_sec, absl::Now(), absl::UTCTimeZone())));
  } else {
    PrintFleet(session.out, hosts, summary);
  }
  return summary.answered == summary.hosts ? kExitYes : kExitNoAnswer;
}

}  // namespace

void RegisterFleetCommand(CLI::App& app, Session& session) {
  const auto options = std::make_shared<FleetOptions>();
  CLI::App* command =
      app.add_subcommand("fleet", "Many hosts at one glance, and what differs between them");
  command->add_option("HOST", options->addresses, "Addresses, as --address takes them");
  command->add_option("--hosts", options->file,
                      "File of addresses, one a line, # for comments; - is standard input");
  command->add_option("--jobs", options->jobs, "Hosts asked at one time")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command
      ->add_option("-o,--output", options->format,
                   "table (the default), json, or html: one page that needs nothing else")
      ->check(CLI::IsMember({"table", "json", "html"}));
  command->footer(kFleetFooter);
  OnSelected(*command, session, [&session, options] { return Run(session, *options); });
}

}  // namespace ccplace::ctl
