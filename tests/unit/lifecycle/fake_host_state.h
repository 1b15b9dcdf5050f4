// A host state that says what a test sets.
#ifndef CCPLACE_TESTS_UNIT_LIFECYCLE_FAKE_HOST_STATE_H_
#define CCPLACE_TESTS_UNIT_LIFECYCLE_FAKE_HOST_STATE_H_

#include <functional>
#include <memory>
#include <utility>

#include "lib/capability/host_state.h"

namespace ccplace {

// Holds one snapshot: all four models supported, `free_keys` TDX keys free. For one thread.
class FakeHostState final : public HostState {
 public:
  FakeHostState() {
    for (int model = v1::ENCRYPTION_MODEL_INTEL_TDX; model <= v1::ENCRYPTION_MODEL_AMD_SEV_SNP;
         ++model) {
      auto& entry = *snapshot_.capabilities.add_models();
      entry.set_model(static_cast<v1::EncryptionModel>(model));
      entry.set_verdict(v1::SUPPORT_SUPPORTED);
    }
    SetFreeKeys(63);
  }

  void SetFreeKeys(uint64_t free_keys) {
    auto& keys = *snapshot_.capabilities.mutable_models(0)->mutable_keys();
    keys.mutable_usable()->set_value(63);
    keys.mutable_in_use()->set_value(63 - free_keys);
    keys.mutable_free()->set_value(free_keys);
  }

  void FailKernelParameter() {
    auto& tdx = *snapshot_.capabilities.mutable_models(0);
    tdx.set_verdict(v1::SUPPORT_UNSUPPORTED);
    auto& check = *tdx.add_checks();
    check.set_gate(true);
    check.set_result(v1::CHECK_RESULT_FAIL);
    check.set_found("N");
    check.set_source("/sys/module/kvm_intel/parameters/tdx");
    check.set_remedy("boot with kvm_intel.tdx=1");
  }

  std::shared_ptr<const Snapshot> Current() const override {
    return std::make_shared<const Snapshot>(snapshot_);
  }
  v1::Freshness FreshnessNow() const override { return {}; }
  void Refresh(std::chrono::steady_clock::time_point,
               std::function<void(absl::Status)> done) override {
    done(absl::OkStatus());
  }
  std::unique_ptr<WatchHandle> Watch(WatchCallback) override { return nullptr; }

 private:
  Snapshot snapshot_;
};

}  // namespace ccplace

#endif  // CCPLACE_TESTS_UNIT_LIFECYCLE_FAKE_HOST_STATE_H_
