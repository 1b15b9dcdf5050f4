// ccplacectl placement: what the host's answers mean to Placement, and how that differs from what
// it has.
#include <CLI/App.hpp>
#include <CLI/Validators.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/ctl/commands/commands.h"
#include "client/sync/placement/placement_session.h"
#include "client/sync/sync/host_sync.h"
#include "client/sync/sync/sync_report.h"
#include "lib/placement/key_figures.h"
#include "lib/placement/provider_tree.h"
#include "nlohmann/json.hpp"

namespace ccplace::ctl {
namespace {

// In place of the root's UUID, which only Placement knows.
constexpr char kNoUuid[] = "00000000-0000-0000-0000-000000000000";

constexpr char kPlacementFooter[] =
    "render needs ccplaced alone. diff also reads Placement, and writes nothing: the cloud is "
    "found "
    "as\n"
    "every OpenStack tool finds it (OS_CLOUD and clouds.yaml, or OS_*; OS_AUTH_TYPE=none with\n"
    "--placement-endpoint).\n"
    "\n"
    "Exit code: 0 printed, or nothing differs; 1 diff found something to write; 3 no answer; 2 "
    "the\n"
    "command line or the cloud's settings are wrong.\n"
    "\n"
    "Example: ccplacectl placement render\n"
    "         ccplacectl placement diff --os-cloud service\n";

// Who looks after the host, for render.
constexpr char kOwnerAsHostSays[] = "host";
const std::map<std::string, HostOwner> kOwners = {{"none", HostOwner::kNoNova},
                                                  {"nova-before-34", HostOwner::kNovaBefore34},
                                                  {"nova-34", HostOwner::kNova}};

struct PlacementOptions {
  sync::CloudOptions cloud;
  sync::RootQuery root;
  std::string owner = kOwnerAsHostSays;
};

const char* DesiredStateName(DesiredState state) {
  if (state == DesiredState::kPresent) return "present";
  return state == DesiredState::kAbsent ? "absent" : "unknown";
}

// What the child would hold with nothing allocated.
KeyFigures FiguresOf(const ChildProvider& child) {
  const KeyFigures keys = DecideFigures(child.keys, 0, {}).keys;
  return child.closed ? ClosedFigures(keys) : keys;
}

nlohmann::json ChildJson(const ChildProvider& child, bool uuid_known) {
  nlohmann::json row = {
      {"name", child.name}, {"wish", DesiredStateName(child.state)}, {"reason", child.reason}};
  if (!child.left_to_nova.empty()) row["left_to_nova"] = child.left_to_nova;
  if (uuid_known) row["uuid"] = child.uuid;
  if (child.state != DesiredState::kPresent || !child.left_to_nova.empty()) return row;
  const KeyFigures keys = FiguresOf(child);
  row["inventories"][child.resource_class] = InventoryJson(keys);
  row["traits"] = child.traits;
  return row;
}

void PrintChild(Console& out, const ChildProvider& child) {
  out.Line({{child.name, Style::kStrong}, {absl::StrCat(" ", DesiredStateName(child.state))}});
  out.Paragraph(absl::StrCat(child.reason, "."), 2);
  if (!child.left_to_nova.empty()) return out.Paragraph(absl::StrCat(child.left_to_nova, "."), 2);
  if (child.state != DesiredState::kPresent) return;
  const KeyFigures keys = FiguresOf(child);
  out.Line(absl::StrCat("  ", child.resource_class, ": total ", keys.total, ", reserved ",
                        keys.reserved, " with nothing allocated"));
  out.Line(absl::StrCat("  traits: ", absl::StrJoin(child.traits, ", ")));
}

RootProvider RootOf(const PlacementOptions& options, const v1::HostCapabilities& host) {
  const std::string& name = options.root.name;
  const std::string& uuid = options.root.uuid;
  const auto owner = kOwners.find(options.owner);
  return {uuid.empty() ? kNoUuid : uuid, name.empty() ? host.node_name() : name,
          owner == kOwners.end() ? OwnerByClass(host.policy()) : owner->second};
}

int ShowRender(Session& session, const PlacementOptions& options,
               const v1::HostCapabilitiesResponse& answer) {
  const absl::StatusOr<std::vector<ChildProvider>> children =
      DesiredChildren(answer.capabilities(), RootOf(options, answer.capabilities()));
  if (!children.ok()) return session.FailUsage(children.status());
  nlohmann::json rows = nlohmann::json::array();
  for (const ChildProvider& child : *children) {
    if (!session.json()) PrintChild(session.out, child);
    rows.push_back(ChildJson(child, !options.root.uuid.empty()));
  }
  if (session.json()) {
    session.out.Raw(rows.dump(2, ' ', true) + "\n");
  } else {
    session.PrintHostWarnings(answer.simulated(), answer.freshness());
  }
  return kExitYes;
}

nlohmann::json ReportJson(const sync::SyncReport& report) {
  nlohmann::json report_json = {{"children", nlohmann::json::array()},
                                {"steps", nlohmann::json::array()}};
  for (const ChildStatus& child : report.notes) {
    report_json["children"].push_back({{"name", child.name},
                                       {"state", std::string(StateName(child.state))},
                                       {"reason", child.why}});
  }
  for (const Step& step : report.steps) report_json["steps"].push_back(step.why);
  return report_json;
}

int ShowDiff(Session& session, const PlacementOptions& options, sync::PlacementRest& placement,
             const v1::HostCapabilitiesResponse& answer) {
  sync::HostSyncOptions sync_options;
  sync_options.root = options.root;
  sync_options.dry_run = true;
  sync::HostSync host_sync(&placement, sync_options);
  const sync::SyncReport report = host_sync.Sync(answer.capabilities());
  if (!report.status.ok()) {
    session.Fail(report.status);
    return kExitNoAnswer;
  }
  if (session.json()) {
    session.out.Raw(ReportJson(report).dump(2, ' ', true) + "\n");
  } else {
    session.out.Lines(sync::DryRunText(report));
    session.PrintHostWarnings(answer.simulated(), answer.freshness());
  }
  return report.steps.empty() ? kExitYes : kExitNo;
}

int Render(Session& session, const PlacementOptions& options) {
  return CallAndPrint(session, v1::HostCapabilitiesRequest(), &HostClient::HostCapabilities,
                      [&](const auto& answer) { return ShowRender(session, options, answer); });
}

int Diff(Session& session, const PlacementOptions& options) {
  return WithPlacement(session, options.cloud, [&](sync::PlacementRest& placement) {
    return CallAndPrint(
        session, v1::HostCapabilitiesRequest(), &HostClient::HostCapabilities,
        [&](const auto& answer) { return ShowDiff(session, options, placement, answer); });
  });
}

void AddRootOptions(CLI::App& command, PlacementOptions& options) {
  command.add_option("--root-name", options.root.name,
                     "Name of the node's resource provider (default: the node's own)");
  command.add_option("--root-uuid", options.root.uuid, "UUID of the node's resource provider");
}

}  // namespace

void AddCloudOptions(CLI::App& command, sync::CloudOptions& cloud) {
  command.add_option("--os-cloud", cloud.name, "Cloud of clouds.yaml");
  command.add_option("--os-region-name", cloud.region, "One of that cloud's regions");
  command.add_option("--placement-endpoint", cloud.placement_endpoint, "Placement's URL");
}

int WithPlacement(Session& session, const sync::CloudOptions& options,
                  const std::function<int(sync::PlacementRest&)>& work) {
  const sync::Environment environment =
      sync::CollectEnvironment([&session](const char* name) { return session.variable(name); });
  const absl::StatusOr<sync::CloudConfig> cloud = sync::ReadCloud(environment, options);
  if (!cloud.ok()) return session.FailUsage(cloud.status());
  for (const std::string& warning : cloud->warnings) {
    session.err.Line(absl::StrCat("warning: ", warning));
  }
  const auto placement = sync::PlacementSession::Open(*cloud);
  return placement.ok() ? work((*placement)->rest()) : session.Fail(placement.status());
}

void RegisterPlacementCommand(CLI::App& app, Session& session) {
  const auto options = std::make_shared<PlacementOptions>();
  CLI::App* command = app.add_subcommand(
      "placement", "What the host means to OpenStack Placement, and what differs there");
  command->require_subcommand(1);
  command->footer(kPlacementFooter);
  CLI::App* render =
      command->add_subcommand("render", "The providers that the host's answers ask for");
  CLI::App* diff =
      command->add_subcommand("diff", "What ccplace-sync would write now, with each reason");
  AddRootOptions(*render, *options);
  render
      ->add_option("--owner", options->owner,
                   "Who looks after the host: none, nova-before-34, nova-34, or host: as its "
                   "class of keys says (ccplaced's --tdx_key_class)")
      ->check(CLI::IsMember({"host", "none", "nova-before-34", "nova-34"}))
      ->capture_default_str();
  AddRootOptions(*diff, *options);
  AddCloudOptions(*diff, options->cloud);
  OnSelected(*render, session, [&session, options] { return Render(session, *options); });
  OnSelected(*diff, session, [&session, options] { return Diff(session, *options); });
  RegisterPlacementLeaveCommand(*command, session);
}

}  // namespace ccplace::ctl
