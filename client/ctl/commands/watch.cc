// ccplacectl watch: the host's state now, then every change.
#include <CLI/App.hpp>
#include <CLI/Validators.hpp>
#include <memory>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/ctl/commands/commands.h"
#include "client/ctl/report/change_printer.h"
#include "client/host_watcher.h"

namespace ccplace::ctl {
namespace {

constexpr char kWatchFooter[] =
    "Prints the present state, then a few lines per change, until it is interrupted. When "
    "ccplaced\n"
    "restarts it connects again, and says so on standard error. With -o json each state is one "
    "line.\n"
    "\n"
    "Exit code: 0 --count states were shown; 3 no connection (with --no-reconnect: or it was "
    "lost);\n"
    "1 ccplaced refuses; 2 the command line is wrong.\n"
    "\n"
    "Example: ccplacectl watch\n"
    "         ccplacectl watch --count 1 -o json | jq .tdx_keys.free.value\n";

constexpr std::chrono::milliseconds kFirstWait{500};
constexpr std::chrono::milliseconds kLongestWait{15'000};

struct WatchOptions {
  uint64_t count = 0;
  bool no_reconnect = false;
};

// Shows states one after the other.
class Watching {
 public:
  Watching(Session& session, const WatchOptions& options) : session_(session), options_(options) {}

  // False: enough was printed, or the output is closed.
  bool OnState(const v1::WatchHostResponse& state) {
    if (session_.json()) {
      session_.out.Json(state, /*compact=*/true);
    } else {
      PrintChange(session_.out, Now(), shown_ > 0 ? &previous_ : nullptr, state);
    }
    previous_ = state;
    ++shown_;
    return session_.out.Flush() && (options_.count == 0 || shown_ < options_.count);
  }

  void OnLost(const absl::Status& why, std::chrono::milliseconds wait) {
    session_.err.Paragraph(
        absl::StrCat(Now(), " lost: ", why.message(), "; next try in ", wait.count(), " ms"), 0,
        Style::kDoubtful);
  }

 private:
  static std::string Now() {
    return absl::FormatTime("%H:%M:%S", absl::Now(), absl::LocalTimeZone());
  }

  Session& session_;
  const WatchOptions& options_;
  v1::WatchHostResponse previous_;
  uint64_t shown_ = 0;
};

int RunOnce(Session& session, HostClient& client, Watching& watching) {
  const std::unique_ptr<WatchStream> stream = client.WatchHost(v1::WatchHostRequest());
  while (const std::optional<v1::WatchHostResponse> state = stream->Next()) {
    if (!watching.OnState(*state)) return kExitYes;
  }
  return session.Fail(stream->status());
}

int Run(Session& session, const WatchOptions& options) {
  const absl::StatusOr<std::unique_ptr<HostClient>> client = session.Connect();
  if (!client.ok()) return session.FailUsage(client.status());
  Watching watching(session, options);
  if (options.no_reconnect) return RunOnce(session, **client, watching);
  HostWatcher watcher(client->get(), Backoff(kFirstWait, kLongestWait, std::random_device{}()));
  HostWatcher::Events events;
  events.on_state = [&](const v1::WatchHostResponse& state) { return watching.OnState(state); };
  events.on_lost = [&](const absl::Status& why, std::chrono::milliseconds wait) {
    watching.OnLost(why, wait);
  };
  const absl::Status ended = watcher.Run(events);
  return ended.ok() ? kExitYes : session.Fail(ended);
}

}  // namespace

void RegisterWatchCommand(CLI::App& app, Session& session) {
  const auto options = std::make_shared<WatchOptions>();
  CLI::App* command = app.add_subcommand("watch", "The host's state now, then every change");
  command->add_option("--count", options->count, "End after so many states; 0: never")
      ->capture_default_str();
  command->add_flag("--no-reconnect", options->no_reconnect, "End when the connection is lost");
  command->footer(kWatchFooter);
  OnSelected(*command, session, [&session, options] { return Run(session, *options); });
}

}  // namespace ccplace::ctl
