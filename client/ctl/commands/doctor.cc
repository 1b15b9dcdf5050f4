// ccplacectl doctor: can this host run confidential guests, and what keeps it from it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/ctl/commands/commands.h"
#include "client/ctl/console/enum_names.h"
#include "client/ctl/report/host_printer.h"
#include "lib/base/text.h"

namespace ccplace::ctl {
namespace {

constexpr char kDoctorFooter[] =
    "A check that gates decides on the verdict; one marked \"info\" does not. UNKNOWN is not a "
    "no:\n"
    "the thing could not be read, and what was found says why.\n"
    "\n"
    "Exit code: 0 the host can run a model that was asked about; 1 it can run none of them; 3 "
    "that\n"
    "is unknown, or ccplaced did not answer; 2 the command line is wrong.\n"
    "\n"
    "Example: ccplacectl doctor --refresh\n"
    "         ccplacectl doctor --model all -o json\n";

struct DoctorOptions {
  std::vector<std::string> models = {"intel-tdx"};
  bool refresh = false;
};

bool Chosen(const DoctorOptions& options, v1::EncryptionModel model) {
  return std::any_of(options.models.begin(), options.models.end(), [&](const std::string& name) {
    return name == "all" || name == ModelName(model);
  });
}

// Longest text in the column; a longer one is printed in full below the table.
constexpr size_t kFoundColumn = 44;

std::vector<Cell> CheckRow(const v1::Check& check) {
  const bool passed = check.result() == v1::CHECK_RESULT_PASS;
  return {{UpperEnumName(check.result()), StyleOf(check.result())},
          {check.gate() ? "gate" : "info", Style::kFaint},
          {CheckKindName(check.kind())},
          {passed ? check.found() : Printable(check.found(), kFoundColumn)},
          {check.source(), Style::kFaint}};
}

void PrintRemedies(Console& out, const v1::ModelCapability& model) {
  for (const v1::Check& check : model.checks()) {
    if (check.result() == v1::CHECK_RESULT_PASS) continue;
    out.EmptyLine();
    out.Line({{"  "},
              {absl::StrCat(UpperEnumName(check.result()), " ", CheckKindName(check.kind())),
               StyleOf(check.result())},
              {check.gate() ? "" : " (no gate: guests run without it)"}});
    if (check.found().size() > kFoundColumn) {
      out.Paragraph(absl::StrCat("found: ", check.found()), 4);
    }
    if (!check.remedy().empty()) out.Paragraph(absl::StrCat("to do: ", check.remedy()), 4);
  }
}

std::string Conclusion(const v1::ModelCapability& model) {
  const std::string name = ModelName(model.model());
  switch (model.verdict()) {
    case v1::SUPPORT_SUPPORTED:
      return absl::StrCat("This host can run ", name, " guests; ", FigureText(model.keys().free()),
                          " keys are free.");
    case v1::SUPPORT_UNSUPPORTED:
      return absl::StrCat("This host cannot run ", name, " guests: see what to do above.");
    default:
      return absl::StrCat("Whether this host can run ", name,
                          " guests is not known: see what could not be read above.");
  }
}

// What images of this host's guests must say of secure boot; empty: nothing is known of firmware.
std::string SecureBootAdvice(const v1::GuestFirmware& firmware) {
  const v1::Support with = firmware.with_secure_boot();
  const v1::Support without = firmware.without_secure_boot();
  if (firmware.path().empty() || with == v1::SUPPORT_UNSPECIFIED) return "";
  const absl::string_view keys =
      firmware.enrolled_keys()
          ? " Keys are enrolled: with secure boot on, only signed boot loaders start."
          : "";
  if (with == v1::SUPPORT_SUPPORTED && without == v1::SUPPORT_UNSUPPORTED) {
    const bool seen_by_nova = firmware.nova_secure_boot() != v1::SUPPORT_UNSUPPORTED;
    return absl::StrCat("All its firmware has secure boot",
                        seen_by_nova ? ":"
                                     : ", and nova takes it that there is none: install firmware "
                                       "that needs SMM beside it (Debian testing: ovmf-generic); "
                                       "then",
                        " images need os_secure_boot=optional, or required.", keys);
  }
  if (with == v1::SUPPORT_UNSUPPORTED && without == v1::SUPPORT_SUPPORTED) {
    return "None of its firmware has secure boot: images cannot require it.";
  }
  if (with == v1::SUPPORT_SUPPORTED && without == v1::SUPPORT_SUPPORTED) {
    return absl::StrCat("It has firmware with secure boot and without.", keys);
  }
  return "Whether it has firmware with secure boot, and without, is not known.";
}

void PrintModel(Console& out, const v1::ModelCapability& model) {
  out.EmptyLine();
  out.Line({{ModelName(model.model()), Style::kStrong},
            {": "},
            {UpperEnumName(model.verdict()), StyleOf(model.verdict())}});
  std::vector<std::vector<Cell>> rows;
  for (const v1::Check& check : model.checks()) rows.push_back(CheckRow(check));
  out.Table({"RESULT", "KIND", "CHECK", "FOUND", "WHERE"}, rows, 2);
  PrintRemedies(out, model);
  PrintWithheld(out, model.keys(), 2);
  out.EmptyLine();
  out.Paragraph(Conclusion(model), 2, StyleOf(model.verdict()));
  const std::string advice = SecureBootAdvice(model.firmware());
  if (!advice.empty()) out.Paragraph(advice, 2);
}

void PrintOthers(Console& out, const v1::HostCapabilities& host, const DoctorOptions& options) {
  std::vector<std::string> others;
  for (const v1::ModelCapability& model : host.models()) {
    if (Chosen(options, model.model())) continue;
    others.push_back(absl::StrCat(ModelName(model.model()), " ", UpperEnumName(model.verdict())));
  }
  if (others.empty()) return;
  out.EmptyLine();
  out.Paragraph(absl::StrCat("Not looked into: ", absl::StrJoin(others, ", "), " (--model all)"), 0,
                Style::kFaint);
}

int ExitOf(const v1::HostCapabilities& host, const DoctorOptions& options) {
  int code = kExitNo;
  for (const v1::ModelCapability& model : host.models()) {
    if (!Chosen(options, model.model())) continue;
    if (model.verdict() == v1::SUPPORT_SUPPORTED) return kExitYes;
    if (model.verdict() != v1::SUPPORT_UNSUPPORTED) code = kExitNoAnswer;
  }
  return code;
}

int Show(Session& session, const DoctorOptions& options,
         const v1::HostCapabilitiesResponse& answer) {
  const v1::HostCapabilities& host = answer.capabilities();
  if (session.PrintedJson(answer)) return ExitOf(host, options);
  PrintHost(session.out, host);
  session.PrintHostWarnings(answer.simulated(), answer.freshness());
  for (const v1::ModelCapability& model : host.models()) {
    if (Chosen(options, model.model())) PrintModel(session.out, model);
  }
  PrintOthers(session.out, host, options);
  return ExitOf(host, options);
}

}  // namespace

void RegisterDoctorCommand(CLI::App& app, Session& session) {
  const auto options = std::make_shared<DoctorOptions>();
  CLI::App* command =
      app.add_subcommand("doctor",
                         "Whether this host can run confidential guests, check by check, "
                         "with what to do about each that failed");
  std::vector<std::string> names = ModelNames();
  names.push_back("all");
  command->add_option("--model", options->models, "Model to look into; may be repeated")
      ->check(CLI::IsMember(names))
      ->capture_default_str();
  command->add_flag("--refresh", options->refresh, "Have everything read again first");
  command->footer(kDoctorFooter);
  OnSelected(*command, session, [&session, options] {
    v1::HostCapabilitiesRequest request;
    request.set_refresh(options->refresh);
    return CallAndPrint(session, request, &HostClient::HostCapabilities,
                        [&](const auto& answer) { return Show(session, *options, answer); });
  });
}

}  // namespace ccplace::ctl
