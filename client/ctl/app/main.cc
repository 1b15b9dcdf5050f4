// ccplacectl: the operator's tool.
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "client/ctl/app/ctl.h"
#include "lib/base/mutex_deadlock_detection.h"

namespace {

size_t TerminalColumns() {
  winsize size = {};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

std::optional<std::string> Variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  ccplace::DisableMutexDeadlockDetection();
  std::ios::sync_with_stdio(false);
  ccplace::ctl::Environment environment;
  environment.out = &std::cout;
  environment.err = &std::cerr;
  environment.in = &std::cin;
  environment.out_is_terminal = isatty(STDOUT_FILENO) == 1;
  environment.err_is_terminal = isatty(STDERR_FILENO) == 1;
  environment.columns = TerminalColumns();
  environment.variable = Variable;
  return ccplace::ctl::RunCtl(std::vector<std::string>(argv + 1, argv + argc), environment);
}
