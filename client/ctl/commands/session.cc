#include "client/ctl/commands/session.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/ctl/console/enum_names.h"
#include "client/error_text.h"

namespace ccplace::ctl {
namespace {

constexpr size_t kUsualColumns = 80;

std::optional<std::string> Variable(const Environment& environment, const char* name) {
  return environment.variable ? environment.variable(name) : std::nullopt;
}

// NO_COLOR set and not empty switches colours off (no-color.org); so does a dumb terminal.
bool Colours(const Environment& environment, bool terminal) {
  if (!terminal || !Variable(environment, "NO_COLOR").value_or("").empty()) return false;
  return Variable(environment, "TERM").value_or("") != "dumb";
}

Console MakeConsole(const Environment& environment, std::ostream* stream, bool terminal) {
  const size_t columns = environment.columns > 0 ? environment.columns : kUsualColumns;
  return Console(stream, Colours(environment, terminal), terminal ? columns : 0);
}

// A refusal: ccplaced understood and says no, and would say it again.
bool IsRefusal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kFailedPrecondition:
      return true;
    case absl::StatusCode::kResourceExhausted:
      return ErrorReason(status) == "NO_FREE_KEY";
    default:
      return false;
  }
}

void AddStale(Console& console, absl::string_view source, const v1::FactsAge& age) {
  if (!age.stale()) return;
  const std::string since =
      age.has_read_at() ? absl::StrCat("last read ", AgeText(age.age_ms()), " ago") : "never read";
  console.Paragraph(absl::StrCat("STALE: ", source, ", ", since, ": ", age.reason()), 0,
                    Style::kDoubtful);
}

}  // namespace

Session::Session(const Environment& environment)
    : out(MakeConsole(environment, environment.out, environment.out_is_terminal)),
      err(MakeConsole(environment, environment.err, environment.err_is_terminal)),
      in(environment.in),
      err_is_terminal(environment.err_is_terminal),
      variable([&environment](const char* name) { return Variable(environment, name); }) {
  common.client.user_agent = "ccplacectl/" CCPLACE_VERSION;
  common.client.address = Variable(environment, "CCPLACE_ADDRESS").value_or("");
}

absl::StatusOr<std::unique_ptr<HostClient>> Session::Connect() {
  common.client.timeout = std::chrono::milliseconds(std::llround(common.timeout_seconds * 1000));
  ClientOptions options = common.client;
  if (options.address.empty()) options.address = changes ? kDefaultAddress : kReadOnlyAddress;
  return HostClient::Create(options);
}

void Session::PrintError(const absl::Status& status) {
  const std::vector<std::string> lines = ErrorLines(status);
  // The message of a request with wrong fields is those fields again, all in one line.
  const auto is_field = [](const std::string& line) { return absl::StartsWith(line, "field "); };
  const auto fields = std::count_if(lines.begin(), lines.end(), is_field);
  const std::string message =
      fields > 0 ? absl::StrCat("refused for ", fields, fields == 1 ? " field:" : " fields:")
                 : std::string(status.message());
  err.Line({{"error: ", Style::kBad}, {message}});
  for (const std::string& line : lines) {
    // Nor is the message said twice by a detail that has nothing to add.
    if (!absl::EndsWith(line, absl::StrCat(": ", message))) err.Paragraph(line, 2);
  }
}

int Session::Fail(const absl::Status& status) {
  PrintError(status);
  return IsRefusal(status) ? kExitNo : kExitNoAnswer;
}

int Session::FailUsage(const absl::Status& status) {
  PrintError(status);
  return kExitUsage;
}

bool Session::PrintedJson(const google::protobuf::Message& answer) {
  if (json()) out.Json(answer);
  return json();
}

void Session::PrintHostWarnings(bool simulated, const v1::Freshness& freshness) {
  if (simulated) {
    out.Paragraph("SIMULATED: these facts are made up by `ccplaced --simulate`.", 0,
                  Style::kDoubtful);
  }
  AddStale(out, "the host's files", freshness.host_files());
  AddStale(out, "libvirt", freshness.hypervisor());
}

}  // namespace ccplace::ctl
