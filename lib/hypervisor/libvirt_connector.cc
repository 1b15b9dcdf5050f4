#include "lib/hypervisor/libvirt_connector.h"

#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace {

LibvirtConnector::LibvirtConnector(LibvirtOptions options) : options_(std::move(options)) {}

LibvirtConnector::~LibvirtConnector() {
  if (connection_ == nullptr) return;
  std::promise<void> closed;
  const std::future<void> done = closed.get_future();
  std::thread([connection = std::move(connection_), closed = std::move(closed)]() mutable {
    connection = nullptr;
    closed.set_value();
  }).detach();
  done.wait_for(std::chrono::seconds(1));
}

absl::StatusOr<std::shared_ptr<LibvirtConnection>> LibvirtConnector::Get() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (!settled_.wait_for(lock, options_.connect_wait, [this] { return !connecting_; })) {
    return absl::UnavailableError(
        absl::StrCat("connect to ", Printable(options_.uri),
                     ": libvirt has not answered another call's connect for ",
                     options_.connect_wait.count(), " ms; see whether libvirtd is stopped"));
  }
  if (connection_ != nullptr && !connection_->lost()) return connection_;
  std::shared_ptr<LibvirtConnection> old = std::move(connection_);
  connecting_ = true;
  lock.unlock();
  old = nullptr;
  auto opened = LibvirtConnection::Open(options_, listener_);
  lock.lock();
  connecting_ = false;
  if (opened.ok()) connection_ = *opened;
  settled_.notify_all();
  return opened;
}

}  // namespace ccplace
