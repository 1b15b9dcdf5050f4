// The operator's tool as a function: main hands it the process's own streams, tests their own.
#ifndef CCPLACE_CLIENT_CTL_APP_CTL_H_
#define CCPLACE_CLIENT_CTL_APP_CTL_H_

#include <string>
#include <vector>

#include "client/ctl/console/environment.h"

namespace ccplace::ctl {

// Runs `ccplacectl args...` (the program's own name left out) and gives its exit code.
int RunCtl(const std::vector<std::string>& args, const Environment& environment);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_APP_CTL_H_
