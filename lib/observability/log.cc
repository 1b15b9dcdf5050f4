#include "lib/observability/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/observability/json_formatter.h"
#include "nlohmann/json.hpp"

namespace ccplace {
namespace {

using nlohmann::ordered_json;
using LoggerPtr = std::shared_ptr<spdlog::logger>;

// Where objects go; null in a log for people.
struct ObjectLoggers {
  LoggerPtr events;
  LoggerPtr audit;
};

ObjectLoggers& Objects() {
  static auto* const loggers = new ObjectLoggers();  // Never destroyed: threads may log to the end.
  return *loggers;
}

// systemd.exec(5): $JOURNAL_STREAM is "DEVICE:INODE" of the stream that it connected to the
// journal; a child whose standard error was sent elsewhere inherits the variable all the same.
bool IsJournal(int fd) {
  const char* const stream = std::getenv("JOURNAL_STREAM");
  struct stat file = {};
  return stream != nullptr && fstat(fd, &file) == 0 &&
         absl::StrCat(file.st_dev, ":", file.st_ino) == stream;
}

struct FormatWord {
  LogFormat format;
  const char* word;
};
constexpr FormatWord kFormatWords[] = {
    {LogFormat::kAuto, "auto"}, {LogFormat::kText, "text"}, {LogFormat::kJson, "json"}};

LoggerPtr MakeJsonLogger(const std::string& name, LogPayload payload) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sink->set_formatter(MakeJsonFormatter(payload));
  auto logger = std::make_shared<spdlog::logger>(name, std::move(sink));
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::trace);
  return logger;
}

LoggerPtr MakeTextLogger(const std::string& name) {
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  return std::make_shared<spdlog::logger>(name, std::move(sink));
}

std::string Dump(const ordered_json& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/false, ordered_json::error_handler_t::replace);
}

// A level of its own: the audit is not lost when an operator asks for errors alone.
LoggerPtr MakeTextAudit() {
  auto made = spdlog::default_logger()->clone("audit");
  made->set_level(spdlog::level::info);
  made->flush_on(spdlog::level::info);
  return made;
}

}  // namespace

bool AbslParseFlag(absl::string_view text, LogFormat* format, std::string* error) {
  for (const FormatWord& known : kFormatWords) {
    if (text != known.word) continue;
    *format = known.format;
    return true;
  }
  *error = "give auto, text or json";
  return false;
}

std::string AbslUnparseFlag(LogFormat format) {
  for (const FormatWord& known : kFormatWords) {
    if (format == known.format) return known.word;
  }
  return "auto";
}

void SetUpLog(const LogOptions& options) {
  const bool json = options.format == LogFormat::kJson ||
                    (options.format == LogFormat::kAuto && IsJournal(STDERR_FILENO));
  LoggerPtr logger =
      json ? MakeJsonLogger(options.name, LogPayload::kText) : MakeTextLogger(options.name);
  logger->set_level(spdlog::level::from_str(options.level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  Objects() = {};
  if (!json) return;
  Objects() = {MakeJsonLogger(options.name, LogPayload::kObject),
               MakeJsonLogger("audit", LogPayload::kObject)};
}

void LogEvent(spdlog::level::level_enum level, const std::string& sentence,
              const ordered_json& fields) {
  spdlog::logger& plain = *spdlog::default_logger_raw();
  if (!plain.should_log(level)) return;
  if (Objects().events == nullptr) return plain.log(level, "{}", sentence);
  ordered_json line = {{"message", sentence}};
  line.update(fields);
  Objects().events->log(level, "{}", Dump(line));
}

void LogAudit(const ordered_json& fields) {
  const LoggerPtr audit = Objects().audit;
  static const LoggerPtr text = MakeTextAudit();
  (audit == nullptr ? text : audit)->info("{}", Dump(fields));
}

void StepLogLevel(int steps) {
  const auto now = spdlog::get_level();
  const auto next = static_cast<spdlog::level::level_enum>(
      std::clamp(static_cast<int>(now) - steps, static_cast<int>(spdlog::level::trace),
                 static_cast<int>(spdlog::level::critical)));
  spdlog::set_level(next);
  // At the level that both have, so that it is seen.
  spdlog::log(std::max({now, next, spdlog::level::info}), "the log's level is {} now",
              spdlog::level::to_string_view(next));
}

}  // namespace ccplace
