// ccplacectl reference: what a verifier must expect, in the formats that verifiers read.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "client/ctl/commands/commands.h"
#include "client/ctl/commands/firmware_file.h"
#include "client/ctl/console/message_json.h"
#include "lib/base/text.h"
#include "lib/host/tdx_module.h"
#include "lib/measurement/reference_values.h"

namespace ccplace::ctl {
namespace {

constexpr char kReferenceFooter[] =
    "Formats: json; trustee, a message for `rvps-tool register`; go-tdx-guest, text for its check\n"
    "tool (FILE.textproto); intel, an identity policy for the appraisal library of Intel's DCAP.\n"
    "What a host cannot know before a guest boots is left out, and said on standard error.\n"
    "\n"
    "Exit code: 0 printed; 1 there is no such guest, or the image is no TDVF; 2 the command line "
    "is\n"
    "wrong, or the file cannot be read; 3 no answer, or the firmware's MRTD is not known.\n"
    "\n"
    "Example: ccplacectl reference -o trustee > message.json\n"
    "         ccplacectl reference 6a1d2f3c-58b7-4c0e-9d51-0c6f3a7b9e24 -o go-tdx-guest\n"
    "         ccplacectl reference --firmware OVMF.inteltdx.ms.fd -o intel\n";

constexpr size_t kFieldBytes = 48;

struct ReferenceOptions {
  std::string uuid;
  std::string firmware;
  std::string format;
};

// As in a quote: what was left out at the definition is zero there.
std::string OrZeroes(const std::string& field) {
  return field.empty() ? std::string(kFieldBytes, '\0') : field;
}

void AddModule(const std::string& version, ReferenceValues& values) {
  values.tdx_module = version;
  const std::optional<TdxModuleVersion> parsed = ParseTdxModuleVersion(version);
  const PublishedTdxModule* known = parsed.has_value() ? FindPublishedTdxModule(*parsed) : nullptr;
  if (known == nullptr) return;
  values.published_module =
      PublishedModule{BytesFromHex(known->mrseam), known->minor_svn, known->major_svn,
                      absl::StrCat(kTdxModuleReleases, ", as of ", kTdxModuleTableDate)};
}

ReferenceValues ValuesOf(const v1::TdxDomain& domain) {
  const v1::LaunchReference& reference = domain.reference();
  ReferenceValues values;
  values.mrtd = reference.mrtd();
  values.td_attributes = reference.policy();
  values.mr_config_id = OrZeroes(reference.mr_config_id());
  values.mr_owner = OrZeroes(reference.mr_owner());
  values.mr_owner_config = OrZeroes(reference.mr_owner_config());
  values.uuid = domain.uuid();
  values.firmware_path = reference.firmware_path();
  values.firmware_sha384 = reference.firmware_sha384();
  values.machine_type = reference.machine_type();
  AddModule(reference.tdx_module(), values);
  return values;
}

ReferenceValues ValuesOf(const v1::HostCapabilities& host) {
  const v1::TdxFirmware& firmware = host.tdx_firmware();
  ReferenceValues values;
  values.mrtd = firmware.mrtd();
  AddModule(host.versions().tdx_module(), values);
  values.firmware_path = firmware.path();
  values.firmware_sha384 = firmware.sha384();
  return values;
}

ReferenceValues ValuesOf(const FirmwareFile& firmware) {
  ReferenceValues values;
  values.mrtd = firmware.mrtd;
  values.firmware_path = firmware.path;
  values.firmware_sha384 = firmware.sha384;
  return values;
}

std::string InFormat(const ReferenceValues& values, const std::string& format) {
  if (format == "trustee") return TrusteeMessage(values);
  if (format == "go-tdx-guest") return GoTdxGuestPolicy(values);
  if (format == "intel") return IntelAppraisalPolicy(values);
  return EscapeControls(ReferenceJson(values));
}

int Print(Session& session, const ReferenceValues& values, const ReferenceOptions& options) {
  session.out.Raw(InFormat(values, options.format));
  for (const LeftOutValue& value : LeftOutOf(values)) {
    session.err.Line(absl::StrCat("left out: ", value.field, ": ", value.why));
  }
  if (values.td_attributes.has_value()) {
    session.err.Line(
        "note: td_attributes as asked for; where processor and KVM offer protection keys, QEMU "
        "adds "
        "bit 30 (0x40000000) by itself");
  }
  return kExitYes;
}

int NotKnown(Session& session, const std::string& path, const std::string& why) {
  return session.Fail(absl::UnavailableError(
      absl::StrCat("the MRTD of firmware ", Quoted(path), " is not known: ", why)));
}

void WarnOfMoment(Session& session, const v1::LaunchReference& reference) {
  if (reference.firmware_moment() == v1::FIRMWARE_MOMENT_AFTER_START) {
    session.err.Line(
        "note: what this guest was started with was not kept: the firmware may have changed "
        "between "
        "its start and now");
  }
  if (!reference.firmware_file_sha384().empty()) {
    session.err.Line(
        "note: the firmware file changed since the guest's start: after a reset or a restart its "
        "MRTD is another");
  }
  if (!reference.newer_tdx_module().empty()) {
    session.err.Line(absl::StrCat("note: TDX module ", reference.newer_tdx_module(),
                                  " is loaded now: a restart raises the guest's TEE_TCB_SVN"));
  }
}

int PrintDomain(Session& session, const ReferenceOptions& options,
                const v1::ListTdxDomainsResponse& answer) {
  const auto found =
      std::find_if(answer.domains().begin(), answer.domains().end(),
                   [&](const v1::TdxDomain& domain) { return domain.uuid() == options.uuid; });
  if (found == answer.domains().end()) {
    return session.Fail(absl::FailedPreconditionError(
        absl::StrCat("ccplaced defined no trust domain ", Quoted(options.uuid),
                     " on this host; see ccplacectl list")));
  }
  const v1::LaunchReference& reference = found->reference();
  if (reference.mrtd().empty()) {
    return NotKnown(session, reference.firmware_path(),
                    reference.firmware_unread().empty() ? "no TDVF image, or it was replaced"
                                                        : reference.firmware_unread());
  }
  WarnOfMoment(session, reference);
  return Print(session, ValuesOf(*found), options);
}

int PrintHost(Session& session, const ReferenceOptions& options,
              const v1::HostCapabilitiesResponse& answer) {
  const v1::TdxFirmware& firmware = answer.capabilities().tdx_firmware();
  if (firmware.mrtd().empty()) return NotKnown(session, firmware.path(), firmware.unread());
  return Print(session, ValuesOf(answer.capabilities()), options);
}

int Run(Session& session, ReferenceOptions options) {
  if (options.format.empty()) options.format = session.common.format;
  if (!options.firmware.empty()) {
    const absl::StatusOr<FirmwareFile> firmware =
        MeasureFirmwareFile(options.firmware, session.in, MrtdOrder::kSinglePass);
    if (!firmware.ok()) return FailFirmware(session, firmware.status());
    return Print(session, ValuesOf(*firmware), options);
  }
  if (options.uuid.empty()) {
    return CallAndPrint(session, v1::HostCapabilitiesRequest(), &HostClient::HostCapabilities,
                        [&](const auto& answer) { return PrintHost(session, options, answer); });
  }
  return CallAndPrint(session, v1::ListTdxDomainsRequest(), &HostClient::ListTdxDomains,
                      [&](const auto& answer) { return PrintDomain(session, options, answer); });
}

}  // namespace

void RegisterReferenceCommand(CLI::App& app, Session& session) {
  const auto options = std::make_shared<ReferenceOptions>();
  CLI::App* command = app.add_subcommand(
      "reference", "What a verifier must expect of this host's guests, or of one of them");
  CLI::Option* uuid = command->add_option(
      "UUID", options->uuid, "A guest that ccplaced defined; left out: any guest of this host");
  command
      ->add_option("--firmware", options->firmware,
                   "Take the values from this firmware image, and ask no ccplaced")
      ->excludes(uuid);
  command
      ->add_option("-o,--output", options->format,
                   "json (the default), trustee, go-tdx-guest, intel")
      ->check(CLI::IsMember({"json", "trustee", "go-tdx-guest", "intel"}));
  command->footer(kReferenceFooter);
  OnSelected(*command, session, [&session, options] { return Run(session, *options); });
}

}  // namespace ccplace::ctl
