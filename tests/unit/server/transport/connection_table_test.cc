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

class PeerTableTest : public ::testing::Test {
 protected:
  ~PeerTableTest() override {
    for (const int fd : open_) close(fd);
  }

  PlaceHolder HolderOf(const PeerCredentials& peer, const std::string& door = "door") const {
    return {door, table_.CallerOf(peer)};
  }

  // A connection of `peer`, noted; its descriptor.
  int Connect(const PeerCredentials& peer) {
    open_.push_back(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    table_.Note(open_.back(), HolderOf(peer), peer);
    return open_.back();
  }

  void Disconnect(int fd) {
    close(fd);
    open_.erase(std::find(open_.begin(), open_.end(), fd));
  }

  PeerTable table_{{4, 2}, {0}};
  std::vector<int> open_;
};

TEST_F(PeerTableTest, HasNoRoomForOneMoreOfAUserThanAllowedAndHasItForOthers) {
  Connect(kAlice);
  EXPECT_EQ(table_.RoomFor(HolderOf(kAlice)), Room::kFree);
  Connect(kAlice);
  EXPECT_EQ(table_.RoomFor(HolderOf(kAlice)), Room::kCallerFull);
  EXPECT_EQ(table_.RoomFor(HolderOf(kBob)), Room::kFree);
  EXPECT_EQ(table_.RoomFor(HolderOf(kAlice, "another door")), Room::kFree);
}

TEST_F(PeerTableTest, HasNoRoomForAnybodyOnceTheDoorIsFull) {
  for (const PeerCredentials& peer : {kAlice, kAlice, kBob}) Connect(peer);
  EXPECT_EQ(table_.RoomFor(HolderOf(kBob)), Room::kFree);
  Connect(kBob);
  EXPECT_EQ(table_.RoomFor(HolderOf(kRoot)), Room::kDoorFull);
  EXPECT_EQ(table_.RoomFor(HolderOf(kRoot, "another door")), Room::kFree);
}

TEST_F(PeerTableTest, BoundsUsersThatAreNotToBeBoundedByTheDoorAlone) {
  for (int i = 0; i < 3; ++i) Connect(kRoot);
  EXPECT_EQ(table_.RoomFor(HolderOf(kRoot)), Room::kFree);
  Connect(kRoot);
  EXPECT_EQ(table_.RoomFor(HolderOf(kRoot)), Room::kDoorFull);
}

TEST_F(PeerTableTest, GivesAwayThePlacesOfClosedConnections) {
  const int first = Connect(kAlice);
  Connect(kAlice);
  Disconnect(first);
  EXPECT_EQ(table_.RoomFor(HolderOf(kAlice)), Room::kFree);
  Connect(kAlice);
  EXPECT_EQ(table_.RoomFor(HolderOf(kAlice)), Room::kCallerFull);
  for (int i = 0; i < 2; ++i) Connect(kBob);
  EXPECT_EQ(table_.RoomFor(HolderOf(kRoot)), Room::kDoorFull);
  Disconnect(open_.back());
  EXPECT_EQ(table_.RoomFor(HolderOf(kRoot)), Room::kFree);
}

TEST_F(PeerTableTest, KnowsTheLatestPeerOfADescriptorAndCountsNoOther) {
  const int alices = Connect(kAlice);
  Connect(kAlice);
  Disconnect(alices);
  ASSERT_EQ(Connect(kBob), alices);
  EXPECT_EQ(table_.Find("fd:" + std::to_string(alices))->uid, kBob.uid);
  EXPECT_EQ(table_.RoomFor(HolderOf(kAlice)), Room::kFree);
  Connect(kBob);
  EXPECT_EQ(table_.RoomFor(HolderOf(kBob)), Room::kCallerFull);
}

TEST_F(PeerTableTest, ForgetsWhatWasClosedAtTheLookBeforeAndKeepsWhatIsOpen) {
  const int closed = Connect(kAlice);
  const int open = Connect(kBob);
  Disconnect(closed);
  const auto look = [this] {
    return table_.LookAtEach(std::chrono::steady_clock::now(), std::chrono::hours(1));
  };
  EXPECT_EQ(look(), 0u);
  EXPECT_TRUE(table_.Find("fd:" + std::to_string(closed)).has_value());
  EXPECT_EQ(look(), 0u);
  EXPECT_FALSE(table_.Find("fd:" + std::to_string(closed)).has_value());
  EXPECT_TRUE(table_.Find("fd:" + std::to_string(open)).has_value());
  EXPECT_EQ(table_.RoomFor(HolderOf(kAlice)), Room::kFree);
}

TEST_F(PeerTableTest, CutsWhatIsOpenAndNothingThatCameInItsPlace) {
  std::array<int, 2> pair = {};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
  table_.Note(pair[0], HolderOf(kAlice), kAlice);
  std::array<int, 2> others = {};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, others.data()), 0);
  const int reused = others[0];
  table_.Note(reused, HolderOf(kBob), kBob);
  std::array<int, 2> later = {};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, later.data()), 0);
  ASSERT_EQ(dup2(later[0], reused), reused);

  EXPECT_EQ(table_.Cut(), 1u);
  char byte = 0;
  EXPECT_EQ(read(pair[1], &byte, 1), 0);
  EXPECT_EQ(write(later[1], "x", 1), 1);
  EXPECT_EQ(read(reused, &byte, 1), 1);
  for (const int fd : {pair[0], pair[1], reused, others[1], later[0], later[1]}) close(fd);
}

TEST_F(PeerTableTest, HasUnsparedConnectionsUntilTheLastOfThemIsForgottenOrReplaced) {
  const auto look_twice = [this] {
    for (int i = 0; i < 2; ++i) {
      table_.LookAtEach(std::chrono::steady_clock::now(), std::chrono::hours(1));
    }
  };
  Connect(kRoot);
  const int alices = Connect(kAlice);
  const int bobs = Connect(kBob);
  Disconnect(alices);
  look_twice();
  EXPECT_TRUE(table_.HasUnspared());
  table_.Note(bobs, HolderOf(kAlice), kAlice);
  EXPECT_TRUE(table_.HasUnspared());
  table_.Note(bobs, HolderOf(kRoot), kRoot);
  EXPECT_FALSE(table_.HasUnspared());
  table_.Note(bobs, HolderOf(kBob), kBob);
  Disconnect(bobs);
  look_twice();
  EXPECT_FALSE(table_.HasUnspared());
}

// Both ends of a connection, noted.
class DeafPeerTest : public PeerTableTest {
 protected:
  DeafPeerTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    open_.insert(open_.end(), ends.begin(), ends.end());
    std::tie(ours_, theirs_) = std::tie(ends[0], ends[1]);
    table_.Note(ours_, HolderOf(kAlice), kAlice);
  }

  void Send() const { EXPECT_EQ(send(ours_, "four", 4, MSG_NOSIGNAL), 4); }
  void TakeIn() const {
    std::array<char, 4> taken{};
    EXPECT_EQ(recv(theirs_, taken.data(), taken.size(), 0), 4);
  }
  // What a look at `second` cuts, where a peer may be deaf for ten seconds.
  size_t CutAt(int second) {
    return table_.LookAtEach(begin_ + std::chrono::seconds(second), std::chrono::seconds(10));
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
