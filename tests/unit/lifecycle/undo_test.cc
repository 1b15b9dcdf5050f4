// A definition that cannot stand is taken back; one that nobody knows of is settled by a repeat.
#include "absl/strings/str_replace.h"
#include "tests/unit/lifecycle/lifecycle_fixture.h"

namespace ccplace {
namespace {

// Passes everything on to a simulated hypervisor; `after_define` may change what Define answers.
class MeddlingHypervisor final : public Hypervisor {
 public:
  explicit MeddlingHypervisor(std::shared_ptr<SimulatedHypervisor> inner)
      : inner_(std::move(inner)) {}

  absl::StatusOr<HypervisorVersions> Versions() override { return inner_->Versions(); }
  absl::StatusOr<std::string> DomainCapabilitiesXml(const std::string& machine,
                                                    const std::string& virt_type) override {
    return inner_->DomainCapabilitiesXml(machine, virt_type);
  }
  absl::StatusOr<std::string> CapabilitiesXml() override { return inner_->CapabilitiesXml(); }
  absl::StatusOr<std::vector<DomainDescription>> ListDomains() override {
    return inner_->ListDomains();
  }
  absl::StatusOr<DomainDescription> FindByUuid(const std::string& uuid) override {
    return inner_->FindByUuid(uuid);
  }
  absl::StatusOr<DomainDescription> FindByName(const std::string& name) override {
    return inner_->FindByName(name);
  }
  absl::StatusOr<FoundMetadata> FindMetadata(const std::string& uuid,
                                             const std::string& space) override {
    return inner_->FindMetadata(uuid, space);
  }
  absl::StatusOr<std::string> TranslateToNative(const std::string& xml) override {
    return inner_->TranslateToNative(xml);
  }
  absl::StatusOr<DomainDescription> Define(const std::string& xml) override {
    auto domain = inner_->Define(xml);
    if (domain.ok()) after_define(*domain);
    if (lost_after_define) return absl::UnavailableError("libvirt is gone");
    return domain;
  }
  absl::Status Start(const std::string& uuid) override {
    return lost_in_start ? absl::UnavailableError("libvirt is gone") : inner_->Start(uuid);
  }
  absl::StatusOr<DomainDescription> SetMetadata(const std::string& uuid, MetadataSide side,
                                                const DomainMetadata& metadata) override {
    return inner_->SetMetadata(uuid, side, metadata);
  }
  absl::Status Stop(const std::string& uuid) override {
    const absl::Status stopped = inner_->Stop(uuid);
    after_stop();
    return stopped;
  }
  absl::Status Undefine(const std::string& uuid) override {
    return lost_in_undo ? absl::UnavailableError("libvirt is gone") : inner_->Undefine(uuid);
  }
  void SetListener(std::function<void(HypervisorEvent)> listener) override {
    inner_->SetListener(std::move(listener));
  }

  std::function<void(DomainDescription&)> after_define = [](DomainDescription&) {};
  std::function<void()> after_stop = [] {};
  bool lost_after_define = false;
  bool lost_in_start = false;
  bool lost_in_undo = false;

 private:
  const std::shared_ptr<SimulatedHypervisor> inner_;
};

// The system's clock, put forward by hand.
class PutForwardClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point Monotonic() const override {
    return Clock::System().Monotonic() + ahead;
  }
  std::chrono::system_clock::time_point Wall() const override { return Clock::System().Wall(); }

  std::chrono::seconds ahead{0};
};

class UndoTest : public LifecycleTest {
 protected:
  UndoTest() {
    lifecycle_ = std::make_unique<TdxLifecycle>(LifecycleDependencies{
        policy_, meddling_, files_, state_, std::make_shared<ParsedDomainCache>(), &clock_});
  }

  absl::StatusOr<v1::DefineTdxDomainResponse> DefineAndStart() {
    auto request = GoodDefinition();
    request.set_start(true);
    return Define(request);
  }
  // What was defined before runs once the same is asked for again.
  void ExpectARepeatStartsIt() {
    const auto repeated = DefineAndStart();
    ASSERT_TRUE(repeated.ok()) << repeated.status();
    EXPECT_TRUE(repeated->already_defined());
    EXPECT_TRUE(repeated->running());
  }
  bool IsDefined() const { return hypervisor_->FindByUuid(kUuid).ok(); }
  void LoseLaunchSecurity() {
    meddling_->after_define = [](DomainDescription& domain) {
      domain.xml = absl::StrReplaceAll(domain.xml, {{"0x10000000", "0x0"}});
    };
  }

  PutForwardClock clock_;
  std::shared_ptr<MeddlingHypervisor> meddling_ = std::make_shared<MeddlingHypervisor>(hypervisor_);
};

TEST_F(UndoTest, TakesBackWhatLibvirtDidNotKeep) {
  LoseLaunchSecurity();
  EXPECT_THAT(DefineAndStart(), Fails(absl::StatusCode::kInternal, "launch security", ""));
  EXPECT_FALSE(IsDefined());
}

TEST_F(UndoTest, SaysWhatIsLeftBehindWhenItCannotBeTakenBack) {
  LoseLaunchSecurity();
  meddling_->lost_in_undo = true;
  EXPECT_THAT(DefineAndStart(), Fails(absl::StatusCode::kInternal, "was left behind", ""));
  EXPECT_TRUE(IsDefined());
}

TEST_F(UndoTest, TakesBackADefinitionThatThereIsNoTimeLeftToStart) {
  meddling_->after_define = [this](DomainDescription&) { clock_.ahead = std::chrono::hours(1); };
  EXPECT_THAT(DefineAndStart(),
              Fails(absl::StatusCode::kDeadlineExceeded, "before starting the domain", ""));
  EXPECT_FALSE(IsDefined());
  clock_.ahead = std::chrono::seconds(0);
  meddling_->after_define = [](DomainDescription&) {};
  EXPECT_TRUE(DefineAndStart().ok());
}

TEST_F(UndoTest, ARepeatRemovesWhatThereWasNoTimeLeftToRemove) {
  ASSERT_TRUE(DefineAndStart().ok());
  meddling_->after_stop = [this] { clock_.ahead = std::chrono::hours(1); };
  EXPECT_THAT(Undefine(kUuid, /*stop=*/true),
              Fails(absl::StatusCode::kDeadlineExceeded, "before removing the domain", ""));
  EXPECT_TRUE(IsDefined());
  clock_.ahead = std::chrono::seconds(0);
  const auto removed = Undefine(kUuid, /*stop=*/true);
  EXPECT_TRUE(removed.ok()) << removed.status();
  EXPECT_FALSE(IsDefined());
}

// What a daemon leaves behind that was killed before it looked at what libvirt kept.
class LeftBehindTest : public UndoTest, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    auto request = GoodDefinition();
    request.set_dry_run(true);
    const auto planned = Define(request);
    ASSERT_TRUE(planned.ok()) << planned.status();
    ASSERT_THAT(planned->xml(), testing::HasSubstr(GetParam()));
    ASSERT_TRUE(hypervisor_->Define(absl::StrReplaceAll(planned->xml(), {{GetParam(), ""}})).ok());
  }
};

INSTANTIATE_TEST_SUITE_P(Without, LeftBehindTest,
                         testing::Values(R"(type="tdx")", "<policy>0x10000000</policy>"),
                         [](const auto& lost) { return lost.index == 0 ? "Type" : "Policy"; });

TEST_P(LeftBehindTest, IsNeitherStartedNorTakenForDoneByARepeat) {
  EXPECT_THAT(DefineAndStart(), Fails(absl::StatusCode::kAlreadyExists, "other launch security",
                                      "UUID_HAS_OTHER_CONTENT"));
  EXPECT_EQ(hypervisor_->FindByUuid(kUuid)->state, v1::DOMAIN_STATE_SHUT_OFF);
  EXPECT_THAT(Define(GoodDefinition()), Fails(absl::StatusCode::kAlreadyExists,
                                              "other launch security", "UUID_HAS_OTHER_CONTENT"));
}

TEST_F(UndoTest, ARepeatSettlesADefinitionWhoseAnswerWasLost) {
  meddling_->lost_after_define = true;
  EXPECT_THAT(DefineAndStart(),
              Fails(absl::StatusCode::kUnavailable, "repeat the same request", ""));
  EXPECT_TRUE(IsDefined());
  meddling_->lost_after_define = false;
  ExpectARepeatStartsIt();
  EXPECT_EQ(hypervisor_->ListDomains()->size(), 1u);
}

TEST_F(UndoTest, ARepeatSettlesAStartThatWasLost) {
  meddling_->lost_in_start = true;
  EXPECT_THAT(DefineAndStart(), Fails(absl::StatusCode::kUnavailable, "libvirt is gone", ""));
  EXPECT_TRUE(IsDefined());
  meddling_->lost_in_start = false;
  ExpectARepeatStartsIt();
}

}  // namespace
}  // namespace ccplace
