#include "client/ctl/report/change_printer.h"

#include "absl/strings/str_cat.h"
#include "client/ctl/console/enum_names.h"
#include "client/ctl/report/host_printer.h"
#include "lib/base/encryption_model.h"

namespace ccplace::ctl {
namespace {

const v1::Check* FindCheck(const v1::ModelCapability& model, v1::CheckKind kind) {
  for (const v1::Check& check : model.checks()) {
    if (check.kind() == kind) return &check;
  }
  return nullptr;
}

std::string KeysText(const v1::KeyInventory& keys) {
  return absl::StrCat(FigureText(keys.free()), " free, ", FigureText(keys.in_use()), " in use, ",
                      FigureText(keys.usable()), " usable, ", FigureText(keys.unaccounted()),
                      " unaccounted");
}

void PrintState(Console& out, const std::string& when, const v1::WatchHostResponse& now) {
  std::vector<Cell> line = {{absl::StrCat(when, " "), Style::kFaint}};
  const v1::ModelCapability* tdx = FindModel(now.capabilities(), v1::ENCRYPTION_MODEL_INTEL_TDX);
  const v1::Support verdict = tdx != nullptr ? tdx->verdict() : v1::SUPPORT_UNKNOWN;
  line.push_back({"intel-tdx "});
  line.push_back({UpperEnumName(verdict), StyleOf(verdict)});
  line.push_back({absl::StrCat("; keys: ", KeysText(now.tdx_keys()))});
  if (now.freshness().stale()) line.push_back({"; STALE", Style::kDoubtful});
  if (now.simulated()) line.push_back({"; SIMULATED", Style::kDoubtful});
  out.Line(line);
}

void PrintCheckChange(Console& out, const std::string& model, const v1::Check* before,
                      const v1::Check& now) {
  const bool same =
      before != nullptr && before->result() == now.result() && before->found() == now.found();
  if (same) return;
  const std::string was = before != nullptr ? UpperEnumName(before->result()) : "none";
  out.Line({{absl::StrCat("         ", model, " ", CheckKindName(now.kind()), ": ", was, " -> ")},
            {UpperEnumName(now.result()), StyleOf(now.result())},
            {absl::StrCat(" (", now.found(), ")")}});
  if (now.result() != v1::CHECK_RESULT_PASS && !now.remedy().empty()) {
    out.Paragraph(absl::StrCat("to do: ", now.remedy()), 11);
  }
}

void PrintModelChange(Console& out, const v1::ModelCapability& before,
                      const v1::ModelCapability& now) {
  const std::string name = ModelName(now.model());
  if (before.verdict() != now.verdict()) {
    out.Line({{absl::StrCat("         ", name, ": ")},
              {UpperEnumName(before.verdict()), StyleOf(before.verdict())},
              {" -> "},
              {UpperEnumName(now.verdict()), StyleOf(now.verdict())}});
  }
  for (const v1::Check& check : now.checks()) {
    PrintCheckChange(out, name, FindCheck(before, check.kind()), check);
  }
  if (before.keys().withheld() != now.keys().withheld()) {
    out.Paragraph(now.keys().withheld().empty()
                      ? absl::StrCat(name, " keys are given back to schedulers")
                      : absl::StrCat(name, " keys are withheld: ", now.keys().withheld()),
                  9, now.keys().withheld().empty() ? Style::kGood : Style::kDoubtful);
  }
  const bool tdx = now.model() == v1::ENCRYPTION_MODEL_INTEL_TDX;
  if (!tdx && KeysText(before.keys()) != KeysText(now.keys())) {
    out.Line(absl::StrCat("         ", name, " keys: ", KeysText(now.keys())));
  }
}

void PrintAge(Console& out, absl::string_view source, const v1::FactsAge& before,
              const v1::FactsAge& now) {
  if (before.stale() == now.stale() && before.reason() == now.reason()) return;
  out.Paragraph(now.stale() ? absl::StrCat(source, " is stale: ", now.reason())
                            : absl::StrCat(source, " is fresh again"),
                9, now.stale() ? Style::kDoubtful : Style::kGood);
}

void PrintFirmwareChange(Console& out, const v1::TdxFirmware& before, const v1::TdxFirmware& now) {
  if (before.mrtd() == now.mrtd() || now.mrtd().empty()) return;
  if (before.mrtd().empty()) {  // As just after the daemon's start.
    return out.Paragraph(absl::StrCat("firmware's MRTD: ", MrtdText(now.mrtd())), 9);
  }
  out.Paragraph(
      absl::StrCat("firmware's MRTD: ", MrtdText(before.mrtd()), " -> ", MrtdText(now.mrtd()),
                   ": verifiers that expect the old one refuse new guests"),
      9, Style::kDoubtful);
}

void PrintVersionChange(Console& out, const char* what, const std::string& before,
                        const std::string& now) {
  if (before == now) return;
  out.Paragraph(absl::StrCat(what, ": ", OrUnknown(before), " -> ", OrUnknown(now)), 9,
                Style::kDoubtful);
}

void PrintPlatformChange(Console& out, const v1::HostVersions& before,
                         const v1::HostVersions& now) {
  PrintVersionChange(out, "TDX module", before.tdx_module(), now.tdx_module());
  PrintVersionChange(out, "microcode", before.microcode(), now.microcode());
  PrintVersionChange(out, "BIOS", before.bios(), now.bios());
}

void PrintModels(Console& out, const v1::WatchHostResponse& now) {
  for (const v1::ModelCapability& model : now.capabilities().models()) {
    if (model.model() == v1::ENCRYPTION_MODEL_INTEL_TDX) continue;
    out.Line({{absl::StrCat("         ", ModelName(model.model()), " ")},
              {UpperEnumName(model.verdict()), StyleOf(model.verdict())},
              {absl::StrCat("; keys: ", KeysText(model.keys()))}});
  }
}

}  // namespace

void PrintChange(Console& out, const std::string& when, const v1::WatchHostResponse* before,
                 const v1::WatchHostResponse& now) {
  if (before == nullptr) PrintHost(out, now.capabilities());
  PrintState(out, when, now);
  if (before == nullptr) PrintModels(out, now);
  const v1::WatchHostResponse& earlier = before != nullptr ? *before : now;
  for (const v1::ModelCapability& model : now.capabilities().models()) {
    const v1::ModelCapability* old = FindModel(earlier.capabilities(), model.model());
    PrintModelChange(out, old != nullptr ? *old : v1::ModelCapability::default_instance(), model);
  }
  PrintFirmwareChange(out, earlier.capabilities().tdx_firmware(),
                      now.capabilities().tdx_firmware());
  PrintPlatformChange(out, earlier.capabilities().versions(), now.capabilities().versions());
  const v1::Freshness fresh;
  const v1::Freshness& age = before != nullptr ? before->freshness() : fresh;
  PrintAge(out, "the host's files", age.host_files(), now.freshness().host_files());
  PrintAge(out, "libvirt", age.hypervisor(), now.freshness().hypervisor());
}

}  // namespace ccplace::ctl
