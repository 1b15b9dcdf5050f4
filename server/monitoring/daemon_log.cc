#include "server/monitoring/daemon_log.h"

#include <spdlog/spdlog.h>

#ifdef CCPLACE_GRPC_LOGS_BY_ABSL
#include "absl/log/globals.h"
#include "absl/log/initialize.h"
#include "absl/log/log_sink.h"
#include "absl/log/log_sink_registry.h"
#else
#include <grpc/support/log.h>
#endif

#include "lib/base/text.h"
#include "lib/observability/log.h"

namespace ccplace {
namespace {

constexpr size_t kGrpcLineLimit = 512;

void LogGrpcLine(spdlog::level::level_enum level, absl::string_view line) {
  spdlog::log(level, "grpc: {}", Printable(line, kGrpcLineLimit));
}

// gRPC calls many things errors that a peer can bring about at will: they are news, no more.
#ifdef CCPLACE_GRPC_LOGS_BY_ABSL
class GrpcLog : public absl::LogSink {
  void Send(const absl::LogEntry& entry) override {
    const bool error = entry.log_severity() >= absl::LogSeverity::kError;
    LogGrpcLine(error ? spdlog::level::warn : spdlog::level::debug, entry.text_message());
  }
};

// Once in a process, as Abseil wants it.
void TakeGrpcLog() {
  [[maybe_unused]] static const bool taken = [] {
    absl::SetStderrThreshold(absl::LogSeverityAtLeast::kInfinity);
    absl::InitializeLog();
    absl::AddLogSink(new GrpcLog);
    return true;
  }();
}
#else
void LogGrpc(gpr_log_func_args* args) {
  LogGrpcLine(args->severity == GPR_LOG_SEVERITY_ERROR  ? spdlog::level::warn
              : args->severity == GPR_LOG_SEVERITY_INFO ? spdlog::level::debug
                                                        : spdlog::level::trace,
              args->message);
}

void TakeGrpcLog() { gpr_set_log_function(LogGrpc); }
#endif

}  // namespace

void SetUpDaemonLog(const ObserveOptions& options) {
  SetUpLog({"ccplaced", options.log_level, options.log_format});
  TakeGrpcLog();
}

}  // namespace ccplace
