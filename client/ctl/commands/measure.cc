// ccplacectl measure: a firmware image's sections and MRTD, without a daemon.
#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/ctl/commands/commands.h"
#include "client/ctl/commands/firmware_file.h"
#include "client/ctl/console/message_json.h"

namespace ccplace::ctl {
namespace {

using nlohmann::ordered_json;

constexpr char kMeasureFooter[] =
    "MRTD is the value in a guest's quote; SHA-384 is of the file, and is in no quote. The "
    "variable\n"
    "store with its Secure Boot keys is no part of MRTD: it is measured into RTMR0.\n"
    "\n"
    "Exit code: 0 measured; 1 the file is no TDVF image, or a broken one; 2 the command line is\n"
    "wrong, or the file cannot be read.\n"
    "\n"
    "Example: ccplacectl measure\n"
    "         ccplacectl measure /usr/share/ovmf/OVMF.inteltdx.ms.fd -o json | jq -r .mrtd\n";

constexpr char kTwoPasses[] = "two-pass-qemu8-preview";

struct MeasureOptions {
  std::string file;
  std::string order = "single-pass";
};

std::string OriginName(TdvfOrigin origin) {
  return origin == TdvfOrigin::kOvmfTable ? "OVMF" : "td-shim";
}

absl::string_view PartInMrtd(const TdvfSection& section) {
  if (section.augmented()) return "nothing: the guest accepts it";
  return section.measured() ? "addresses and content" : "addresses";
}

std::vector<Cell> SectionRow(size_t index, const TdvfSection& section) {
  const std::string data =
      section.raw_bytes == 0 ? "-"
                             : absl::StrFormat("%#x + %#x", section.raw_offset, section.raw_bytes);
  return {{absl::StrCat(index)},
          {TdvfSectionTypeName(section.type), Style::kStrong},
          {data},
          {absl::StrFormat("%#x + %#x", section.memory_address, section.memory_bytes)},
          {std::string(PartInMrtd(section)), section.measured() ? Style::kGood : Style::kPlain}};
}

ordered_json SectionJson(const TdvfSection& section) {
  return {{"type", TdvfSectionTypeName(section.type)},
          {"raw_offset", section.raw_offset},
          {"raw_bytes", section.raw_bytes},
          {"memory_address", absl::StrFormat("%#x", section.memory_address)},
          {"memory_bytes", section.memory_bytes},
          {"measured", section.measured()},
          {"augmented", section.augmented()}};
}

void PrintJson(Console& out, const FirmwareFile& firmware, const MeasureOptions& options) {
  ordered_json answer = {{"file", firmware.path},
                         {"bytes", firmware.bytes},
                         {"format", OriginName(firmware.tdvf.origin)},
                         {"order", options.order},
                         {"mrtd", absl::BytesToHexString(firmware.mrtd)},
                         {"sha384", absl::BytesToHexString(firmware.sha384)},
                         {"sections", ordered_json::array()}};
  for (const TdvfSection& section : firmware.tdvf.sections) {
    answer["sections"].push_back(SectionJson(section));
  }
  out.Raw(EscapeControls(answer.dump(2, ' ', true, ordered_json::error_handler_t::replace)));
  out.Raw("\n");
}

void PrintTable(Console& out, const FirmwareFile& firmware, const MeasureOptions& options) {
  out.Line({{firmware.path, Style::kStrong},
            {absl::StrCat(": ", firmware.bytes, " bytes, ", OriginName(firmware.tdvf.origin))}});
  std::vector<std::vector<Cell>> rows;
  for (const TdvfSection& section : firmware.tdvf.sections) {
    rows.push_back(SectionRow(rows.size(), section));
  }
  out.Table({"#", "SECTION", "IN THE FILE", "IN MEMORY", "IN MRTD"}, rows);
  out.EmptyLine();
  out.Line({{"MRTD     "}, {absl::BytesToHexString(firmware.mrtd), Style::kStrong}});
  out.Line({{"SHA-384  "}, {absl::BytesToHexString(firmware.sha384)}, {"  (of the file)"}});
  if (options.order == kTwoPasses) {
    out.Paragraph("In the order of previews with QEMU 8: no mainline kernel measures so.", 0,
                  Style::kDoubtful);
  }
  out.Paragraph(
      "Not in MRTD: the variable store (CFV) and its Secure Boot keys, which are in RTMR0; all "
      "that "
      "the guest loads later.",
      0, Style::kFaint);
}

int Measure(Session& session, const MeasureOptions& options) {
  const MrtdOrder order =
      options.order == kTwoPasses ? MrtdOrder::kTwoPassQemu8Preview : MrtdOrder::kSinglePass;
  const absl::StatusOr<FirmwareFile> firmware =
      MeasureFirmwareFile(options.file, session.in, order);
  if (!firmware.ok()) return FailFirmware(session, firmware.status());
  if (session.json()) {
    PrintJson(session.out, *firmware, options);
  } else {
    PrintTable(session.out, *firmware, options);
  }
  return kExitYes;
}

}  // namespace

void RegisterMeasureCommand(CLI::App& app, Session& session) {
  const auto options = std::make_shared<MeasureOptions>();
  CLI::App* command = app.add_subcommand(
      "measure", "MRTD of a firmware image, section by section; asks no ccplaced");
  command->add_option("FILE", options->file,
                      "Firmware image, or - for standard input; left out: the first that this "
                      "host's firmware descriptors offer for intel-tdx");
  command
      ->add_option("--order", options->order,
                   "Order of measurement: single-pass, of every mainline kernel, or that of "
                   "previews with QEMU 8")
      ->check(CLI::IsMember({"single-pass", kTwoPasses}))
      ->capture_default_str();
  command->footer(kMeasureFooter);
  OnSelected(*command, session, [&session, options] { return Measure(session, *options); });
}

}  // namespace ccplace::ctl
