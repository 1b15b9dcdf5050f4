#include "client/ctl/commands/commands.h"

#include <CLI/CLI.hpp>
#include <utility>

namespace ccplace::ctl {

void OnSelected(CLI::App& command, Session& session, std::function<int()> run) {
  command.callback([&session, run = std::move(run)] { session.command = run; });
}

}  // namespace ccplace::ctl
