// ccplacectl placement leave: takes what ccplace-sync made out of Placement.
#include <CLI/App.hpp>
#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/ctl/commands/commands.h"
#include "client/ctl/commands/session.h"
#include "client/sync/placement/placement_session.h"
#include "client/sync/sync/leave.h"
#include "nlohmann/json.hpp"

namespace ccplace::ctl {
namespace {

constexpr char kLeaveFooter[] =
    "Stop ccplace-sync before: it would make them again. Where nova-compute runs, restart it\n"
    "after: it remembers providers for 300 s, and fails while one is gone. Nothing is removed\n"
    "while anything is allocated from one of them; the consumers are listed. What nova adopted\n"
    "(OWNER_NOVA) is nova's, and stays. ccplaced is not asked.\n"
    "\n"
    "Exit code: 0 removed, or nothing was there; 1 something stands in the way, as an allocation;\n"
    "3 no answer, and what is closed or removed is said; 2 the command line or the cloud's "
    "settings\n"
    "are wrong.\n"
    "\n"
    "Example: ccplacectl placement leave --root-name node-1 --os-cloud service\n";

struct LeaveOptions {
  sync::CloudOptions cloud;
  sync::RootQuery root;
  bool dry_run = false;
};

nlohmann::json LeavingJson(const sync::LeaveReport& report) {
  nlohmann::json rows = nlohmann::json::array();
  for (const sync::LeavingChild& child : report.children) {
    rows.push_back({{"name", child.name},
                    {"uuid", child.uuid},
                    {"consumers", child.consumers},
                    {"closed", child.closed},
                    {"removed", child.removed}});
  }
  return rows;
}

absl::string_view WhatBecameOf(const sync::LeavingChild& child) {
  if (child.removed) return "removed";
  return child.closed ? "closed" : "stays";
}

void PrintLeaving(Console& out, const sync::LeaveReport& report) {
  if (report.children.empty()) out.Line("Nothing of ccplace's is there.");
  for (const sync::LeavingChild& child : report.children) {
    out.Line(absl::StrCat(WhatBecameOf(child), " ", child.name, " (", child.uuid, ")"));
    for (const std::string& consumer : child.consumers) {
      out.Line(absl::StrCat("  allocated to ", consumer,
                            ": delete that server, or where there is none `openstack resource "
                            "provider allocation delete ",
                            consumer, "`"));
    }
  }
}

// nova asks for the allocations of each provider that it remembers.
void WarnOfNova(Session& session, const sync::LeaveReport& report) {
  const bool removed = std::any_of(report.children.begin(), report.children.end(),
                                   [](const sync::LeavingChild& child) { return child.removed; });
  if (!removed || report.owner == HostOwner::kNoNova) return;
  session.err.Paragraph(
      "nova-compute remembers what was removed for up to 300 s, and can build no server on this "
      "host meanwhile: restart it now, unless it is stopped",
      0, Style::kDoubtful);
}

void WarnOfClosed(Session& session, const sync::LeaveReport& report) {
  const bool closed = std::any_of(report.children.begin(), report.children.end(),
                                  [](const auto& child) { return child.closed && !child.removed; });
  if (!closed) return;
  session.err.Paragraph(
      "nothing can be allocated from what is closed: ask again to go on, or start ccplace-sync, "
      "which opens it again",
      0, Style::kDoubtful);
}

int ShowLeaving(Session& session, const sync::LeaveReport& report) {
  if (session.json()) {
    session.out.Raw(LeavingJson(report).dump(2, ' ', true) + "\n");
  } else if (report.status.ok() || !report.children.empty()) {
    PrintLeaving(session.out, report);
  }
  WarnOfNova(session, report);
  WarnOfClosed(session, report);
  if (report.status.ok()) return kExitYes;
  session.Fail(report.status);
  return absl::IsFailedPrecondition(report.status) ? kExitNo : kExitNoAnswer;
}

int RunLeave(Session& session, const LeaveOptions& options) {
  if (options.root.name.empty() && options.root.uuid.empty()) {
    return session.FailUsage(absl::InvalidArgumentError(
        "name the compute node's resource provider with --root-name or --root-uuid"));
  }
  return WithPlacement(session, options.cloud, [&](sync::PlacementRest& placement) {
    return ShowLeaving(session, sync::Leave(placement, options.root, options.dry_run));
  });
}

}  // namespace

void RegisterPlacementLeaveCommand(CLI::App& placement, Session& session) {
  const auto options = std::make_shared<LeaveOptions>();
  CLI::App* leave =
      placement.add_subcommand("leave", "Remove the providers that ccplace-sync made, all or none");
  leave->footer(kLeaveFooter);
  leave->add_option("--root-name", options->root.name, "Name of the node's resource provider");
  leave->add_option("--root-uuid", options->root.uuid, "UUID of the node's resource provider");
  leave->add_flag("--dry-run", options->dry_run, "Say what is there, and write nothing");
  AddCloudOptions(*leave, options->cloud);
  OnSelected(*leave, session, [&session, options] { return RunLeave(session, *options); });
}

}  // namespace ccplace::ctl
