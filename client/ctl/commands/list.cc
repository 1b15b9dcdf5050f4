// ccplacectl list: the trust domains that ccplaced defined here.
#include <google/protobuf/util/time_util.h>

#include <CLI/App.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/ctl/commands/commands.h"
#include "client/ctl/console/enum_names.h"
#include "lib/hypervisor/domain_state.h"

namespace ccplace::ctl {
namespace {

constexpr char kListFooter[] =
    "Exit code: 0 answered; 3 no answer; 2 the command line is wrong.\n"
    "\n"
    "Example: ccplacectl list\n"
    "         ccplacectl list -o json | jq -r '.domains[].uuid'\n";

// A crashed guest needs attention: it holds its key and does nothing.
Style StateStyle(v1::DomainState state) {
  if (state == v1::DOMAIN_STATE_CRASHED) return Style::kBad;
  return RowOf(state).runs ? Style::kGood : Style::kPlain;
}

// What the guest is, or will be, measured to. Of an active guest whose start was not kept the file
// may have changed since.
std::string MeasuredWord(const v1::LaunchReference& reference) {
  const bool sure = reference.firmware_moment() != v1::FIRMWARE_MOMENT_AFTER_START;
  return MrtdText(sure ? reference.mrtd() : "");
}

// Why a restart would change what a quote of the guest says; empty: it would not.
std::string RestartWord(const v1::LaunchReference& reference) {
  std::vector<std::string> reasons;
  if (!reference.firmware_file_sha384().empty()) reasons.push_back("for new firmware");
  if (!reference.newer_tdx_module().empty()) reasons.push_back("to raise TEE_TCB_SVN");
  return absl::StrJoin(reasons, ", ");
}

std::vector<Cell> DomainRow(const v1::TdxDomain& domain) {
  const std::string defined = domain.has_defined_at()
                                  ? google::protobuf::util::TimeUtil::ToString(domain.defined_at())
                                  : "unknown";
  return {{domain.uuid()},
          {domain.name(), Style::kStrong},
          {DomainStateName(domain.state()), StateStyle(domain.state())},
          {domain.owner()},
          {defined},
          {MeasuredWord(domain.reference())},
          {RestartWord(domain.reference()), Style::kDoubtful}};
}

// A domain that is not listed is gone only if it is not among these either.
void ShowUnread(Console& out, const v1::ListTdxDomainsResponse& answer) {
  for (const v1::UnreadDomain& domain : answer.unread()) {
    out.Paragraph(
        absl::StrCat("Domain ", domain.uuid(), " (", domain.name(),
                     ") cannot be read, and may be one of them; see virsh dumpxml: ", domain.why()),
        0, Style::kDoubtful);
  }
}

int Show(Session& session, const v1::ListTdxDomainsResponse& answer) {
  if (session.PrintedJson(answer)) return kExitYes;
  session.PrintHostWarnings(answer.simulated(), answer.freshness());
  ShowUnread(session.out, answer);
  if (answer.domains().empty()) {
    if (!answer.unread().empty()) return kExitYes;
    session.out.Line("No trust domain was defined by ccplaced on this host.");
    return kExitYes;
  }
  std::vector<std::vector<Cell>> rows;
  for (const v1::TdxDomain& domain : answer.domains()) rows.push_back(DomainRow(domain));
  session.out.Table({"UUID", "NAME", "STATE", "OWNER", "DEFINED", "MRTD", "RESTART"}, rows);
  return kExitYes;
}

}  // namespace

void RegisterListCommand(CLI::App& app, Session& session) {
  CLI::App* command =
      app.add_subcommand("list", "Trust domains that ccplaced defined on this host");
  command->footer(kListFooter);
  OnSelected(*command, session, [&session] {
    return CallAndPrint(session, v1::ListTdxDomainsRequest(), &HostClient::ListTdxDomains,
                        [&](const auto& answer) { return Show(session, answer); });
  });
}

}  // namespace ccplace::ctl
