#include "lib/observability/json_formatter.h"

#include <string>
#include <utility>

#include "absl/time/time.h"
#include "nlohmann/json.hpp"

namespace ccplace {
namespace {

using nlohmann::ordered_json;

std::string ToText(spdlog::string_view_t text) { return {text.data(), text.size()}; }

std::string ToText(spdlog::log_clock::time_point time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::FromChrono(time), absl::UTCTimeZone());
}

class JsonFormatter final : public spdlog::formatter {
 public:
  explicit JsonFormatter(LogPayload payload) : payload_(payload) {}

  void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& dest) override {
    ordered_json line;
    line["time"] = ToText(msg.time);
    line["level"] = ToText(spdlog::level::to_string_view(msg.level));
    line["logger"] = ToText(msg.logger_name);
    AddPayload(ToText(msg.payload), line);
    // Bytes that are no UTF-8 are replaced; to throw them out would lose the line.
    const std::string text =
        line.dump(-1, ' ', /*ensure_ascii=*/false, ordered_json::error_handler_t::replace) + "\n";
    dest.append(text.data(), text.data() + text.size());
  }

  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>(payload_);
  }

 private:
  void AddPayload(std::string payload, ordered_json& line) const {
    if (payload_ == LogPayload::kObject) {
      const auto object = ordered_json::parse(payload, nullptr, /*allow_exceptions=*/false);
      if (object.is_object()) return line.update(object);
    }
    line["message"] = std::move(payload);
  }

  const LogPayload payload_;
};

}  // namespace

std::unique_ptr<spdlog::formatter> MakeJsonFormatter(LogPayload payload) {
  return std::make_unique<JsonFormatter>(payload);
}

}  // namespace ccplace
