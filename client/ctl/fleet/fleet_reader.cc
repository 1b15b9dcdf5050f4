#include "client/ctl/fleet/fleet_reader.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/address.h"
#include "lib/base/text.h"

namespace ccplace::ctl {
namespace {

constexpr std::chrono::milliseconds kProgressPause{100};

absl::StatusOr<v1::HostCapabilitiesResponse> Ask(const std::string& address,
                                                 ClientOptions options) {
  options.address = address;
  const absl::StatusOr<std::unique_ptr<HostClient>> client = HostClient::Create(options);
  if (!client.ok()) return client.status();
  return (*client)->HostCapabilities(v1::HostCapabilitiesRequest());
}

// Hands out hosts to threads, one at a time.
class Queue {
 public:
  Queue(std::vector<FleetHost>& hosts, const ClientOptions& options)
      : hosts_(hosts), options_(options) {}

  void Work() {
    for (size_t i = next_++; i < hosts_.size(); i = next_++) {
      hosts_[i].answer = Ask(hosts_[i].address, options_);
      const std::lock_guard<std::mutex> lock(mutex_);
      if (++done_ == hosts_.size()) all_done_.notify_all();
    }
  }

  void Await(const std::function<void(size_t)>& on_progress) {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!all_done_.wait_for(lock, kProgressPause, [this] { return done_ == hosts_.size(); })) {
      const size_t done = done_;
      lock.unlock();
      on_progress(done);
      lock.lock();
    }
  }

 private:
  std::vector<FleetHost>& hosts_;
  const ClientOptions& options_;
  std::atomic<size_t> next_{0};
  std::mutex mutex_;
  std::condition_variable all_done_;
  size_t done_ = 0;
};

absl::string_view WithoutComment(absl::string_view line) {
  return absl::StripAsciiWhitespace(line.substr(0, line.find('#')));
}

absl::Status BadLine(const std::string& origin, size_t line, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(Quoted(origin), ", line ", line, ": ", why));
}

}  // namespace

absl::Status AddFleetHosts(absl::string_view text, const std::string& origin,
                           std::vector<std::string>& hosts) {
  std::set<std::string> known(hosts.begin(), hosts.end());
  size_t number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const std::string address(WithoutComment(line));
    if (address.empty() || !known.insert(address).second) continue;
    const absl::StatusOr<Address> parsed = ParseAddress(address);
    if (!parsed.ok()) return BadLine(origin, number, parsed.status().message());
    if (hosts.size() == kFleetLimit) {
      return BadLine(origin, number, absl::StrCat("more than ", kFleetLimit, " hosts"));
    }
    hosts.push_back(address);
  }
  return absl::OkStatus();
}

std::vector<FleetHost> ReadFleet(const std::vector<std::string>& addresses,
                                 const ClientOptions& options, size_t jobs,
                                 const std::function<void(size_t)>& on_progress) {
  std::vector<FleetHost> hosts(addresses.size());
  for (size_t i = 0; i < hosts.size(); ++i) hosts[i].address = addresses[i];
  Queue queue(hosts, options);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < std::min(jobs, hosts.size()); ++i) {
    threads.emplace_back([&queue] { queue.Work(); });
  }
  queue.Await(on_progress);
  for (std::thread& thread : threads) thread.join();
  return hosts;
}

}  // namespace ccplace::ctl
