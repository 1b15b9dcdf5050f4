// The loop, its progress and a scrape at once: for the thread sanitizer above all.
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <thread>
#include <vector>

#include "client/sync/app/progress.h"
#include "client/sync/app/sync_metrics.h"
#include "client/sync/sync/sync_loop.h"
#include "tests/unit/sync/placement/placement_fake.h"
#include "tests/unit/sync/sync/host_states.h"

namespace ccplace::sync {
namespace {

constexpr int kOfferers = 3;
constexpr uint64_t kOffers = 200;
constexpr uint64_t kLast = 7;

LoopOptions Hasty() {
  LoopOptions options;
  options.interval = options.first_retry = options.max_retry_interval =
      std::chrono::milliseconds(5);
  options.debounce = std::chrono::milliseconds(1);
  return options;
}

class SyncStressTest : public ::testing::Test {
 protected:
  SyncStressTest() {
    spdlog::set_level(spdlog::level::off);
    fake_.AddProvider("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "node-1");
    threads_.emplace_back([this] { loop_.Run(); });
    threads_.emplace_back([this] {
      while (!done_) scraped_ += CollectMetrics(progress_.Snapshot()).size() + loop_.waiting();
    });
  }
  ~SyncStressTest() override {
    done_ = true;
    loop_.Stop();
    for (std::thread& thread : threads_) thread.join();
    spdlog::set_level(spdlog::level::info);
  }

  void Offer(uint64_t in_use) {
    progress_.OnHostState();
    loop_.Offer(State(in_use));
  }

  // Offers from many threads while Placement fails now and then.
  void OfferFromMany() {
    std::vector<std::thread> offerers;
    for (int i = 0; i < kOfferers; ++i) {
      offerers.emplace_back([this] {
        for (uint64_t n = 0; n < kOffers; ++n) {
          fake_.FailWith(n % 10 == 0 ? 503 : 0);
          Offer(n % 60);
          progress_.OnHostLost(absl::UnavailableError("gone"), std::chrono::milliseconds(1));
        }
      });
    }
    for (std::thread& offerer : offerers) offerer.join();
    fake_.FailWith(0);
  }

  bool Holds(uint64_t reserved) {
    const auto inventories = fake_.Provider("node-1_intel_tdx").inventories;
    return inventories.contains("MEM_ENCRYPTION_CONTEXT") &&
           inventories["MEM_ENCRYPTION_CONTEXT"].value("reserved", uint64_t{0}) == reserved;
  }

  PlacementFake fake_;
  OpenTokens tokens_;
  PlacementRest rest_{&fake_, &tokens_};
  HostSync sync_{&rest_, HostSyncOptions()};
  Progress progress_{&rest_};
  SyncLoop loop_{&sync_, &progress_, Hasty()};
  std::atomic<bool> done_{false};
  std::atomic<size_t> scraped_{0};
  std::vector<std::thread> threads_;
};

TEST_F(SyncStressTest, TellsTheLatestOfWhatManyThreadsOfferedWhileItIsScraped) {
  OfferFromMany();
  Offer(kLast);
  for (int i = 0; i < 3'000 && !(Holds(kLast) && progress_.Snapshot().in_sync); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(Holds(kLast));
  EXPECT_TRUE(progress_.Snapshot().in_sync);
  EXPECT_GT(scraped_, 0u);
}

}  // namespace
}  // namespace ccplace::sync
