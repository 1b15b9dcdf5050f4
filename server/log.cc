#include "server/log.h"

#include <grpc/support/log.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "lib/base/text.h"

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

void SetUpLog(const std::string& level) {
  auto logger = spdlog::stderr_color_mt("ccplaced");
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  gpr_set_log_function(LogGrpc);
}

}  // namespace ccplace
