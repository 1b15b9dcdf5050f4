#include "lib/hypervisor/libvirt_connector.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <iterator>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/hypervisor/libvirt_uri.h"

namespace ccplace {

using Connection = LibvirtConnector::Connection;

namespace {

bool IsGood(const Connection& connection) { return connection != nullptr && !connection->lost(); }

}  // namespace

LibvirtConnector::LibvirtConnector(LibvirtOptions options) : options_(std::move(options)) {}

LibvirtConnector::~LibvirtConnector() {
  if (readings_ == nullptr && spare_.empty()) return;
  std::promise<void> closed;
  const std::future<void> done = closed.get_future();
  std::thread([readings = std::move(readings_), spare = std::move(spare_),
               closed = std::move(closed)]() mutable {
    readings = nullptr;
    spare.clear();
    closed.set_value();
  }).detach();
  done.wait_for(std::chrono::seconds(1));
}

absl::StatusOr<Connection> LibvirtConnector::Readings() {
  std::vector<Connection> lost;  // Closed last, without the lock: closing can ask the peer.
  std::unique_lock<std::mutex> lock(mutex_);
  lost = TakeLost();
  if (IsGood(readings_)) return readings_;
  const absl::Status turn = AwaitTurn(lock);
  if (!turn.ok()) return turn;
  if (IsGood(readings_)) return readings_;  // Another caller's turn it was.
  Connection old = std::move(readings_);
  auto opened = Connect(lock, listener_);
  if (opened.ok()) readings_ = *opened;
  lock.unlock();
  return opened;
}

absl::StatusOr<Connection> LibvirtConnector::Own() {
  std::vector<Connection> lost;  // As above.
  std::unique_lock<std::mutex> lock(mutex_);
  lost = TakeLost();
  if (!spare_.empty()) {
    Connection spare = std::move(spare_.back());
    spare_.pop_back();
    return Lend(std::move(spare));
  }
  const absl::Status turn = AwaitTurn(lock);
  if (!turn.ok()) return turn;
  auto opened = Connect(lock, nullptr);
  if (!opened.ok()) return opened.status();
  return Lend(*std::move(opened));
}

uint64_t LibvirtConnector::Forget(const std::string& uuid) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (readings_ == nullptr) return 0;
  readings_->xml().Forget(uuid);
  return readings_->xml().Look(uuid).age;
}

void LibvirtConnector::Keep(const std::string& uuid, uint64_t age, const std::string& xml) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (readings_ != nullptr) readings_->xml().Keep(uuid, age, xml);
}

absl::Status LibvirtConnector::AwaitTurn(std::unique_lock<std::mutex>& lock) {
  if (settled_.wait_for(lock, options_.connect_wait, [this] { return !connecting_; })) {
    return absl::OkStatus();
  }
  return absl::UnavailableError(
      absl::StrCat("connect to ", Printable(LibvirtUri(options_).value_or("libvirt")),
                   ": libvirt has not answered another call's connect for ",
                   options_.connect_wait.count(), " ms; see whether libvirtd is stopped"));
}

// Called, and returns, with the lock held; connects without it.
absl::StatusOr<Connection> LibvirtConnector::Connect(std::unique_lock<std::mutex>& lock,
                                                     std::shared_ptr<EventListener> listener) {
  connecting_ = true;
  lock.unlock();
  auto opened = LibvirtConnection::Open(options_, std::move(listener));
  lock.lock();
  connecting_ = false;
  settled_.notify_all();
  return opened;
}

std::vector<Connection> LibvirtConnector::TakeLost() {
  const auto lost = std::partition(spare_.begin(), spare_.end(), IsGood);
  std::vector<Connection> taken(std::make_move_iterator(lost),
                                std::make_move_iterator(spare_.end()));
  spare_.erase(lost, spare_.end());
  return taken;
}

// An alias of the connection, whose end gives it back.
Connection LibvirtConnector::Lend(Connection connection) {
  LibvirtConnection* lent = connection.get();
  return {lent, [this, owned = std::move(connection)](LibvirtConnection*) mutable {
            if (owned->lost()) return;
            const std::lock_guard<std::mutex> lock(mutex_);
            spare_.push_back(std::move(owned));
          }};
}

}  // namespace ccplace
