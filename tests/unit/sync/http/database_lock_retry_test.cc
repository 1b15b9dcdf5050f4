#include "client/sync/http/database_lock_retry.h"

#include "gtest/gtest.h"
#include "tests/unit/sync/http/http_fake.h"

namespace ccplace::sync {
namespace {

constexpr char kLocked[] = "(sqlite3.OperationalError) database is locked";
constexpr std::chrono::milliseconds kAtOnce{0};

class DatabaseLockRetryTest : public ::testing::Test {
 protected:
  DatabaseLockRetryTest() {
    auto http = std::make_unique<HttpFake>();
    http_ = http.get();
    client_ = RetryDatabaseLocks(std::move(http), &stop_, kAtOnce);
  }

  HttpFake* http_;
  std::atomic<bool> stop_{false};
  std::unique_ptr<HttpClient> client_;
};

TEST_F(DatabaseLockRetryTest, WaitsOutALockedDatabase) {
  http_->Answer(500, kLocked);
  http_->Answer(500, kLocked);
  http_->Answer(200, "done");
  EXPECT_EQ(client_->Send({"PUT", "http://placement", {}, "{}"})->body, "done");
  EXPECT_EQ(http_->requests.size(), 3u);
  EXPECT_EQ(http_->requests.back().body, "{}");
}

TEST_F(DatabaseLockRetryTest, SendsAgainWhatADatabaseGaveUpForAnotherTransaction) {
  for (const char* words :
       {"(1213, 'Deadlock found when trying to get lock; try restarting transaction')",
        "(1020, \"Record has changed since last read in table 'resource_providers'\")",
        "(psycopg2.errors.DeadlockDetected) deadlock detected"}) {
    http_->Answer(500, words);
    http_->Answer(200, "done");
    EXPECT_EQ(client_->Send({"PUT", "http://placement", {}, "{}"})->status, 200) << words;
  }
}

TEST_F(DatabaseLockRetryTest, GivesUpInTheEnd) {
  for (int i = 0; i < kDatabaseLockAttempts + 3; ++i) http_->Answer(500, kLocked);
  EXPECT_EQ(client_->Send({"PUT", "http://placement", {}, ""})->status, 500);
  EXPECT_EQ(http_->requests.size(), static_cast<size_t>(kDatabaseLockAttempts));
}

TEST_F(DatabaseLockRetryTest, LeavesOtherAnswersAlone) {
  for (const auto& [status, body] :
       {std::pair<int, const char*>{500, "broken"}, {503, kLocked}, {200, kLocked}}) {
    http_->Answer(status, body);
    EXPECT_EQ(client_->Send({"GET", "http://placement", {}, ""})->status, status);
  }
  EXPECT_EQ(http_->requests.size(), 3u);
  EXPECT_FALSE(client_->Send({"GET", "http://placement", {}, ""}).ok());
}

TEST_F(DatabaseLockRetryTest, EndsItsWaitWhenStopped) {
  auto http = std::make_unique<HttpFake>();
  HttpFake* const server = http.get();
  const auto patient = RetryDatabaseLocks(std::move(http), &stop_, std::chrono::hours(1));
  stop_ = true;
  server->Answer(500, kLocked);
  EXPECT_EQ(patient->Send({"GET", "http://placement", {}, ""})->status, 500);
  EXPECT_EQ(server->requests.size(), 1u);
}

}  // namespace
}  // namespace ccplace::sync
