// ccplacectl capabilities: the four models at a glance, and the policy behind the verdicts.
#include <CLI/App.hpp>
#include <map>
#include <memory>

#include "absl/strings/str_join.h"
#include "client/ctl/commands/commands.h"
#include "client/ctl/console/enum_names.h"
#include "client/ctl/report/host_printer.h"

namespace ccplace::ctl {
namespace {

constexpr char kCapabilitiesFooter[] =
    "Exit code: 0 answered; 3 no answer; 2 the command line is wrong.\n"
    "\n"
    "Example: ccplacectl capabilities\n"
    "         ccplacectl capabilities -o json | jq -r '.capabilities.models[].verdict'\n";

std::vector<Cell> ModelRow(const v1::ModelCapability& model) {
  return {{ModelName(model.model())},
          {UpperEnumName(model.verdict()), StyleOf(model.verdict())},
          {UpperEnumName(model.attestation()), StyleOf(model.attestation())},
          {FigureText(model.keys().usable())},
          {FigureText(model.keys().in_use())},
          {FigureText(model.keys().free()), Style::kStrong}};
}

void PrintPolicy(Console& out, const v1::HostPolicy& policy) {
  std::vector<std::vector<Cell>> rows = {
      {{"cpu mode"}, {policy.cpu_mode()}},
      {{"virt type"}, {policy.virt_type()}},
      {{"default machine type"}, {policy.default_machine_type()}},
      {{"request dialect"}, {DialectName(policy.request_dialect())}},
      {{"debuggable trust domains"},
       {policy.allow_debug() ? "allowed" : "refused",
        policy.allow_debug() ? Style::kDoubtful : Style::kPlain}}};
  if (policy.require_attestation()) rows.push_back({{"keys without attestation"}, {"withheld"}});
  if (!policy.tdx_min_module_versions().empty()) {
    rows.push_back({{"least TDX module"}, {absl::StrJoin(policy.tdx_min_module_versions(), ", ")}});
  }
  if (!policy.tdx_key_class().empty()) {
    rows.push_back({{"class of TDX keys"}, {policy.tdx_key_class()}});
  }
  const std::map<std::string, std::string> renamed(policy.renamed_traits().begin(),
                                                   policy.renamed_traits().end());
  for (const auto& [trait, name] : renamed) {
    rows.push_back({{trait}, {name.empty() ? "left out of queries" : name}});
  }
  out.Table({"POLICY", "VALUE"}, rows);
}

int Show(Session& session, const v1::HostCapabilitiesResponse& answer) {
  if (session.PrintedJson(answer)) return kExitYes;
  PrintHost(session.out, answer.capabilities());
  session.PrintHostWarnings(answer.simulated(), answer.freshness());
  session.out.EmptyLine();
  std::vector<std::vector<Cell>> rows;
  for (const v1::ModelCapability& model : answer.capabilities().models()) {
    rows.push_back(ModelRow(model));
  }
  session.out.Table({"MODEL", "VERDICT", "ATTESTATION", "USABLE KEYS", "IN USE", "FREE"}, rows);
  session.out.EmptyLine();
  PrintPolicy(session.out, answer.capabilities().policy());
  return kExitYes;
}

}  // namespace

void RegisterCapabilitiesCommand(CLI::App& app, Session& session) {
  const auto request = std::make_shared<v1::HostCapabilitiesRequest>();
  CLI::App* command = app.add_subcommand(
      "capabilities", "The four encryption models at a glance, and the daemon's policy");
  command->add_flag_callback(
      "--refresh", [request] { request->set_refresh(true); }, "Have everything read again first");
  command->footer(kCapabilitiesFooter);
  OnSelected(*command, session, [&session, request] {
    return CallAndPrint(session, *request, &HostClient::HostCapabilities,
                        [&](const auto& answer) { return Show(session, answer); });
  });
}

}  // namespace ccplace::ctl
