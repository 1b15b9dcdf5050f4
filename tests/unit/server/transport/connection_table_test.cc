#include "server/transport/connection_table.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <tuple>
#include <vector>

#include "tests/unit/server/transport/peer_credentials.h"

namespace ccplace {
namespace {

class ConnectionTableTest : public ::testing::Test {
 protected:
  ~ConnectionTableTest() override {
    for (const int fd : open_) close(fd);
  }

  QuotaKey QuotaKeyOf(const PeerCredentials& peer, const std::string& endpoint = "endpoint") const {
    return {endpoint, table_.CallerOf(peer)};
  }

  // A connection of `peer`, noted; its descriptor.
  int Connect(const PeerCredentials& peer) {
    open_.push_back(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    table_.Register(open_.back(), QuotaKeyOf(peer), peer);
    return open_.back();
  }

  void Disconnect(int fd) {
    close(fd);
    open_.erase(std::find(open_.begin(), open_.end(), fd));
  }

  ConnectionTable table_{{4, 2}, {0}};
  std::vector<int> open_;
};

TEST_F(ConnectionTableTest, HasNoRoomForOneMoreOfAUserThanAllowedAndHasItForOthers) {
  Connect(kAlice);
  EXPECT_EQ(table_.CheckQuota(QuotaKeyOf(kAlice)), QuotaResult::kWithinLimits);
  Connect(kAlice);
  EXPECT_EQ(table_.CheckQuota(QuotaKeyOf(kAlice)), QuotaResult::kCallerFull);
  EXPECT_EQ(table_.CheckQuota(QuotaKeyOf(kBob)), QuotaResult::kWithinLimits);
  EXPECT_EQ(table_.CheckQuota(QuotaKeyOf(kAlice, "another endpoint")), QuotaResult::kWithinLimits);
}

TEST_F(ConnectionTableTest, HasNoRoomForAnybodyOnceTheEndpointIsFull) {
  for (const PeerCredentials& peer : {kAlice, kAlice, kBob}) Connect(peer);
  EXPECT_EQ(table_.CheckQuota(QuotaKeyOf(kBob)), QuotaResult::kWithinLimits);
  Connect(kBob);
  EXPECT_EQ(table_.CheckQuota(QuotaKeyOf(kRoot)), QuotaResult::kEndpointFull);
  EXPECT_EQ(table_.CheckQuota(QuotaKeyOf(kRoot, "another endpoint")), QuotaResult::kWithinLimits);
}

TEST_F(ConnectionTableTest, BoundsUsersThatAreNotToBeBoundedByTheEndpointAlone) {
  for (int i = 0; i < 3; ++i) Connect(kRoot);
  EXPECT_EQ(table_.CheckQuota(QuotaKeyOf(kRoot)), QuotaResult::kWithinLimits);
  Connect(kRoot);
  EXPECT_EQ(table_.CheckQuota(QuotaKeyOf(kRoot)), QuotaResult::kEndpointFull);
}

TEST_F(ConnectionTableTest, GivesAwayThePlacesOfClosedConnections) {
  const int first = Connect(kAlice);
  Connect(kAlice);
  Disconnect(first);
  EXPECT_EQ(table_.CheckQuota(QuotaKeyOf(kAlice)), QuotaResult::kWithinLimits);
  Connect(kAlice);
  EXPECT_EQ(table_.CheckQuota(QuotaKeyOf(kAlice)), QuotaResult::kCallerFull);
  for (int i = 0; i < 2; ++i) Connect(kBob);
  EXPECT_EQ(table_.CheckQuota(QuotaKeyOf(kRoot)), QuotaResult::kEndpointFull);
  Disconnect(open_.back());
  EXPECT_EQ(table_.CheckQuota(QuotaKeyOf(kRoot)), QuotaResult::kWithinLimits);
}

TEST_F(ConnectionTableTest, KnowsTheLatestPeerOfADescriptorAndCountsNoOther) {
  const int alices = Connect(kAlice);
  Connect(kAlice);
  Disconnect(alices);
  ASSERT_EQ(Connect(kBob), alices);
  EXPECT_EQ(table_.Find("fd:" + std::to_string(alices))->uid, kBob.uid);
  EXPECT_EQ(table_.CheckQuota(QuotaKeyOf(kAlice)), QuotaResult::kWithinLimits);
  Connect(kBob);
  EXPECT_EQ(table_.CheckQuota(QuotaKeyOf(kBob)), QuotaResult::kCallerFull);
}

TEST_F(ConnectionTableTest, ForgetsWhatWasClosedAtTheLookBeforeAndKeepsWhatIsOpen) {
  const int closed = Connect(kAlice);
  const int open = Connect(kBob);
  Disconnect(closed);
  const auto look = [this] {
    return table_.CloseStalled(std::chrono::steady_clock::now(), std::chrono::hours(1));
  };
  EXPECT_EQ(look(), 0u);
  EXPECT_TRUE(table_.Find("fd:" + std::to_string(closed)).has_value());
  EXPECT_EQ(look(), 0u);
  EXPECT_FALSE(table_.Find("fd:" + std::to_string(closed)).has_value());
  EXPECT_TRUE(table_.Find("fd:" + std::to_string(open)).has_value());
  EXPECT_EQ(table_.CheckQuota(QuotaKeyOf(kAlice)), QuotaResult::kWithinLimits);
}

TEST_F(ConnectionTableTest, CutsWhatIsOpenAndNothingThatCameInItsPlace) {
  std::array<int, 2> pair = {};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
  table_.Register(pair[0], QuotaKeyOf(kAlice), kAlice);
  std::array<int, 2> others = {};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, others.data()), 0);
  const int reused = others[0];
  table_.Register(reused, QuotaKeyOf(kBob), kBob);
  std::array<int, 2> later = {};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, later.data()), 0);
  ASSERT_EQ(dup2(later[0], reused), reused);

  EXPECT_EQ(table_.CloseAll(), 1u);
  char byte = 0;
  EXPECT_EQ(read(pair[1], &byte, 1), 0);
  EXPECT_EQ(write(later[1], "x", 1), 1);
  EXPECT_EQ(read(reused, &byte, 1), 1);
  for (const int fd : {pair[0], pair[1], reused, others[1], later[0], later[1]}) close(fd);
}

TEST_F(ConnectionTableTest, HasUnsparedConnectionsUntilTheLastOfThemIsForgottenOrReplaced) {
  const auto look_twice = [this] {
    for (int i = 0; i < 2; ++i) {
      table_.CloseStalled(std::chrono::steady_clock::now(), std::chrono::hours(1));
    }
  };
  Connect(kRoot);
  const int alices = Connect(kAlice);
  const int bobs = Connect(kBob);
  Disconnect(alices);
  look_twice();
  EXPECT_TRUE(table_.HasNonExempt());
  table_.Register(bobs, QuotaKeyOf(kAlice), kAlice);
  EXPECT_TRUE(table_.HasNonExempt());
  table_.Register(bobs, QuotaKeyOf(kRoot), kRoot);
  EXPECT_FALSE(table_.HasNonExempt());
  table_.Register(bobs, QuotaKeyOf(kBob), kBob);
  Disconnect(bobs);
  look_twice();
  EXPECT_FALSE(table_.HasNonExempt());
}

// Both ends of a connection, noted.
class DeafPeerTest : public ConnectionTableTest {
 protected:
  DeafPeerTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    open_.insert(open_.end(), ends.begin(), ends.end());
    std::tie(ours_, theirs_) = std::tie(ends[0], ends[1]);
    table_.Register(ours_, QuotaKeyOf(kAlice), kAlice);
  }

  void Send() const { EXPECT_EQ(send(ours_, "four", 4, MSG_NOSIGNAL), 4); }
  void TakeIn() const {
    std::array<char, 4> taken{};
    EXPECT_EQ(recv(theirs_, taken.data(), taken.size(), 0), 4);
  }
  // What a look at `second` cuts, where a peer may be deaf for ten seconds.
  size_t CutAt(int second) {
    return table_.CloseStalled(begin_ + std::chrono::seconds(second), std::chrono::seconds(10));
  }

  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  int ours_ = -1;
  int theirs_ = -1;
};

TEST_F(DeafPeerTest, IsCutOnceItHasTakenNothingInForAsLongAsItMay) {
  Send();
  EXPECT_EQ(CutAt(0), 0u);
  EXPECT_EQ(CutAt(9), 0u);
  EXPECT_EQ(CutAt(10), 1u);
  EXPECT_EQ(send(ours_, "four", 4, MSG_NOSIGNAL), -1);
}

TEST_F(DeafPeerTest, IsLeftAloneWhileItTakesInSomething) {
  Send();
  Send();
  EXPECT_EQ(CutAt(0), 0u);
  TakeIn();
  EXPECT_EQ(CutAt(9), 0u);
  EXPECT_EQ(CutAt(18), 0u);
  EXPECT_EQ(CutAt(19), 1u);
}

TEST_F(DeafPeerTest, IsNotMistakenForWhatCameInItsPlace) {
  Send();
  EXPECT_EQ(CutAt(0), 0u);
  std::array<int, 2> later = {};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, later.data()), 0);
  open_.insert(open_.end(), later.begin(), later.end());
  ASSERT_EQ(dup2(later[0], ours_), ours_);
  Send();
  EXPECT_EQ(CutAt(10), 0u);
  EXPECT_EQ(CutAt(20), 0u);
  Send();
}

TEST_F(DeafPeerTest, IsLeftAloneWhereNothingWaitsForIt) {
  Send();
  TakeIn();
  EXPECT_EQ(CutAt(0), 0u);
  EXPECT_EQ(CutAt(100), 0u);
  EXPECT_EQ(CutAt(200), 0u);
}

}  // namespace
}  // namespace ccplace
