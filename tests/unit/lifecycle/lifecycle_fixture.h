// A simulated host and requests for it.
#ifndef CCPLACE_TESTS_UNIT_LIFECYCLE_LIFECYCLE_FIXTURE_H_
#define CCPLACE_TESTS_UNIT_LIFECYCLE_LIFECYCLE_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "lib/base/status.h"
#include "lib/host/simulated_host.h"
#include "lib/hypervisor/simulated_hypervisor.h"
#include "lib/lifecycle/tdx_lifecycle.h"
#include "tests/support/fake_host_state.h"
#include "tests/support/good_definition.h"

namespace ccplace::v1 {

// What GoogleTest shows of an answer that is not as expected; it looks beside the value's type.
template <typename T>
void PrintTo(const absl::StatusOr<T>& answer, std::ostream* out) {
  *out << answer.status();
}

}  // namespace ccplace::v1

namespace ccplace {

inline constexpr char kOtherUuid[] = "7b6b2a54-3f0e-4bb2-8a6c-0d8d0a1f2b3c";

class LifecycleTest : public ::testing::Test {
 protected:
  LifecycleTest() {
    for (int model = v1::ENCRYPTION_MODEL_INTEL_TDX; model <= v1::ENCRYPTION_MODEL_AMD_SEV_SNP;
         ++model) {
      AddModel(*state_, static_cast<v1::EncryptionModel>(model), v1::SUPPORT_SUPPORTED,
               v1::CHECK_KIND_KERNEL_PARAMETER, v1::CHECK_RESULT_PASS);
    }
    SetFreeKeys(kKeys);
    Rebuild();
  }

  // A lifecycle with `policy_` as it is now.
  void Rebuild() {
    lifecycle_ = std::make_unique<TdxLifecycle>(
        LifecycleDependencies{policy_, hypervisor_, files_, state_, parsed_domains_});
  }

  absl::StatusOr<v1::DefineTdxDomainResponse> Define(const v1::DefineTdxDomainRequest& request) {
    return Define(request, Soon());
  }

  absl::StatusOr<v1::DefineTdxDomainResponse> Define(const v1::DefineTdxDomainRequest& request,
                                                     TdxLifecycle::Deadline deadline) {
    const auto digest = RequestDigest(request);
    if (!digest.ok()) return digest.status();
    return lifecycle_->Define(request, *digest, deadline);
  }

  absl::StatusOr<v1::UndefineTdxDomainResponse> Undefine(const std::string& uuid, bool stop = false,
                                                         TdxLifecycle::Deadline deadline = Soon()) {
    v1::UndefineTdxDomainRequest request;
    request.set_uuid(uuid);
    request.set_stop(stop);
    return lifecycle_->Undefine(request, deadline);
  }

  // What the host is known to be from here on.
  void SetFreeKeys(uint64_t free_keys) {
    v1::KeyInventory& keys = *Tdx().mutable_keys();
    keys.mutable_usable()->set_value(kKeys);
    keys.mutable_in_use()->set_value(kKeys - free_keys);
    keys.mutable_free()->set_value(free_keys);
  }
  void ForgetFreeKeys() {
    Tdx().mutable_keys()->clear_in_use();
    Tdx().mutable_keys()->clear_free();
  }
  void FailKernelParameter() {
    Tdx().set_verdict(v1::SUPPORT_UNSUPPORTED);
    v1::Check& check = *Tdx().mutable_checks(0);
    check.set_result(v1::CHECK_RESULT_FAIL);
    check.set_found("N");
    check.set_source("/sys/module/kvm_intel/parameters/tdx");
    check.set_remedy("boot with kvm_intel.tdx=1");
  }

  static std::chrono::steady_clock::time_point Soon() {
    return std::chrono::steady_clock::now() + std::chrono::seconds(10);
  }

  static LifecyclePolicy DefaultPolicy() {
    LifecyclePolicy policy;
    policy.host.set_cpu_mode("host-passthrough");
    policy.host.set_virt_type("kvm");
    policy.host.set_default_machine_type("q35");
    policy.quote_service_path = "/var/run/tdx-qgs/qgs.socket";
    policy.paths.disk_prefixes = {"/var/lib/libvirt/images", "/dev/mapper"};
    policy.paths.log_prefixes = {"/var/log/libvirt"};
    policy.paths.socket_prefixes = {"/run/openvswitch"};
    policy.service_version = "0.0.1";
    return policy;
  }

  LifecyclePolicy policy_ = DefaultPolicy();
  std::shared_ptr<InMemoryHostFiles> files_ = MakeSimulatedHost();
  std::shared_ptr<SimulatedHypervisor> hypervisor_ =
      std::make_shared<SimulatedHypervisor>(SimulatedHost{});
  std::shared_ptr<FakeHostState> state_ = std::make_shared<FakeHostState>();
  std::shared_ptr<ParsedDomainCache> parsed_domains_ = std::make_shared<ParsedDomainCache>();
  std::unique_ptr<TdxLifecycle> lifecycle_;

 private:
  static constexpr uint64_t kKeys = 63;

  v1::ModelCapability& Tdx() { return *state_->snapshot.capabilities.mutable_models(0); }
};

// Whether a StatusOr has `code`, a message that holds `text`, and `reason`.
MATCHER_P3(Fails, code, text, reason, "") {
  const absl::Status status = arg.status();
  *result_listener << status << " with reason " << ReasonOf(status);
  return status.code() == code && ReasonOf(status) == reason &&
         std::string(status.message()).find(text) != std::string::npos;
}

}  // namespace ccplace

#endif  // CCPLACE_TESTS_UNIT_LIFECYCLE_LIFECYCLE_FIXTURE_H_
