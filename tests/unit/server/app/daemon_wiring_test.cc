#include "server/app/daemon_wiring.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "lib/host/in_memory_host_files.h"
#include "lib/hypervisor/simulated_hypervisor.h"

namespace ccplace {
namespace {

// Files on a file system that does not answer until it is told to.
class HangingHostFiles final : public InMemoryHostFiles {
 public:
  absl::StatusOr<std::string> ReadFile(absl::string_view path, size_t limit) const override {
    answering_.wait_until(end_);
    return InMemoryHostFiles::ReadFile(path, limit);
  }
  void Answer() { answers_.set_value(); }

 private:
  // Not for ever, so that a test which waits for it fails.
  const std::chrono::steady_clock::time_point end_ =
      std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::promise<void> answers_;
  const std::shared_future<void> answering_ = answers_.get_future().share();
};

TEST(BuildServicesTest, DoesNotWaitForAFileSystemThatDoesNotAnswer) {
  const auto files = std::make_shared<HangingHostFiles>();
  const HostBackends backends = {files, std::make_shared<SimulatedHypervisor>(SimulatedHost())};
  const ServiceDependencies dependencies = BuildServices(Options(), backends);
  EXPECT_FALSE(dependencies.state->FreshnessNow().host_files().has_read_at());
  for (const v1::ModelCapability& model : dependencies.state->Current()->capabilities.models()) {
    EXPECT_EQ(model.verdict(), v1::SUPPORT_UNKNOWN);
  }
  files->Answer();
}

TEST(BuildServicesTest, LooksForTheQuoteServiceWhereLibvirtDoesWhenNoSocketIsNamed) {
  Options options;
  options.host.simulate = true;
  options.host.quote_service_path = "";
  const ServiceDependencies dependencies = BuildServices(options, *OpenBackends(options.host));
  const v1::HostCapabilities host = dependencies.state->Current()->capabilities;
  EXPECT_EQ(host.models(0).attestation(), v1::SUPPORT_SUPPORTED);
}

}  // namespace
}  // namespace ccplace
