// What every part of ccplacectl is given by the process that it runs in.
#ifndef CCPLACE_CLIENT_CTL_CONSOLE_ENVIRONMENT_H_
#define CCPLACE_CLIENT_CTL_CONSOLE_ENVIRONMENT_H_

#include <cstddef>
#include <functional>
#include <istream>
#include <optional>
#include <ostream>
#include <string>

namespace ccplace::ctl {

// What a script can branch on. Stable.
enum ExitCode {
  kExitYes = 0,       // The answer is yes, or the work is done.
  kExitNo = 1,        // The answer is no, or ccplaced refuses what was asked.
  kExitUsage = 2,     // The command line or an input file is wrong.
  kExitNoAnswer = 3,  // No answer: no connection, no time, an error, or the facts are unknown.
};

// What ccplacectl sees of the process it runs in. Must outlive the call.
struct Environment {
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  std::istream* in = nullptr;  // Read where a file is named "-".
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  size_t columns = 0;  // Width of the terminal; 0: unknown.
  // An environment variable: CCPLACE_ADDRESS, NO_COLOR, TERM, OS_*.
  std::function<std::optional<std::string>(const char* name)> variable;
};

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_CONSOLE_ENVIRONMENT_H_
