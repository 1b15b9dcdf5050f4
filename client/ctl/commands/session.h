// What every command has at hand: streams, the options of all commands, the way to ccplaced.
#ifndef CCPLACE_CLIENT_CTL_COMMANDS_SESSION_H_
#define CCPLACE_CLIENT_CTL_COMMANDS_SESSION_H_

#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ccplace/v1/freshness.pb.h"
#include "client/client.h"
#include "client/ctl/console/console.h"
#include "client/ctl/console/environment.h"

namespace ccplace::ctl {

// Options that every command takes.
struct CommonOptions {
  ClientOptions client;
  double timeout_seconds = 10;
  std::string format = "table";  // "table" or "json".
};

// One run of the tool. Not thread-safe.
class Session {
 public:
  // `environment` must outlive it.
  explicit Session(const Environment& environment);

  CommonOptions common;
  Console out;
  Console err;
  std::istream* const in;
  const bool err_is_terminal;
  // An environment variable; nothing when it is unset.
  const std::function<std::optional<std::string>(const char* name)> variable;
  // The command that was chosen; set while the command line is parsed.
  std::function<int()> command;

  bool json() const { return common.format == "json"; }

  // The command asks for a change: without an address it goes to the operator socket.
  bool changes = false;

  // A client for the common options. Without an address it uses the local socket for the command's
  // role. INVALID_ARGUMENT and others, as HostClient::Create.
  absl::StatusOr<std::unique_ptr<HostClient>> Connect();

  // Prints "error: ..." with the details of `status`, and gives the exit code that goes with it: a
  // refusal is kExitNo, anything else kExitNoAnswer.
  int Fail(const absl::Status& status);
  // The same for a fault of the command line or of an input file: kExitUsage.
  int FailUsage(const absl::Status& status);

  // Prints `answer` as JSON where the user asked for that; whether it did.
  bool PrintedJson(const google::protobuf::Message& answer);

  // Prints, where they hold, that the host is simulated and that the facts are stale.
  void PrintHostWarnings(bool simulated, const v1::Freshness& freshness);

 private:
  void PrintError(const absl::Status& status);
};

// Calls `rpc` of a client for the session's options and hands the answer to `show`, which gives the
// exit code.
template <typename Request, typename Response, typename Show>
int CallAndPrint(Session& session, const Request& request,
                 absl::StatusOr<Response> (HostClient::*rpc)(const Request&), const Show& show) {
  const absl::StatusOr<std::unique_ptr<HostClient>> client = session.Connect();
  if (!client.ok()) return session.FailUsage(client.status());
  const absl::StatusOr<Response> answer = (client->get()->*rpc)(request);
  if (!answer.ok()) return session.Fail(answer.status());
  return show(*answer);
}

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_COMMANDS_SESSION_H_
