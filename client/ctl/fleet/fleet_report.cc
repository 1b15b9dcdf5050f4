#include "client/ctl/fleet/fleet_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/ctl/console/enum_names.h"
#include "client/ctl/console/message_json.h"
#include "lib/base/encryption_model.h"
#include "lib/base/text.h"

namespace ccplace::embedded {

// Made from data/fleet.html by ccplace_embed (cmake/CcplaceEmbed.cmake).
extern const char fleet_page[];

}  // namespace ccplace::embedded

namespace ccplace::ctl {
namespace {

using nlohmann::ordered_json;

constexpr size_t kNamedHosts = 5;
constexpr size_t kShortValue = 24;
constexpr size_t kErrorColumn = 60;

std::vector<Cell> FailedRow(const FleetHost& host) {
  return {{host.address, Style::kStrong},
          {"NO ANSWER", Style::kBad},
          {""},
          {""},
          {""},
          {""},
          {Printable(host.answer.status().message(), kErrorColumn), Style::kBad}};
}

// Models that the host supports; TDX alone where it supports none, with its verdict.
Cell VerdictCell(const v1::HostCapabilities& host) {
  std::vector<std::string> names;
  for (const v1::ModelCapability& model : host.models()) {
    if (model.verdict() == v1::SUPPORT_SUPPORTED) names.push_back(ModelName(model.model()));
  }
  if (!names.empty()) return {absl::StrJoin(names, " "), Style::kGood};
  const v1::ModelCapability* tdx = FindModel(host, v1::ENCRYPTION_MODEL_INTEL_TDX);
  const v1::Support verdict = tdx != nullptr ? tdx->verdict() : v1::SUPPORT_UNKNOWN;
  return {absl::StrCat("intel-tdx ", UpperEnumName(verdict)), StyleOf(verdict)};
}

// The model whose keys a row shows: the first supported, else TDX.
const v1::ModelCapability& ShownModel(const v1::HostCapabilities& host) {
  for (const v1::ModelCapability& model : host.models()) {
    if (model.verdict() == v1::SUPPORT_SUPPORTED) return model;
  }
  const v1::ModelCapability* tdx = FindModel(host, v1::ENCRYPTION_MODEL_INTEL_TDX);
  return tdx != nullptr ? *tdx : v1::ModelCapability::default_instance();
}

std::vector<Cell> AnsweredRow(const FleetHost& host) {
  const v1::HostCapabilities& facts = host.answer->capabilities();
  const v1::ModelCapability& model = ShownModel(facts);
  std::string remark;
  if (host.answer->simulated()) remark = "SIMULATED";
  if (host.answer->freshness().stale())
    absl::StrAppend(&remark, remark.empty() ? "" : ", ", "STALE");
  return {
      {facts.node_name().empty() ? host.address : facts.node_name(), Style::kStrong},
      VerdictCell(facts),
      {absl::StrCat(FigureText(model.keys().free()), " of ", FigureText(model.keys().usable()))},
      {MrtdText(facts.tdx_firmware().mrtd())},
      {OrUnknown(facts.versions().tdx_module())},
      {UpperEnumName(model.attestation()), StyleOf(model.attestation())},
      {remark, Style::kDoubtful}};
}

// "a, b and 3 more".
std::string Named(const std::vector<std::string>& hosts) {
  const size_t shown = std::min(hosts.size(), kNamedHosts);
  const std::string names = absl::StrJoin(hosts.begin(), hosts.begin() + shown, ", ");
  if (shown == hosts.size()) return names;
  return absl::StrCat(names, " and ", hosts.size() - shown, " more");
}

void PrintAspects(Console& out, const FleetSummary& summary) {
  out.Line({{absl::StrCat(summary.alike, " of ", summary.answered, " alike")},
            {summary.aspects.empty() ? "" : "; what differs:"}});
  for (const FleetAspect& aspect : summary.aspects) {
    out.Line({{"  "}, {aspect.name, Style::kStrong}});
    for (const FleetGroup& group : aspect.groups) {
      const bool most = &group == &aspect.groups.front();
      out.Line({{absl::StrCat("    ", group.hosts.size(), " ")},
                {Printable(group.value, kShortValue)},
                {most ? std::string() : absl::StrCat(": ", Named(group.hosts)), Style::kDoubtful}});
    }
  }
}

void PrintModels(Console& out, const FleetSummary& summary) {
  for (const FleetModel& model : summary.models) {
    if (model.supported + model.unknown == 0) continue;
    out.Line({{ModelName(model.model), Style::kStrong},
              {absl::StrCat(": ", model.supported, " can, ", model.unsupported, " cannot, ",
                            model.unknown, " unknown; keys: ", model.free_keys, " free of ",
                            model.usable_keys)}});
  }
}

ordered_json KeysJson(const v1::KeyInventory& keys) {
  ordered_json out = ordered_json::object();
  const auto add = [&out](const char* name, const v1::Figure& figure) {
    out[name] = figure.has_value() ? ordered_json(figure.value()) : ordered_json();
  };
  add("total", keys.total());
  add("usable", keys.usable());
  add("in_use", keys.in_use());
  add("free", keys.free());
  return out;
}

// The first gate that did not pass, with its remedy: why a verdict is no SUPPORTED. Where it is,
// why its keys are withheld.
std::string WhyNot(const v1::ModelCapability& model) {
  for (const v1::Check& check : model.checks()) {
    if (!check.gate() || check.result() == v1::CHECK_RESULT_PASS) continue;
    return absl::StrCat(CheckKindName(check.kind()), " ", UpperEnumName(check.result()), ": ",
                        check.found(), "; ", check.remedy());
  }
  return model.keys().withheld();
}

ordered_json ModelsJson(const v1::HostCapabilities& facts) {
  ordered_json out = ordered_json::object();
  for (const v1::ModelCapability& model : facts.models()) {
    out[ModelName(model.model())] = {{"verdict", UpperEnumName(model.verdict())},
                                     {"why", WhyNot(model)},
                                     {"attestation", UpperEnumName(model.attestation())},
                                     {"keys", KeysJson(model.keys())}};
  }
  return out;
}

ordered_json HostJson(const FleetHost& host) {
  ordered_json out = {{"address", host.address}, {"answered", host.answer.ok()}};
  if (!host.answer.ok()) {
    out["error"] = {{"code", absl::StatusCodeToString(host.answer.status().code())},
                    {"message", std::string(host.answer.status().message())}};
    return out;
  }
  const v1::HostCapabilities& facts = host.answer->capabilities();
  const v1::TdxFirmware& firmware = facts.tdx_firmware();
  out["node"] = facts.node_name();
  out["simulated"] = host.answer->simulated();
  out["stale"] = host.answer->freshness().stale();
  out["models"] = ModelsJson(facts);
  out["firmware"] = {{"path", firmware.path()},
                     {"mrtd", absl::BytesToHexString(firmware.mrtd())},
                     {"sha384", absl::BytesToHexString(firmware.sha384())}};
  const v1::HostVersions& versions = facts.versions();
  out["versions"] = {{"kernel", versions.kernel()},
                     {"libvirt", versions.libvirt()},
                     {"qemu", versions.qemu()},
                     {"ccplaced", versions.ccplaced()},
                     {"tdx_module", versions.tdx_module()}};
  return out;
}

ordered_json GroupsJson(const std::vector<FleetGroup>& groups) {
  ordered_json out = ordered_json::array();
  for (const FleetGroup& group : groups) {
    out.push_back({{"value", group.value}, {"count", group.hosts.size()}, {"hosts", group.hosts}});
  }
  return out;
}

ordered_json SummaryJson(const FleetSummary& summary) {
  ordered_json out = {{"hosts", summary.hosts},
                      {"answered", summary.answered},
                      {"simulated", summary.simulated},
                      {"stale", summary.stale},
                      {"alike", summary.alike},
                      {"models", ordered_json::object()},
                      {"differences", ordered_json::array()}};
  for (const FleetModel& model : summary.models) {
    out["models"][ModelName(model.model)] = {{"supported", model.supported},
                                             {"unsupported", model.unsupported},
                                             {"unknown", model.unknown},
                                             {"usable_keys", model.usable_keys},
                                             {"free_keys", model.free_keys}};
  }
  for (const FleetAspect& aspect : summary.aspects) {
    out["differences"].push_back({{"name", aspect.name}, {"groups", GroupsJson(aspect.groups)}});
  }
  out["failures"] = GroupsJson(summary.failures);
  out["openstack"] = summary.commands;
  return out;
}

ordered_json FleetObject(const std::vector<FleetHost>& hosts, const FleetSummary& summary) {
  ordered_json out = {{"summary", SummaryJson(summary)}, {"hosts", ordered_json::array()}};
  for (const FleetHost& host : hosts) out["hosts"].push_back(HostJson(host));
  return out;
}

std::string Dump(const ordered_json& value, int indent) {
  return EscapeControls(value.dump(indent, ' ', true, ordered_json::error_handler_t::replace));
}

}  // namespace

void PrintFleet(Console& out, const std::vector<FleetHost>& hosts, const FleetSummary& summary) {
  std::vector<std::vector<Cell>> rows;
  for (const FleetHost& host : hosts) {
    rows.push_back(host.answer.ok() ? AnsweredRow(host) : FailedRow(host));
  }
  out.Table({"HOST", "MODELS", "KEYS FREE", "MRTD", "TDX MODULE", "ATTESTATION", ""}, rows);
  out.EmptyLine();
  out.Line({{absl::StrCat(summary.answered, " of ", summary.hosts, " hosts answered"),
             summary.answered == summary.hosts ? Style::kGood : Style::kBad}});
  for (const FleetGroup& failure : summary.failures) {
    out.Paragraph(
        absl::StrCat(failure.hosts.size(), " ", failure.value, ": ", Named(failure.hosts)), 2,
        Style::kBad);
  }
  PrintModels(out, summary);
  PrintAspects(out, summary);
  if (summary.commands.empty()) return;
  out.EmptyLine();
  out.Line("Flavors and images that this fleet can serve:");
  for (const std::string& command : summary.commands) out.Line(absl::StrCat("  ", command));
}

std::string FleetJson(const std::vector<FleetHost>& hosts, const FleetSummary& summary) {
  return absl::StrCat(Dump(FleetObject(hosts, summary), 2), "\n");
}

std::string FleetHtml(const std::vector<FleetHost>& hosts, const FleetSummary& summary,
                      const std::string& taken_at) {
  ordered_json data = FleetObject(hosts, summary);
  data["taken_at"] = taken_at;
  // Inside a script element "<" could end it: JSON may write it as an escape.
  const std::string text =
      absl::StrReplaceAll(Dump(data, -1), {{"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}});
  const absl::string_view page = embedded::fleet_page;
  constexpr absl::string_view kPlace = "@FLEET_DATA@";
  const size_t at = page.find(kPlace);
  return absl::StrCat(page.substr(0, at), text, page.substr(at + kPlace.size()));
}

}  // namespace ccplace::ctl
