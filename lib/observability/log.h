// The program's log on standard error, for people or for machines.
#ifndef CCPLACE_LIB_OBSERVABILITY_LOG_H_
#define CCPLACE_LIB_OBSERVABILITY_LOG_H_

#include <spdlog/common.h>

#include <string>

#include "absl/strings/string_view.h"
#include "nlohmann/json_fwd.hpp"

namespace ccplace {

enum class LogFormat {
  kAuto,  // JSON when standard error is the systemd journal, else text.
  kText,
  kJson,
};

// For Abseil's flags: "auto", "text" or "json"; `error` says so where `text` is none of them.
bool AbslParseFlag(absl::string_view text, LogFormat* format, std::string* error);
std::string AbslUnparseFlag(LogFormat format);

struct LogOptions {
  std::string name;            // The logger's, as "ccplaced".
  std::string level = "info";  // An spdlog name.
  LogFormat format = LogFormat::kAuto;
};

// Makes spdlog's default logger the one that `options` describe. For main, before there are
// threads; everything below is thread-safe after it.
void SetUpLog(const LogOptions& options);

// Writes what happened at `level`: the sentence as text, and as JSON with `fields` beside it.
// Foreign text in `sentence` must have been made Printable.
void LogEvent(spdlog::level::level_enum level, const std::string& sentence,
              const nlohmann::ordered_json& fields);

// Writes `fields`, an object, under the name "audit", at any log level.
void LogAudit(const nlohmann::ordered_json& fields);

// Makes the log say more (`steps` above zero) or less, without end at trace and critical, and says
// so in it.
void StepLogLevel(int steps);

}  // namespace ccplace

#endif  // CCPLACE_LIB_OBSERVABILITY_LOG_H_
