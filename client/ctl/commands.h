// The commands of ccplacectl, one file each. Every function adds a subcommand to `app` that, once
// chosen on the command line, leaves its work in `session.command`. `app` and `session` must
// outlive the parse and the command.
#ifndef CCPLACE_CLIENT_CTL_COMMANDS_H_
#define CCPLACE_CLIENT_CTL_COMMANDS_H_

#include <functional>

#include "client/ctl/session.h"

namespace CLI {
class App;
}  // namespace CLI

namespace ccplace::ctl {

void AddDoctor(CLI::App& app, Session& session);
void AddCapabilities(CLI::App& app, Session& session);
void AddInventory(CLI::App& app, Session& session);
void AddWatch(CLI::App& app, Session& session);
void AddValidate(CLI::App& app, Session& session);
void AddAudit(CLI::App& app, Session& session);
void AddDefine(CLI::App& app, Session& session);
void AddUndefine(CLI::App& app, Session& session);
void AddList(CLI::App& app, Session& session);
void AddFleet(CLI::App& app, Session& session);
void AddMeasure(CLI::App& app, Session& session);
void AddReference(CLI::App& app, Session& session);
void AddPlacement(CLI::App& app, Session& session);
// Below the command `placement`.
void AddPlacementLeave(CLI::App& placement, Session& session);
void AddCompletion(CLI::App& app, Session& session);

// Makes `run`, which gives the exit code, the session's command once `command` is chosen.
void WhenChosen(CLI::App& command, Session& session, std::function<int()> run);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_COMMANDS_H_
