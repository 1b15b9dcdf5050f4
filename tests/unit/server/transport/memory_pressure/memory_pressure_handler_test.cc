#include "server/transport/memory_pressure/memory_pressure_handler.h"

#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "tests/unit/server/transport/peer_credentials.h"

namespace ccplace {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kFlood = 16384;

// Both ends of a connection that is noted.
class Caller {
 public:
  Caller(ConnectionTable& table, const QuotaKey& whose, std::optional<PeerCredentials> credentials)
      : quota_key(whose), peer(credentials) {
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_.data()), 0);
    table.Register(ends_[0], quota_key, peer);
  }
  ~Caller() {
    for (const int fd : ends_) close(fd);
  }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  void Send(size_t bytes) const {
    const std::string sent(bytes, 'x');
    EXPECT_EQ(write(ends_[1], sent.data(), bytes), static_cast<ssize_t>(bytes));
  }
  bool IsCut() const {
    char byte = 0;
    return recv(ends_[1], &byte, 1, MSG_DONTWAIT) == 0;
  }
  int Unread() const {
    int bytes = -1;
    EXPECT_EQ(ioctl(ends_[0], FIONREAD, &bytes), 0);
    return bytes;
  }

  const QuotaKey quota_key;
  const std::optional<PeerCredentials> peer;

 private:
  std::array<int, 2> ends_{};
};

// Two users, one over TCP, and root; the process may take 1,000 MiB.
class MemoryPressureHandlerTest : public ::testing::Test {
 protected:
  void LookAt(size_t mib, milliseconds after = {}) {
    resident_mib_ = mib;
    guard_.Poll(begin_ + after);
  }
  bool ShouldReject(const Caller& caller, milliseconds after = {}) {
    return guard_.ShouldReject(caller.quota_key, caller.peer, begin_ + after);
  }
  QuotaKey QuotaKeyOf(const PeerCredentials& peer) const {
    return {"endpoint", table_.CallerOf(peer)};
  }

  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  ConnectionTable table_{{8, 8}, {0}};
  const Caller alice_{table_, QuotaKeyOf(kAlice), kAlice};
  const Caller bob_{table_, QuotaKeyOf(kBob), kBob};
  const Caller tcp_{table_, {"TLS address", "192.0.2.7"}, std::nullopt};
  const Caller root_{table_, QuotaKeyOf(kRoot), kRoot};
  size_t resident_mib_ = 0;
  RefusedConnections refused_;
  MemoryPressureHandler guard_{table_, refused_, {size_t{1000} << 20, size_t{100} << 20, [this] {
                                                    return resident_mib_ << 20;
                                                  }}};
};

TEST_F(MemoryPressureHandlerTest, LeavesAllAloneWhereMemoryIsEnough) {
  alice_.Send(kFlood);
  LookAt(1000);
  EXPECT_FALSE(alice_.IsCut());
  EXPECT_FALSE(ShouldReject(alice_));
  EXPECT_EQ(refused_.for_memory(), 0u);
}

TEST_F(MemoryPressureHandlerTest, CutsWhoFloodsAndKeepsThemAloneOutForASecond) {
  alice_.Send(kFlood);
  bob_.Send(kFlood - 1);
  root_.Send(kFlood);
  LookAt(1001);
  EXPECT_TRUE(alice_.IsCut());
  for (const Caller* other : {&bob_, &tcp_, &root_}) {
    EXPECT_FALSE(other->IsCut());
    EXPECT_FALSE(ShouldReject(*other));
  }
  EXPECT_EQ(refused_.for_memory(), 1u);
  EXPECT_TRUE(ShouldReject(alice_, milliseconds(999)));
  EXPECT_EQ(refused_.for_memory(), 2u);
  EXPECT_FALSE(ShouldReject(alice_, seconds(1)));
  EXPECT_EQ(refused_.for_memory(), 2u);
}

TEST_F(MemoryPressureHandlerTest, LeavesGrpcNothingToReadOfAFlood) {
  alice_.Send(kFlood * 5);
  LookAt(1001);
  EXPECT_EQ(alice_.Unread(), 0);
}

TEST_F(MemoryPressureHandlerTest, CutsWhoseBytesWaitWhereNobodyFloods) {
  bob_.Send(1);
  LookAt(1001);
  EXPECT_TRUE(bob_.IsCut());
  EXPECT_FALSE(alice_.IsCut());
  EXPECT_FALSE(ShouldReject(alice_));
}

TEST_F(MemoryPressureHandlerTest, CutsAllButRootWhereNobodysBytesWait) {
  LookAt(1001);
  for (const Caller* caller : {&alice_, &bob_, &tcp_}) {
    EXPECT_TRUE(caller->IsCut());
    EXPECT_TRUE(ShouldReject(*caller));
  }
  EXPECT_FALSE(root_.IsCut());
  EXPECT_FALSE(ShouldReject(root_));
}

TEST_F(MemoryPressureHandlerTest, LeavesOthersAloneWhileWhatAFloodHasLeftIsClearedAway) {
  alice_.Send(kFlood);
  bob_.Send(1);
  LookAt(1001);
  LookAt(1102, milliseconds(999));
  EXPECT_FALSE(bob_.IsCut());
  EXPECT_FALSE(ShouldReject(alice_, seconds(1)));
  LookAt(1203, milliseconds(1099));
  EXPECT_TRUE(bob_.IsCut());
  EXPECT_FALSE(tcp_.IsCut());
}

TEST_F(MemoryPressureHandlerTest, CutsEachFloodWhileEarlierOnesStayOut) {
  alice_.Send(kFlood);
  LookAt(1001);
  bob_.Send(kFlood);
  LookAt(1102, milliseconds(500));
  EXPECT_TRUE(bob_.IsCut());
  EXPECT_TRUE(ShouldReject(alice_, milliseconds(1499)));
  EXPECT_TRUE(ShouldReject(bob_, milliseconds(1499)));
  EXPECT_FALSE(ShouldReject(tcp_, milliseconds(1499)));
}

// Or else a flood would need but other users, one after another.
TEST_F(MemoryPressureHandlerTest, CutsAllAndKeepsAllButRootOutWhereMemoryIsFarTooMuch) {
  alice_.Send(kFlood);
  LookAt(1001);
  LookAt(2001, milliseconds(100));
  EXPECT_TRUE(tcp_.IsCut());
  EXPECT_TRUE(ShouldReject({table_, {"endpoint", "user 1002"}, kBob}, milliseconds(1099)));
  EXPECT_FALSE(root_.IsCut());
  EXPECT_FALSE(ShouldReject(root_, milliseconds(1099)));
  EXPECT_FALSE(ShouldReject(tcp_, milliseconds(1100)));
}

TEST_F(MemoryPressureHandlerTest, LooksTenTimesASecondHoweverOftenItIsAsked) {
  LookAt(1000);
  alice_.Send(kFlood);
  LookAt(1001, milliseconds(99));
  EXPECT_FALSE(alice_.IsCut());
  LookAt(1001, milliseconds(100));
  EXPECT_TRUE(alice_.IsCut());
}

}  // namespace
}  // namespace ccplace
