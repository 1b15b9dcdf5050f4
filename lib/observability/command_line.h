// A program's command line of Abseil flags: its help, its version and its exit codes. Not
// thread-safe: for main, before there are threads.
#ifndef CCPLACE_LIB_OBSERVABILITY_COMMAND_LINE_H_
#define CCPLACE_LIB_OBSERVABILITY_COMMAND_LINE_H_

#include <functional>
#include <string>

#include "absl/strings/string_view.h"

namespace ccplace {

// Of a program that was used wrongly: a flag that does not exist, a value that is none of its kind,
// an argument that is no flag.
inline constexpr int kExitWrongUse = 2;

// What --help and --version say.
struct ProgramText {
  std::string name;     // "ccplaced".
  std::string version;  // "0.1.0".
  std::string usage;    // What it does, and how it is called.
  // The name, without a slash, under which --help shows the flags that this source file defines.
  // Its path as it came where the file is none of the program's: such flags are not shown.
  std::function<std::string(absl::string_view file)> group_of;
};

// Parses the command line, and the files that --flagfile names, into the flags. Ends the program:
// with exit code 0 after --help and --version, wherever they are, and with kExitWrongUse and a
// sentence on standard error after a wrong use. For one call.
void ParseCommandLine(int argc, char** argv, ProgramText program);

}  // namespace ccplace

#endif  // CCPLACE_LIB_OBSERVABILITY_COMMAND_LINE_H_
