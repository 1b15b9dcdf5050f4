// The command line. Not thread-safe: for main, before there are threads.
#ifndef CCPLACE_SERVER_CONFIG_FLAGS_H_
#define CCPLACE_SERVER_CONFIG_FLAGS_H_

#include "server/config/options.h"

namespace ccplace {

// Options from the command line and from the files that --flagfile names; they are as given, see
// CheckOptions. Ends the program: with exit code 0 after --help and --version, with 2 for a flag
// that does not exist, a value that is none of its kind, or an argument that is no flag. For one
// call.
Options ParseFlags(int argc, char** argv);

// Each group of flags, in a file of its own: --help shows them under the file's name.
void ReadHostFlags(HostOptions& options);
void ReadListenFlags(ListenOptions& options);
void ReadLimitFlags(LimitOptions& options);
void ReadHypervisorFlags(HypervisorOptions& options);
void ReadObserveFlags(ObserveOptions& options);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_CONFIG_FLAGS_H_
