#include "tests/unit/lifecycle/lifecycle_fixture.h"

namespace ccplace {
namespace {

class UndefineTest : public LifecycleTest {
 protected:
  void Run() {
    auto request = GoodDefinition();
    request.set_start(true);
    ASSERT_TRUE(Define(request).ok());
  }
};

TEST_F(UndefineTest, RemovesADomainThatDoesNotRun) {
  ASSERT_TRUE(Define(GoodDefinition()).ok());
  const auto answer = Undefine(kUuid);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_FALSE(answer->already_gone());
  EXPECT_FALSE(answer->stopped());
  EXPECT_EQ(hypervisor_->FindByUuid(kUuid).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(UndefineTest, AnswersOkForADomainThatIsNotThere) {
  const auto answer = Undefine(kUuid);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->already_gone());
}

TEST_F(UndefineTest, RefusesARunningDomain) {
  Run();
  EXPECT_THAT(Undefine(kUuid),
              Fails(absl::StatusCode::kFailedPrecondition, "set stop", "DOMAIN_RUNS"));
  EXPECT_EQ(hypervisor_->FindByUuid(kUuid)->state, v1::DOMAIN_STATE_RUNNING);
}

TEST_F(UndefineTest, StopsARunningDomainWhenAsked) {
  Run();
  const auto answer = Undefine(kUuid, /*stop=*/true);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->stopped());
  EXPECT_EQ(hypervisor_->FindByUuid(kUuid).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(UndefineTest, BeginsNothingPastTheDeadline) {
  Run();
  const auto past = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  EXPECT_THAT(Undefine(kUuid, /*stop=*/true, past),
              Fails(absl::StatusCode::kDeadlineExceeded, "before stopping the domain", ""));
  EXPECT_EQ(hypervisor_->FindByUuid(kUuid)->state, v1::DOMAIN_STATE_RUNNING);
}

TEST_F(UndefineTest, RefusesADomainOfSomebodyElse) {
  const std::string xml = std::string("<domain type='kvm'><name>theirs</name><uuid>") + kUuid +
                          "</uuid><memory>1048576</memory>"
                          "<os><type machine='q35'>hvm</type></os></domain>";
  ASSERT_TRUE(hypervisor_->Define(xml).ok());
  EXPECT_THAT(Undefine(kUuid, /*stop=*/true),
              Fails(absl::StatusCode::kFailedPrecondition, "not defined by ccplace",
                    "DOMAIN_OF_SOMEBODY_ELSE"));
  EXPECT_TRUE(hypervisor_->FindByUuid(kUuid).ok());
}

TEST_F(UndefineTest, RefusesWhatIsNoCanonicalUuid) {
  for (const char* uuid : {"", "2F1C0F5E-7C0A-4B0E-9A57-1B1F3F3F0D11", "x", "../../etc",
                           "2f1c0f5e-7c0a-4b0e-9a57-1b1f3f3f0d111"}) {
    EXPECT_EQ(Undefine(uuid).status().code(), absl::StatusCode::kInvalidArgument) << uuid;
  }
}

}  // namespace
}  // namespace ccplace
