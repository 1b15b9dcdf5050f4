// Runs ccplacectl inside a test.
#ifndef CCPLACE_TESTS_UNIT_CLIENT_CTL_RUN_H_
#define CCPLACE_TESTS_UNIT_CLIENT_CTL_RUN_H_

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "client/ctl/app/ctl.h"
#include "tests/unit/client/fake_host.h"

namespace ccplace::ctl {

struct CtlRun {
  int code = 0;
  std::string out;
  std::string err;
};

struct CtlTerminal {
  bool out = false;
  bool err = false;
  std::map<std::string, std::string> variables = {};
};

inline CtlRun Ctl(const std::vector<std::string>& args, const std::string& input = "",
                  const CtlTerminal& terminal = {}) {
  std::ostringstream out;
  std::ostringstream err;
  std::istringstream in(input);
  Environment environment;
  environment.out = &out;
  environment.err = &err;
  environment.in = &in;
  environment.out_is_terminal = terminal.out;
  environment.err_is_terminal = terminal.err;
  environment.variable = [&](const char* name) -> std::optional<std::string> {
    const auto found = terminal.variables.find(name);
    if (found == terminal.variables.end()) return std::nullopt;
    return found->second;
  };
  const int code = RunCtl(args, environment);
  return {code, out.str(), err.str()};
}

// The same on `host`.
inline CtlRun CtlOn(const FakeHost& host, std::vector<std::string> args,
                    const std::string& input = "", const CtlTerminal& terminal = {}) {
  args.insert(args.end(), {"--address", host.address()});
  return Ctl(args, input, terminal);
}

inline std::string Example(const std::string& name) {
  return CCPLACE_SOURCE_DIR "/examples/" + name;
}

}  // namespace ccplace::ctl

#endif  // CCPLACE_TESTS_UNIT_CLIENT_CTL_RUN_H_
