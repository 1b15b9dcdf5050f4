#include "server/monitoring/daemon_log.h"

#include <grpc/support/log.h>
#include <spdlog/spdlog.h>

#include "lib/base/text.h"
#include "lib/observability/log.h"

namespace ccplace {
namespace {

constexpr size_t kGrpcLineLimit = 512;

// gRPC calls many things errors that a peer can bring about at will: they are news, no more.
void LogGrpc(gpr_log_func_args* args) {
  const auto level = args->severity == GPR_LOG_SEVERITY_ERROR  ? spdlog::level::warn
                     : args->severity == GPR_LOG_SEVERITY_INFO ? spdlog::level::debug
                                                               : spdlog::level::trace;
  spdlog::log(level, "grpc: {}", Printable(args->message, kGrpcLineLimit));
}

}  // namespace

void SetUpDaemonLog(const ObserveOptions& options) {
  SetUpLog({"ccplaced", options.log_level, options.log_format});
  gpr_set_log_function(LogGrpc);
}

}  // namespace ccplace
