// ccplacectl undefine: remove a trust domain that ccplaced defined.
#include <CLI/App.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/ctl/commands/commands.h"

namespace ccplace::ctl {
namespace {

constexpr char kUndefineFooter[] =
    "Only what ccplaced itself defined is removed. Its disks stay as they are. One that is not "
    "there\n"
    "is no error.\n"
    "\n"
    "Exit code: 0 it is gone; 1 refused (it runs, or somebody else defined it); 3 no answer; 2 "
    "the\n"
    "command line is wrong.\n"
    "\n"
    "Example: ccplacectl undefine --stop 7b0d1c9e-6a0f-4f0e-9b1c-2f1d3c5e7a90\n";

int Show(Session& session, const v1::UndefineTdxDomainResponse& answer) {
  if (session.PrintedJson(answer)) return kExitYes;
  const char* done = answer.already_gone() ? "was not there"
                     : answer.stopped()    ? "was stopped and removed"
                                           : "was removed";
  session.out.Line(absl::StrCat(answer.uuid(), " ", done));
  return kExitYes;
}

}  // namespace

void RegisterUndefineCommand(CLI::App& app, Session& session) {
  const auto uuid = std::make_shared<std::string>();
  const auto stop = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("undefine", "Remove a trust domain");
  command->add_option("UUID", *uuid, "The domain's UUID, as `ccplacectl list` shows it")
      ->required();
  command->add_flag("--stop", *stop, "Stop it at once when it runs, as pulling the plug");
  command->footer(kUndefineFooter);
  OnSelected(*command, session, [&session, uuid, stop] {
    v1::UndefineTdxDomainRequest request;
    request.set_uuid(*uuid);
    request.set_stop(*stop);
    session.changes = true;
    return CallAndPrint(session, request, &HostClient::UndefineTdxDomain,
                        [&](const auto& answer) { return Show(session, answer); });
  });
}

}  // namespace ccplace::ctl
