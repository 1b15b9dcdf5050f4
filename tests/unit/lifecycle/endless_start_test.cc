#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/unit/lifecycle/lifecycle_fixture.h"

namespace ccplace {
namespace {

// A simulated hypervisor whose starts wait for a peer that never comes, until the domain is
// stopped: QEMU that listens for a vhost-user switch. With `defines` false its definitions wait.
class WaitingHypervisor final : public Hypervisor {
 public:
  explicit WaitingHypervisor(bool defines) : defines_(defines) {}

  absl::StatusOr<HypervisorVersions> Versions() override { return inner_.Versions(); }
  absl::StatusOr<std::string> DomainCapabilitiesXml(const std::string& machine,
                                                    const std::string& virt_type) override {
    return inner_.DomainCapabilitiesXml(machine, virt_type);
  }
  absl::StatusOr<std::string> CapabilitiesXml() override { return inner_.CapabilitiesXml(); }
  absl::StatusOr<std::vector<DomainDescription>> ListDomains() override {
    return inner_.ListDomains();
  }
  absl::StatusOr<DomainDescription> FindByUuid(const std::string& uuid) override {
    return inner_.FindByUuid(uuid);
  }
  absl::StatusOr<DomainDescription> FindByName(const std::string& name) override {
    return inner_.FindByName(name);
  }
  absl::StatusOr<FoundMetadata> FindMetadata(const std::string& uuid,
                                             const std::string& space) override {
    return inner_.FindMetadata(uuid, space);
  }
  absl::StatusOr<std::string> TranslateToNative(const std::string& xml) override {
    return inner_.TranslateToNative(xml);
  }
  absl::StatusOr<DomainDescription> Define(const std::string& xml) override {
    if (!defines_) return Wait();
    return inner_.Define(xml);
  }
  absl::Status Undefine(const std::string& uuid) override { return inner_.Undefine(uuid); }
  void SetListener(std::function<void(HypervisorEvent)>) override {}

  absl::Status Start(const std::string&) override { return Wait(); }
  absl::StatusOr<DomainDescription> SetMetadata(const std::string& uuid, MetadataSide side,
                                                const DomainMetadata& metadata) override {
    return inner_.SetMetadata(uuid, side, metadata);
  }
  absl::Status Stop(const std::string&) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
    return absl::OkStatus();
  }
  bool stopped() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return stopped_;
  }
  bool AwaitStart() {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return waiting_; });
  }

 private:
  absl::Status Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    waiting_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, std::chrono::seconds(10), [this] { return stopped_; });
    return absl::AbortedError("the process ended while it waited");
  }

  const bool defines_;
  SimulatedHypervisor inner_{SimulatedHost{}};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool waiting_ = false;
  bool stopped_ = false;
};

class EndlessStartTest : public LifecycleTest {
 protected:
  explicit EndlessStartTest(size_t slow_limit = 1, bool defines = true)
      : waiting_(std::make_shared<WaitingHypervisor>(defines)) {
    policy_.slow_limit = slow_limit;
    lifecycle_ = std::make_unique<TdxLifecycle>(LifecycleDependencies{
        policy_, waiting_, files_, state_, std::make_shared<ParsedDomainCache>()});
    starter_ = std::thread([this] {
      v1::DefineTdxDomainRequest request = GoodDefinition();
      request.set_start(true);
      started_ = Define(request).status();
    });
  }
  ~EndlessStartTest() override {
    EXPECT_TRUE(waiting_->Stop(kUuid).ok());
    starter_.join();
    EXPECT_EQ(started_.code(), absl::StatusCode::kAborted) << started_;
  }

  const std::shared_ptr<WaitingHypervisor> waiting_;
  absl::Status started_;
  std::thread starter_;
};

TEST_F(EndlessStartTest, IsEndedByARemovalThatStops) {
  ASSERT_TRUE(waiting_->AwaitStart());
  const auto answer = Undefine(kUuid, /*stop=*/true);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->stopped());
  EXPECT_FALSE(answer->already_gone());
  EXPECT_EQ(waiting_->FindByUuid(kUuid).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(EndlessStartTest, LeavesNoSlotForAnotherStartAndHoldsUpNothingElse) {
  ASSERT_TRUE(waiting_->AwaitStart());
  v1::DefineTdxDomainRequest other = GoodDefinition();
  other.mutable_domain()->set_uuid(kOtherUuid);
  other.mutable_domain()->set_name("td-other");
  other.set_start(true);
  EXPECT_THAT(Define(other),
              Fails(absl::StatusCode::kResourceExhausted,
                    "1 starts, or calls that wait for one, are under way", "STARTS_BUSY"));
  other.set_start(false);
  const auto defined = Define(other);
  EXPECT_TRUE(defined.ok()) << defined.status();
}

TEST_F(EndlessStartTest, LeavesNoSlotForCallsThatWouldWaitForIt) {
  ASSERT_TRUE(waiting_->AwaitStart());
  EXPECT_THAT(Undefine(kUuid),
              Fails(absl::StatusCode::kResourceExhausted, "calls that wait", "STARTS_BUSY"));
  EXPECT_THAT(Define(GoodDefinition()),
              Fails(absl::StatusCode::kResourceExhausted, "calls that wait", "STARTS_BUSY"));
  EXPECT_TRUE(waiting_->FindByUuid(kUuid).ok());
}

TEST_F(EndlessStartTest, IsNotStoppedPastTheDeadline) {
  ASSERT_TRUE(waiting_->AwaitStart());
  const auto past = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  EXPECT_THAT(Undefine(kUuid, /*stop=*/true, past),
              Fails(absl::StatusCode::kDeadlineExceeded, "before stopping the domain", ""));
  EXPECT_FALSE(waiting_->stopped());
}

class EndlessDefinitionTest : public EndlessStartTest {
 protected:
  EndlessDefinitionTest() : EndlessStartTest(/*slow_limit=*/1, /*defines=*/false) {}
};

// Nothing is there to be stopped yet, so a removal would wait as any other call.
TEST_F(EndlessDefinitionTest, LeavesNoSlotForARemovalThatStops) {
  ASSERT_TRUE(waiting_->AwaitStart());
  const auto later = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  EXPECT_THAT(Undefine(kUuid, /*stop=*/true, later),
              Fails(absl::StatusCode::kResourceExhausted, "calls that wait", "STARTS_BUSY"));
}

class EndlessStartWithSlotsTest : public EndlessStartTest {
 protected:
  EndlessStartWithSlotsTest() : EndlessStartTest(/*slow_limit=*/4) {}

  static v1::DefineTdxDomainRequest OtherStart() {
    v1::DefineTdxDomainRequest request = GoodDefinition();
    request.mutable_domain()->set_uuid(kOtherUuid);
    request.mutable_domain()->set_name("td-other");
    request.set_start(true);
    return request;
  }
};

TEST_F(EndlessStartWithSlotsTest, IsLeftAloneByARemovalThatDoesNotStop) {
  ASSERT_TRUE(waiting_->AwaitStart());
  const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
  EXPECT_EQ(Undefine(kUuid, /*stop=*/false, soon).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(waiting_->FindByUuid(kUuid).ok());
}

TEST_F(EndlessStartWithSlotsTest, HasClaimedTheLastKeyThatACountShows) {
  ASSERT_TRUE(waiting_->AwaitStart());
  SetFreeKeys(1);
  EXPECT_THAT(Define(OtherStart()), Fails(absl::StatusCode::kResourceExhausted,
                                          "claimed the last TDX keys", "STARTS_BUSY"));
  EXPECT_TRUE(absl::IsNotFound(waiting_->FindByUuid(kOtherUuid).status()));
}

TEST_F(EndlessStartWithSlotsTest, LeavesTheOtherKeysToOtherStarts) {
  ASSERT_TRUE(waiting_->AwaitStart());
  SetFreeKeys(2);
  ASSERT_TRUE(waiting_->Stop(kUuid).ok());  // Let both end.
  EXPECT_THAT(Define(OtherStart()),
              Fails(absl::StatusCode::kAborted, "while it waited", "START_FAILED"));
}

}  // namespace
}  // namespace ccplace
