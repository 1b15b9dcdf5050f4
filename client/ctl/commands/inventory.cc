// ccplacectl inventory: how many guests fit, figure by figure.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/ctl/commands/commands.h"
#include "client/ctl/console/enum_names.h"
#include "client/ctl/report/host_printer.h"

namespace ccplace::ctl {
namespace {

constexpr char kNfd[] = "nfd";

constexpr char kInventoryFooter[] =
    "With -o json the answer is a TdxInventoryResponse, whatever the model. With -o nfd it is a\n"
    "feature file for node-feature-discovery's local source; figures that are unknown, and those "
    "of\n"
    "a simulated host, are left out.\n"
    "\n"
    "Exit code: 0 answered; 3 no answer; 2 the command line is wrong.\n"
    "\n"
    "Example: ccplacectl inventory\n"
    "         ccplacectl inventory -o json | jq -r '.keys.free.value // \"unknown\"'\n"
    "         ccplacectl inventory -o nfd "
    ">/etc/kubernetes/node-feature-discovery/features.d/ccplace\n";

// NAME=VALUE a line, which becomes the node's label feature.node.kubernetes.io/NAME.
std::string NfdText(const std::string& model, const v1::TdxInventoryResponse& answer) {
  std::string text = absl::StrCat("# Keys of ", model, ", by ccplacectl inventory -o nfd.\n");
  if (answer.simulated()) return absl::StrCat(text, "# Left out: the host is simulated.\n");
  const v1::KeyInventory& keys = answer.keys();
  const std::pair<const char*, const v1::Figure*> figures[] = {
      {"total", &keys.total()}, {"usable", &keys.usable()}, {"in-use", &keys.in_use()}};
  for (const auto& [name, figure] : figures) {
    if (figure->has_value()) {
      absl::StrAppend(&text, "ccplace.", model, ".", name, "=", figure->value(), "\n");
    } else {
      absl::StrAppend(&text, "# ccplace.", model, ".", name, " is unknown\n");
    }
  }
  return text;
}

int Show(Session& session, const std::string& model, const v1::TdxInventoryResponse& answer) {
  if (session.PrintedJson(answer)) return kExitYes;
  if (session.common.format == kNfd) {
    session.out.Raw(NfdText(model, answer));
    return kExitYes;
  }
  session.out.Line({{model, Style::kStrong}, {" keys"}});
  session.PrintHostWarnings(answer.simulated(), answer.freshness());
  session.out.EmptyLine();
  PrintKeys(session.out, answer.keys());
  return kExitYes;
}

int ShowOf(Session& session, const std::string& name, const v1::HostCapabilitiesResponse& answer) {
  for (const v1::ModelCapability& model : answer.capabilities().models()) {
    if (ModelName(model.model()) != name) continue;
    v1::TdxInventoryResponse inventory;
    *inventory.mutable_keys() = model.keys();
    *inventory.mutable_freshness() = answer.freshness();
    inventory.set_simulated(answer.simulated());
    return Show(session, name, inventory);
  }
  return session.Fail(absl::InternalError(
      absl::StrCat("ccplaced says nothing of ", name, ": is it an older one?")));
}

int Run(Session& session, const std::string& model) {
  if (model == ModelName(v1::ENCRYPTION_MODEL_INTEL_TDX)) {
    return CallAndPrint(session, v1::TdxInventoryRequest(), &HostClient::TdxInventory,
                        [&](const auto& answer) { return Show(session, model, answer); });
  }
  return CallAndPrint(session, v1::HostCapabilitiesRequest(), &HostClient::HostCapabilities,
                      [&](const auto& answer) { return ShowOf(session, model, answer); });
}

}  // namespace

void RegisterInventoryCommand(CLI::App& app, Session& session) {
  const auto model = std::make_shared<std::string>("intel-tdx");
  CLI::App* command = app.add_subcommand(
      "inventory", "How many confidential guests fit, each figure with its source");
  command->add_option("--model", *model, "Model to count keys of")
      ->check(CLI::IsMember(ModelNames()))
      ->capture_default_str();
  command
      ->add_option("-o,--output", session.common.format,
                   "As for every command, or nfd: a feature file of node-feature-discovery")
      ->check(CLI::IsMember({"table", "json", kNfd}));
  command->footer(kInventoryFooter);
  OnSelected(*command, session, [&session, model] { return Run(session, *model); });
}

}  // namespace ccplace::ctl
