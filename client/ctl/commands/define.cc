// ccplacectl define: make a trust domain.
#include <CLI/App.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/ctl/commands/commands.h"
#include "client/ctl/console/enum_names.h"
#include "client/ctl/console/message_json.h"
#include "client/ctl/input/input_file.h"
#include "client/ctl/input/request_files.h"
#include "client/ctl/report/verdict_printer.h"
#include "lib/base/status.h"
#include "lib/base/text.h"

namespace ccplace::ctl {
namespace {

constexpr char kDefineFooter[] =
    "FILE is the JSON of a DefineTdxDomainRequest (proto/ccplace/v1/domain.proto): names as in "
    "the\n"
    "proto file, bytes in base64. \"-\" reads standard input. The options add to what it says;\n"
    "--flavor and --image take the place of its own.\n"
    "\n"
    "Repeating the same request is safe: the domain that is there is shown.\n"
    "\n"
    "Exit code: 0 it is there (with --dry-run: it could be made); 1 refused; 3 no answer, or "
    "libvirt\n"
    "failed; 2 the command line or a file is wrong.\n"
    "\n"
    "Example: ccplacectl define domain.json --dry-run\n"
    "         ccplacectl define domain.json --flavor flavor.json --image image.json --start\n";

struct DefineOptions {
  std::string spec;
  std::string flavor;
  std::string image;
  bool start = false;
  bool dry_run = false;
  bool require_attestation = false;
  bool xml = false;
};

absl::StatusOr<v1::DefineTdxDomainRequest> BuildRequest(const DefineOptions& options,
                                                        std::istream* in) {
  const absl::StatusOr<std::string> spec = ReadInput(options.spec, in);
  if (!spec.ok()) return spec.status();
  v1::DefineTdxDomainRequest request;
  const absl::Status parsed = ParseMessageJson(*spec, request);
  if (!parsed.ok()) return WithContext(parsed, Quoted(options.spec));
  if (!options.flavor.empty()) {
    absl::StatusOr<v1::Flavor> flavor = ReadFlavor(options.flavor, in);
    if (!flavor.ok()) return flavor.status();
    *request.mutable_flavor() = *std::move(flavor);
  }
  if (!options.image.empty()) {
    absl::StatusOr<ImageFile> file = ReadImage(options.image, in);
    if (!file.ok()) return file.status();
    *request.mutable_image() = std::move(file->image);  // The domain names its own disks.
  }
  if (options.start) request.set_start(true);
  if (options.dry_run) request.set_dry_run(true);
  if (options.require_attestation) request.set_require_attestation(true);
  return request;
}

std::string StateText(const v1::DefineTdxDomainResponse& answer) {
  if (answer.running()) return "runs";
  const bool off = answer.state() == v1::DOMAIN_STATE_SHUT_OFF ||
                   answer.state() == v1::DOMAIN_STATE_UNSPECIFIED;  // An older ccplaced's.
  return off ? "does not run" : absl::StrCat("is ", DomainStateName(answer.state()));
}

std::string Outcome(const v1::DefineTdxDomainResponse& answer) {
  if (answer.dry_run()) return "could be made; nothing was touched";
  const char* made = !answer.already_defined()      ? "was defined"
                     : answer.differences().empty() ? "was there already"
                                                    : "was there already, and is not as asked for";
  return absl::StrCat(made, ", ", StateText(answer));
}

// Explains a guest that exists and does nothing.
void PrintState(Console& out, const v1::DefineTdxDomainResponse& answer) {
  if (answer.state() == v1::DOMAIN_STATE_CRASHED) {
    out.Paragraph(
        "The guest crashed and is kept with its key: examine it, then `ccplacectl undefine "
        "--stop`.",
        0, Style::kBad);
  }
  if (answer.state() == v1::DOMAIN_STATE_PAUSED) {
    out.Paragraph(absl::StrCat("The guest is paused: `virsh domstate --reason ", answer.uuid(),
                               "` says why, `virsh resume` lets it go on."),
                  0, Style::kDoubtful);
  }
  if (answer.transient()) {
    out.Paragraph(
        "Somebody undefined it while it ran: it is gone once it stops. To keep it, stop it and "
        "define it again.",
        0, Style::kDoubtful);
  }
}

std::string OrNothing(const std::string& text) { return text.empty() ? "-" : text; }

void PrintDifferences(Console& out, const v1::DefineTdxDomainResponse& answer) {
  if (answer.differences().empty()) return;
  std::vector<std::vector<Cell>> rows;
  for (const v1::DomainDifference& one : answer.differences()) {
    const bool of_guest = one.side() == v1::DOMAIN_SIDE_ACTIVE_GUEST;
    rows.push_back({{one.field(), Style::kStrong},
                    {OrNothing(one.asked())},
                    {OrNothing(one.found())},
                    {of_guest ? "the guest" : "the definition"}});
  }
  out.EmptyLine();
  out.Table({"DIFFERS", "ASKED FOR", "FOUND", "IN"}, rows);
  out.Paragraph("To have what was asked for: undefine it, and define it again.", 0);
}

std::string HexOrZero(const std::string& bytes) {
  return bytes.empty() ? "zeroes" : absl::BytesToHexString(bytes);
}

std::string FirmwareDigest(const v1::LaunchReference& reference) {
  if (!reference.firmware_sha384().empty()) {
    return absl::BytesToHexString(reference.firmware_sha384());
  }
  return absl::StrCat("unknown: ", reference.firmware_unread());
}

// Whose hash it is, where that is not plain.
std::string MomentText(const v1::LaunchReference& reference) {
  if (!reference.firmware_file_sha384().empty()) {
    return absl::StrCat("at the start; the file changed since, to ",
                        absl::BytesToHexString(reference.firmware_file_sha384()),
                        ": the guest has that once it was reset or rebooted");
  }
  switch (reference.firmware_moment()) {
    case v1::FIRMWARE_MOMENT_NEXT_START:
      return "of the next start";
    case v1::FIRMWARE_MOMENT_START:
      return "at the start";
    case v1::FIRMWARE_MOMENT_AFTER_START:
      return "now; others started the guest, perhaps with an older file";
    default:
      return "";
  }
}

std::string OrDefault(const std::string& text, const std::string& otherwise) {
  return text.empty() ? otherwise : text;
}

std::string ModuleAtStart(const v1::LaunchReference& reference) {
  if (reference.newer_tdx_module().empty()) return reference.tdx_module();
  return absl::StrCat(reference.tdx_module(), " at the start; ", reference.newer_tdx_module(),
                      " now: a restart raises TEE_TCB_SVN");
}

// What is not known yet is left out.
void AddIfKnown(const char* name, const std::string& value, std::vector<std::vector<Cell>>& rows) {
  if (!value.empty()) rows.push_back({{name}, {value}});
}

void PrintReference(Console& out, const v1::DefineTdxDomainResponse& answer) {
  const v1::LaunchReference& reference = answer.reference();
  std::vector<std::vector<Cell>> rows = {
      {{"firmware"}, {OrDefault(reference.firmware_path(), "libvirt's choice")}},
      {{"firmware SHA-384"}, {FirmwareDigest(reference)}},
      {{"hashed"}, {OrNothing(MomentText(reference))}}};
  AddIfKnown("MRTD", absl::BytesToHexString(reference.mrtd()), rows);
  AddIfKnown("TDX module", ModuleAtStart(reference), rows);
  rows.insert(
      rows.end(),
      {{{"machine type"}, {reference.machine_type()}},
       {{"TD policy"}, {absl::StrFormat("0x%x", reference.policy())}},
       {{"MRCONFIGID"}, {HexOrZero(reference.mr_config_id())}},
       {{"MROWNER"}, {HexOrZero(reference.mr_owner())}},
       {{"MROWNERCONFIG"}, {HexOrZero(reference.mr_owner_config())}},
       {{"quote service"}, {OrDefault(reference.quote_service_path(), "libvirt's default socket")}},
       {{"request digest"}, {answer.request_digest()}}});
  out.EmptyLine();
  out.Table({"REFERENCE VALUE", "FOR WHO VERIFIES THE GUEST"}, rows);
}

int Show(Session& session, const DefineOptions& options,
         const v1::DefineTdxDomainResponse& answer) {
  if (session.PrintedJson(answer)) return kExitYes;
  session.out.Line(
      {{answer.name(), Style::kStrong},
       {absl::StrCat(" (", answer.uuid(), ") ")},
       {Outcome(answer), answer.differences().empty() ? Style::kGood : Style::kDoubtful}});
  if (answer.simulated()) {
    session.out.Line({{"SIMULATED: no guest exists.", Style::kDoubtful}});
  }
  PrintState(session.out, answer);
  PrintDifferences(session.out, answer);
  PrintReference(session.out, answer);
  PrintWarnings(session.out, answer.warnings());
  if (options.xml) {
    session.out.EmptyLine();
    session.out.Lines(answer.xml());
  }
  return kExitYes;
}

int Run(Session& session, const DefineOptions& options) {
  const auto request = BuildRequest(options, session.in);
  if (!request.ok()) return session.FailUsage(request.status());
  session.changes = true;
  return CallAndPrint(session, *request, &HostClient::DefineTdxDomain,
                      [&](const auto& answer) { return Show(session, options, answer); });
}

}  // namespace

void RegisterDefineCommand(CLI::App& app, Session& session) {
  const auto options = std::make_shared<DefineOptions>();
  CLI::App* command =
      app.add_subcommand("define", "Make a trust domain, and start it when asked to");
  command->add_option("FILE", options->spec, "What to make")->required();
  command->add_option("--flavor", options->flavor, "FILE of `openstack flavor show -f json`");
  command->add_option("--image", options->image, "FILE of `openstack image show -f json`");
  command->add_flag("--start", options->start, "Start it too");
  command->add_flag("--dry-run", options->dry_run, "Judge and build, touch nothing");
  command->add_flag("--require-attestation", options->require_attestation,
                    "Refuse while the Quote Generation Service does not answer");
  command->add_flag("--xml", options->xml, "Show the XML as libvirt holds it");
  command->footer(kDefineFooter);
  OnSelected(*command, session, [&session, options] { return Run(session, *options); });
}

}  // namespace ccplace::ctl
