// The commands of ccplacectl, one file each. Every function adds a subcommand to `app` that, once
// chosen on the command line, leaves its work in `session.command`. `app` and `session` must
// outlive the parse and the command.
#ifndef CCPLACE_CLIENT_CTL_COMMANDS_COMMANDS_H_
#define CCPLACE_CLIENT_CTL_COMMANDS_COMMANDS_H_

#include <functional>

#include "client/ctl/commands/session.h"

namespace CLI {
class App;
}  // namespace CLI

namespace ccplace::sync {
struct CloudOptions;
class PlacementRest;
}  // namespace ccplace::sync

namespace ccplace::ctl {

void RegisterDoctorCommand(CLI::App& app, Session& session);
void RegisterCapabilitiesCommand(CLI::App& app, Session& session);
void RegisterInventoryCommand(CLI::App& app, Session& session);
void RegisterWatchCommand(CLI::App& app, Session& session);
void RegisterValidateCommand(CLI::App& app, Session& session);
void RegisterAuditCommand(CLI::App& app, Session& session);
void RegisterDefineCommand(CLI::App& app, Session& session);
void RegisterUndefineCommand(CLI::App& app, Session& session);
void RegisterListCommand(CLI::App& app, Session& session);
void RegisterFleetCommand(CLI::App& app, Session& session);
void RegisterMeasureCommand(CLI::App& app, Session& session);
void RegisterReferenceCommand(CLI::App& app, Session& session);
void RegisterPlacementCommand(CLI::App& app, Session& session);
void RegisterReportCommand(CLI::App& app, Session& session);
void RegisterCompletionCommand(CLI::App& app, Session& session);

// Below the command `placement`.
void RegisterPlacementLeaveCommand(CLI::App& placement, Session& session);

// Options that name a cloud, for the commands below `placement`.
void AddCloudOptions(CLI::App& command, sync::CloudOptions& cloud);

// Calls `work` with Placement of the cloud that `options` name, and gives its exit code; where that
// cannot be, prints why.
int WithPlacement(Session& session, const sync::CloudOptions& options,
                  const std::function<int(sync::PlacementRest&)>& work);

// Makes `run`, which gives the exit code, the session's command once `command` is chosen.
void OnSelected(CLI::App& command, Session& session, std::function<int()> run);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_COMMANDS_COMMANDS_H_
