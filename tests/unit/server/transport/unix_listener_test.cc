#include "server/transport/unix_listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "tests/unit/server/server_fixture.h"

namespace ccplace {
namespace {

class UnixListenerTest : public ::testing::Test {
 protected:
  UnixListenerTest() { options_.path = folder_ / "a.sock"; }

  absl::StatusCode CodeOfOpen() const { return UnixListener::Open(options_).status().code(); }

  mode_t Mode() const {
    struct stat info = {};
    EXPECT_EQ(stat(options_.path.c_str(), &info), 0);
    return info.st_mode & 0777;
  }

  // A socket whose owner is gone, as after kill -9.
  void LeaveStaleSocket() const {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, options_.path.c_str(), sizeof(address.sun_path) - 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    close(fd);
  }

  TempFolder folder_;
  UnixSocketOptions options_;
};

TEST_F(UnixListenerTest, HasTheModeThatWasAsked) {
  options_.mode = 0640;
  const auto listener = UnixListener::Open(options_);
  ASSERT_TRUE(listener.ok()) << listener.status();
  EXPECT_EQ(Mode(), mode_t{0640});
}

TEST_F(UnixListenerTest, TakesItsNameAwayAtTheEnd) {
  ASSERT_TRUE(UnixListener::Open(options_).ok());
  EXPECT_FALSE(std::filesystem::exists(options_.path));
}

TEST_F(UnixListenerTest, LeavesWhatTookItsNameMeanwhile) {
  auto listener = UnixListener::Open(options_);
  ASSERT_TRUE(listener.ok()) << listener.status();
  std::filesystem::remove(options_.path);
  const auto successor = UnixListener::Open(options_);
  ASSERT_TRUE(successor.ok()) << successor.status();
  listener->reset();
  EXPECT_TRUE(std::filesystem::exists(options_.path));
}

TEST_F(UnixListenerTest, MakesTheLastFolder) {
  options_.path = folder_ / "run/a.sock";
  EXPECT_TRUE(UnixListener::Open(options_).ok());
}

TEST_F(UnixListenerTest, RefusesASocketThatSomebodyListensOn) {
  const auto first = UnixListener::Open(options_);
  EXPECT_EQ(CodeOfOpen(), absl::StatusCode::kAlreadyExists);
  EXPECT_TRUE(std::filesystem::exists(options_.path));
}

TEST_F(UnixListenerTest, ReplacesTheSocketOfADeadDaemon) {
  LeaveStaleSocket();
  EXPECT_TRUE(UnixListener::Open(options_).ok());
}

TEST_F(UnixListenerTest, LeavesWhatIsNoSocketAlone) {
  std::ofstream(options_.path) << "precious";
  EXPECT_EQ(CodeOfOpen(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(std::filesystem::exists(options_.path));
}

TEST_F(UnixListenerTest, RefusesAFolderWhereEverybodyCouldReplaceIt) {
  options_.path = folder_ / "open/a.sock";
  std::filesystem::create_directory(folder_ / "open");
  ASSERT_EQ(chmod((folder_ / "open").c_str(), 0777), 0);
  EXPECT_EQ(CodeOfOpen(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(UnixListenerTest, RefusesAnOwnerThatDoesNotExist) {
  options_.owner = "no-such-user-here";
  EXPECT_EQ(CodeOfOpen(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(options_.path));
}

TEST_F(UnixListenerTest, RefusesTheNumberThatWouldChangeNoOwner) {
  options_.group = "4294967295";
  EXPECT_EQ(CodeOfOpen(), absl::StatusCode::kInvalidArgument);
  options_.group.clear();
  options_.owner = "4294967295";
  EXPECT_EQ(CodeOfOpen(), absl::StatusCode::kInvalidArgument);
}

TEST_F(UnixListenerTest, RefusesAPathThatTheKernelCannotHold) {
  options_.path = folder_ / std::string(107, 'x');
  EXPECT_EQ(CodeOfOpen(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ccplace
