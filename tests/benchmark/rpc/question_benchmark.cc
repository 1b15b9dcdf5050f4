// The question for firmware against libvirt's own client: the same domains, translated on one
// libvirtd in turn. usage: question_benchmark LIBVIRT_URI [ROUNDS]
// Prints one line of JSON: what one question takes, as medians in milliseconds, and the median of
// the rounds' ratios.
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "lib/capability/facts/firmware_inquiry.h"
#include "lib/domain/firmware_question.h"
#include "lib/hypervisor/libvirt_hypervisor.h"
#include "nlohmann/json.hpp"
#include "tests/benchmark/rpc/load.h"

namespace ccplace::benchmark {
namespace {

using Connection = std::unique_ptr<virConnect, int (*)(virConnectPtr)>;

constexpr char kMachine[] = "q35";
constexpr SecureBoot kWays[] = {SecureBoot::kUnstated, SecureBoot::kOff, SecureBoot::kOn};
constexpr int kWayCount = 3;

[[noreturn]] void Fail(const std::string& what) {
  std::cerr << "question_benchmark: " << what << "\n";
  std::exit(1);
}

double MillisecondsEach(const std::function<void()>& step) {
  const auto begun = std::chrono::steady_clock::now();
  step();
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
  return took.count() / kWayCount;
}

LibvirtOptions OptionsFor(const std::string& uri) {
  LibvirtOptions options;
  options.uri = uri;
  return options;
}

// All three ways, as a reading of the host asks them.
class Inquiry {
 public:
  explicit Inquiry(const std::string& uri) : hypervisor_(OptionsFor(uri)) {
    capabilities_.tdx = Offer::kYes;
  }

  void Ask() {
    inquiry_.AskAnew();
    const auto answers = inquiry_.Read(hypervisor_, kMachine, /*connection=*/1, "", capabilities_);
    if (!answers.ok()) Fail(std::string(answers.status().message()));
  }

 private:
  LibvirtHypervisor hypervisor_;
  FirmwareInquiry inquiry_;
  DomainCapabilities capabilities_;
};

// The same three domains by libvirt's own client, which are made beforehand.
class RawClient {
 public:
  explicit RawClient(const std::string& uri)
      : connection_(virConnectOpen(uri.c_str()), virConnectClose) {
    virSetErrorFunc(nullptr, [](void*, virErrorPtr) {});  // It would print each refusal.
    if (connection_ == nullptr) Fail("no connection to libvirt");
    for (const SecureBoot way : kWays) {
      auto xml = BuildFirmwareQuestion(v1::ENCRYPTION_MODEL_INTEL_TDX, kMachine, way);
      if (!xml.ok()) Fail(std::string(xml.status().message()));
      domains_.push_back(*std::move(xml));
    }
  }

  void Ask() const {
    int answered = 0;
    for (const std::string& xml : domains_) {
      char* const native =
          virConnectDomainXMLToNative(connection_.get(), "qemu-argv", xml.c_str(), 0);
      answered += native != nullptr ? 1 : 0;
      std::free(native);
    }
    if (answered == 0) Fail("libvirt translated none of the domains");
  }

 private:
  const Connection connection_;
  std::vector<std::string> domains_;
};

nlohmann::json Measure(const std::string& uri, int rounds) {
  Inquiry inquiry(uri);
  const RawClient raw(uri);
  std::vector<double> ours, theirs, ratios;
  for (int round = -1; round < rounds; ++round) {  // The first round only warms up.
    double one = 0, other = 0;
    const auto ask = [&] { one = MillisecondsEach([&] { inquiry.Ask(); }); };
    if (round % 2 == 0) ask();
    other = MillisecondsEach([&] { raw.Ask(); });
    if (round % 2 != 0) ask();
    if (round < 0) continue;
    ours.push_back(one);
    theirs.push_back(other);
    ratios.push_back(one / other);
  }
  return {{"question_ms", Median(ours)}, {"raw_ms", Median(theirs)}, {"ratio", Median(ratios)}};
}

}  // namespace
}  // namespace ccplace::benchmark

int main(int argc, char** argv) {
  int rounds = 41;
  if (argc < 2 || argc > 3 || (argc == 3 && !absl::SimpleAtoi(argv[2], &rounds)) || rounds < 1) {
    std::cerr << "usage: question_benchmark LIBVIRT_URI [ROUNDS]\n";
    return 2;
  }
  std::cout << ccplace::benchmark::Measure(argv[1], rounds) << std::endl;
  return 0;
}
