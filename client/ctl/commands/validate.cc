// ccplacectl validate: would this flavor and image run.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/ctl/commands/commands.h"
#include "client/ctl/console/enum_names.h"
#include "client/ctl/input/image_devices.h"
#include "client/ctl/input/request_files.h"
#include "client/ctl/report/verdict_printer.h"
#include "lib/request/rules.h"

namespace ccplace::ctl {
namespace {

constexpr char kValidateFooter[] =
    "FILE is what the client prints, in any release's form; \"-\" reads standard input:\n"
    "  openstack flavor show -f json FLAVOR > flavor.json\n"
    "  openstack image show -f json IMAGE > image.json\n"
    "A block device is JSON with nova's names, \"key=value,...\" as `openstack server create` "
    "takes\n"
    "it, or a file with JSON.\n"
    "\n"
    "Exit code: 0 accepted, or not confidential at all; 1 rejected, or the guest would run "
    "unencrypted\n"
    "although something asks for encryption (with --this-host: or this host cannot run it now); 3 "
    "no answer (with --this-host: or this host does not know); 2 the "
    "command\n"
    "line or a file is wrong.\n"
    "\n"
    "Example: ccplacectl validate --flavor flavor.json --image image.json\n"
    "         ccplacectl validate --flavor flavor.json --image image.json \\\n"
    "           --block-device uuid=0b1c,boot_index=0,disk_bus=scsi --operation live-migration\n";

struct ValidateOptions {
  std::string flavor;
  std::string image;
  std::vector<std::string> block_devices;
  std::string operation = "boot";
  std::string dialect;  // Empty: the host's.
  bool this_host = false;
};

absl::StatusOr<v1::ValidateRequestRequest> BuildRequest(const ValidateOptions& options,
                                                        std::istream* in) {
  if (options.flavor.empty() && options.image.empty()) {
    return absl::InvalidArgumentError(
        "there is nothing to judge: name a file with --flavor, with --image, or both");
  }
  v1::ValidateRequestRequest request;
  std::vector<v1::BlockDevice> of_image;
  if (!options.flavor.empty()) {
    absl::StatusOr<v1::Flavor> flavor = ReadFlavor(options.flavor, in);
    if (!flavor.ok()) return flavor.status();
    *request.mutable_flavor() = *std::move(flavor);
  }
  if (!options.image.empty()) {
    absl::StatusOr<ImageFile> file = ReadImage(options.image, in);
    if (!file.ok()) return file.status();
    *request.mutable_image() = std::move(file->image);
    of_image = std::move(file->devices);
  }
  for (const std::string& option : options.block_devices) {
    const absl::StatusOr<std::vector<v1::BlockDevice>> devices = ReadBlockDevices(option, in);
    if (!devices.ok()) return devices.status();
    for (const v1::BlockDevice& device : *devices) *request.add_block_devices() = device;
  }
  AddDevicesOfImage(of_image, request);
  const absl::StatusOr<v1::Operation> operation = ParseOperation(options.operation);
  if (!operation.ok()) return operation.status();
  request.set_operation(*operation);
  request.set_dialect(DialectNamed(options.dialect));
  return request;
}

int ExitOf(const v1::ValidateRequestResponse& answer, bool this_host) {
  if (answer.decision() == v1::DECISION_REJECTED || RunsUnencrypted(answer)) return kExitNo;
  const bool confidential = answer.decision() != v1::DECISION_NOT_CONFIDENTIAL;
  if (!this_host || !confidential) return kExitYes;
  if (answer.host().can_run_now() == v1::SUPPORT_SUPPORTED) return kExitYes;
  return answer.host().can_run_now() == v1::SUPPORT_UNSUPPORTED ? kExitNo : kExitNoAnswer;
}

int Show(Session& session, const ValidateOptions& options,
         const v1::ValidateRequestResponse& answer) {
  if (session.PrintedJson(answer)) return ExitOf(answer, options.this_host);
  PrintVerdict(session.out, answer);
  session.PrintHostWarnings(answer.simulated(), answer.freshness());
  return ExitOf(answer, options.this_host);
}

int Run(Session& session, const ValidateOptions& options) {
  const auto request = BuildRequest(options, session.in);
  if (!request.ok()) return session.FailUsage(request.status());
  return CallAndPrint(session, *request, &HostClient::ValidateRequest,
                      [&](const auto& answer) { return Show(session, options, answer); });
}

}  // namespace

void RegisterValidateCommand(CLI::App& app, Session& session) {
  const auto options = std::make_shared<ValidateOptions>();
  CLI::App* command =
      app.add_subcommand("validate",
                         "Whether a flavor and an image may run, every reason why not, "
                         "and what a scheduler must ask for");
  command->add_option("--flavor", options->flavor, "FILE of `openstack flavor show -f json`");
  command->add_option("--image", options->image, "FILE of `openstack image show -f json`");
  command->add_option("--block-device", options->block_devices, "Block device; may be repeated")
      ->type_size(1)
      ->allow_extra_args(false);
  command->add_option("--operation", options->operation, "What is to be done with the server")
      ->check(CLI::IsMember(OperationNames()))
      ->capture_default_str();
  command
      ->add_option(
          "--dialect", options->dialect,
          "How the flavor is read: as released nova does, or as the blueprint; else as the "
          "host says")
      ->check(CLI::IsMember({"nova", "blueprint"}));
  command->add_flag("--this-host", options->this_host,
                    "The exit code says too whether this host could run it now");
  command->footer(kValidateFooter);
  OnSelected(*command, session, [&session, options] { return Run(session, *options); });
}

}  // namespace ccplace::ctl
