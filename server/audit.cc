#include "server/audit.h"

#include <spdlog/spdlog.h>

#include "absl/status/status.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "nlohmann/json.hpp"

namespace ccplace {
namespace {

constexpr size_t kMessageLimit = 512;

void Put(nlohmann::ordered_json& line, const char* key, const std::string& value) {
  if (!value.empty()) line[key] = Printable(value, kMessageLimit);
}

}  // namespace

std::string AuditLine(const AuditEntry& entry) {
  nlohmann::ordered_json line;
  line["rpc"] = std::string(entry.rpc);
  Put(line, "caller", entry.caller);
  Put(line, "uuid", entry.uuid);
  Put(line, "digest", entry.digest);
  Put(line, "what", entry.what);
  line["verdict"] = absl::StatusCodeToString(entry.verdict.code());
  Put(line, "reason", ReasonOf(entry.verdict));
  Put(line, "message", std::string(entry.verdict.message()));
  return line.dump();
}

void WriteAudit(const AuditEntry& entry) {
  // A level of its own would be lost with the rest when an operator asks for errors alone.
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = spdlog::default_logger()->clone("audit");
    made->set_level(spdlog::level::info);
    made->flush_on(spdlog::level::info);
    return made;
  }();
  logger->info("{}", AuditLine(entry));
}

}  // namespace ccplace
