#include "client/sync/app/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <string>

#include "tests/unit/sync/placement/placement_fake.h"

namespace ccplace::sync {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::chrono::milliseconds kWait{200};

// Where systemd would listen: an abstract datagram socket, whose name the kernel chooses (unix(7),
// "Autobind feature"): a number of a process is another's in the next namespace.
class Systemd {
 public:
  Systemd() : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    auto* const name = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(socket_, name, sizeof(sa_family_t)), 0);
    socklen_t size = sizeof(address);
    EXPECT_EQ(getsockname(socket_, name, &size), 0);
    const size_t length = size - offsetof(sockaddr_un, sun_path) - 1;
    setenv("NOTIFY_SOCKET", ("@" + std::string(address.sun_path + 1, length)).c_str(), 1);
  }
  ~Systemd() {
    unsetenv("NOTIFY_SOCKET");
    close(socket_);
  }

  // The latest that it was told; empty: nothing since the last call.
  std::string TakeLatest() const {
    std::array<char, 4096> text;
    std::string latest;
    for (ssize_t size; (size = recv(socket_, text.data(), text.size(), 0)) >= 0;) {
      latest.assign(text.data(), static_cast<size_t>(size));
    }
    return latest;
  }

 private:
  const int socket_;
};

class ProgressTest : public ::testing::Test {
 protected:
  void EndRound(absl::Status status) {
    SyncReport report;
    report.status = std::move(status);
    progress_.OnRound(report, std::chrono::steady_clock::now());
  }

  PlacementFake fake_;
  OpenTokens tokens_;
  PlacementRest rest_{&fake_, &tokens_};
  Systemd systemd_;
  Progress progress_{&rest_};
};

TEST_F(ProgressTest, IsNotInSyncWithAHostThatWasLostThoughPlacementHoldsItsLastWord) {
  progress_.OnHostState();
  EndRound(absl::OkStatus());
  EXPECT_TRUE(progress_.Snapshot().in_sync);
  EXPECT_THAT(systemd_.TakeLatest(), HasSubstr("STATUS=Placement is up to date"));

  progress_.OnHostLost(absl::UnavailableError("no socket\nREADY=0"), kWait);
  EXPECT_FALSE(progress_.Snapshot().in_sync);
  EXPECT_EQ(systemd_.TakeLatest(),
            "READY=1\nSTATUS=ccplaced is not connected: no socket\\x0aREADY=0");

  const auto before = progress_.Snapshot().last_success;
  EndRound(absl::OkStatus());
  EXPECT_FALSE(progress_.Snapshot().in_sync);
  EXPECT_EQ(progress_.Snapshot().last_success, before);
  EXPECT_THAT(systemd_.TakeLatest(), HasSubstr("STATUS=ccplaced is not connected"));

  progress_.OnHostState();
  EndRound(absl::OkStatus());
  EXPECT_TRUE(progress_.Snapshot().in_sync);
  EXPECT_GT(progress_.Snapshot().last_success, before);
  EXPECT_THAT(systemd_.TakeLatest(), HasSubstr("STATUS=Placement is up to date"));
}

TEST_F(ProgressTest, IsNotReadyBeforeTheFirstRoundAndSaysWhatItWaitsFor) {
  progress_.OnHostLost(absl::UnavailableError("no socket"), kWait);
  EXPECT_THAT(systemd_.TakeLatest(),
              AllOf(StartsWith("STATUS=ccplaced is not connected"), Not(HasSubstr("READY"))));
}

}  // namespace
}  // namespace ccplace::sync
