// The daemon's log, on standard error.
#ifndef CCPLACE_SERVER_LOG_H_
#define CCPLACE_SERVER_LOG_H_

#include <string>

namespace ccplace {

// Sets the level (an spdlog name; see CheckOptions) and brings gRPC's own lines into the same log.
// For main, before there are threads.
void SetUpLog(const std::string& level);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_LOG_H_
