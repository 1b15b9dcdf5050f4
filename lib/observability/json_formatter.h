// Log lines as JSON, one object a line, for journals and log collectors.
#ifndef CCPLACE_LIB_OBSERVABILITY_JSON_FORMATTER_H_
#define CCPLACE_LIB_OBSERVABILITY_JSON_FORMATTER_H_

#include <spdlog/formatter.h>

#include <memory>

namespace ccplace {

// What a logger is given to write.
enum class LogPayload {
  kText,    // A sentence; it becomes the member "message".
  kObject,  // A JSON object; its members are beside the line's own.
};

// Writes {"time":RFC 3339 in UTC,"level":...,"logger":...} and the payload. Whatever the payload
// holds, the line is one line of valid JSON in UTF-8. As spdlog's formatters: not thread-safe, each
// sink has its own and locks it.
std::unique_ptr<spdlog::formatter> MakeJsonFormatter(LogPayload payload);

}  // namespace ccplace

#endif  // CCPLACE_LIB_OBSERVABILITY_JSON_FORMATTER_H_
