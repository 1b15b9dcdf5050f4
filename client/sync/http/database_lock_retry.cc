#include "client/sync/http/database_lock_retry.h"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace ccplace::sync {
namespace {

constexpr std::chrono::milliseconds kSlice{20};

// How databases say that they gave a transaction up for another one: SQLite, MariaDB and MySQL
// (1213; 1020 from MariaDB 11.6 on), PostgreSQL. Placement tries only some of its transactions
// again.
constexpr std::array<absl::string_view, 4> kGivenUp = {
    "database is locked", "Deadlock found when trying to get lock",
    "Record has changed since last read", "deadlock detected"};

bool IsLocked(const absl::StatusOr<HttpResponse>& response) {
  return response.ok() && response->status == 500 &&
         std::any_of(kGivenUp.begin(), kGivenUp.end(), [&response](absl::string_view words) {
           return absl::StrContains(response->body, words);
         });
}

class DatabaseLockRetry : public HttpClient {
 public:
  DatabaseLockRetry(std::unique_ptr<HttpClient> client, const std::atomic<bool>* stop,
                    std::chrono::milliseconds wait)
      : client_(std::move(client)), stop_(stop), first_wait_(wait) {}

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override {
    std::chrono::milliseconds wait = first_wait_;
    absl::StatusOr<HttpResponse> response = client_->Send(request);
    for (int sent = 1; sent < kDatabaseLockAttempts && IsLocked(response); ++sent) {
      if (!Wait(wait)) break;
      wait *= 2;
      response = client_->Send(request);
    }
    return response;
  }

 private:
  // False: stopped.
  bool Wait(std::chrono::milliseconds left) const {
    while (left > left.zero()) {
      if (stop_ != nullptr && stop_->load()) return false;
      const std::chrono::milliseconds slice = std::min(left, kSlice);
      std::this_thread::sleep_for(slice);
      left -= slice;
    }
    return true;
  }

  const std::unique_ptr<HttpClient> client_;
  const std::atomic<bool>* const stop_;
  const std::chrono::milliseconds first_wait_;
};

}  // namespace

std::unique_ptr<HttpClient> RetryDatabaseLocks(std::unique_ptr<HttpClient> client,
                                               const std::atomic<bool>* stop,
                                               std::chrono::milliseconds wait) {
  return std::make_unique<DatabaseLockRetry>(std::move(client), stop, wait);
}

}  // namespace ccplace::sync
