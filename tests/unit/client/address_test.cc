#include "client/address.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;

TEST(AddressTest, ReadsUnixSockets) {
  for (const char* text : {"unix:/run/ccplace/a.sock", "unix:///run/ccplace/a.sock"}) {
    const auto address = ParseAddress(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(address->path, "/run/ccplace/a.sock");
    EXPECT_TRUE(address->loopback);
    EXPECT_EQ(address->Target(), "unix:/run/ccplace/a.sock");
  }
}

TEST(AddressTest, TellsLoopbackFromOtherHosts) {
  EXPECT_TRUE(ParseAddress("127.0.0.1:9443")->loopback);
  EXPECT_TRUE(ParseAddress("127.8.9.10:9443")->loopback);
  EXPECT_TRUE(ParseAddress("[::1]:9443")->loopback);
  EXPECT_TRUE(ParseAddress("localhost:9443")->loopback);
  EXPECT_FALSE(ParseAddress("node-7.example:9443")->loopback);
  EXPECT_FALSE(ParseAddress("128.0.0.1:9443")->loopback);
  EXPECT_FALSE(ParseAddress("localhost.example:9443")->loopback);
  EXPECT_FALSE(ParseAddress("127.0.0.1.example:9443")->loopback);
}

TEST(AddressTest, GivesGrpcTargets) {
  EXPECT_EQ(ParseAddress("node-7:9443")->Target(), "dns:///node-7:9443");
  EXPECT_EQ(ParseAddress("[2001:db8::7]:9443")->Target(), "ipv6:[2001:db8::7]:9443");
}

TEST(AddressTest, RefusesWhatIsNoAddress) {
  for (const std::string text :
       {"", "/run/a.sock", "unix:a.sock", "unix:", "node-7", "node-7:", "node-7:0", "node-7:65536",
        "node-7:-1", "node-7:80x", ":80", "::1:80", "[::1]", "[node]:80", "a b:80", "a/b:80",
        "dns:///a:80", "unix:/a\x1b[31m"}) {
    const auto address = ParseAddress(text);
    ASSERT_EQ(address.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(address.status().message()), HasSubstr("HOST:PORT"));
  }
  EXPECT_FALSE(ParseAddress("unix:/" + std::string(107, 'a')).ok());
  EXPECT_TRUE(ParseAddress("unix:/" + std::string(106, 'a')).ok());
}

TEST(AddressTest, TellsWhyASocketIsNotReached) {
  char folder[] = "/tmp/ccplace-address-test.XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::string path = std::string(folder) + "/s";
  EXPECT_THAT(std::string(ProbeUnixSocket(path).message()),
              HasSubstr("No such file or directory; is ccplaced running"));
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof(name.sun_path) - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
  EXPECT_THAT(std::string(ProbeUnixSocket(path).message()), HasSubstr("nobody listens there"));
  ASSERT_EQ(listen(fd, 1), 0);
  EXPECT_TRUE(ProbeUnixSocket(path).ok());
  close(fd);
  unlink(path.c_str());
  rmdir(folder);
}

}  // namespace
}  // namespace ccplace
