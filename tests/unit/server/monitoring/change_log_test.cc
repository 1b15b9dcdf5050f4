#include "server/monitoring/change_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

#include "nlohmann/json.hpp"
#include "tests/support/fake_host_state.h"

namespace ccplace {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ChangeLogTest : public ::testing::Test {
 protected:
  ChangeLogTest() {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out_);
    sink->set_pattern("%l: %v");
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
    model_ = &AddModel(*state_, v1::ENCRYPTION_MODEL_INTEL_TDX, v1::SUPPORT_SUPPORTED,
                       v1::CHECK_KIND_KERNEL_PARAMETER, v1::CHECK_RESULT_PASS);
    model_->mutable_keys()->mutable_total()->set_value(63);
  }
  ~ChangeLogTest() override { spdlog::set_default_logger(before_); }

  // What was written since the last call.
  std::string Written() {
    std::string text = out_.str();
    out_.str("");
    return text;
  }

  ChangeLog::AuditWriter Audit() {
    return [this](const nlohmann::ordered_json& line) { audit_.push_back(line); };
  }

  std::vector<nlohmann::ordered_json> audit_;
  const std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  std::ostringstream out_;
  const std::shared_ptr<FakeHostState> state_ = std::make_shared<FakeHostState>();
  v1::ModelCapability* model_ = nullptr;
};

TEST_F(ChangeLogTest, BeginsWithWhatIs) {
  const ChangeLog log(*state_, Audit());
  EXPECT_THAT(Written(), AllOf(HasSubstr("info: intel-tdx is supported on this host\n"),
                               HasSubstr("info: intel-tdx keys: total 63\n")));
}

TEST_F(ChangeLogTest, IsQuietWhileNothingChanges) {
  const ChangeLog log(*state_, Audit());
  Written();
  state_->Publish();
  EXPECT_EQ(Written(), "");
}

TEST_F(ChangeLogTest, TellsWhichGateTookAModelAway) {
  const ChangeLog log(*state_, Audit());
  Written();
  model_->set_verdict(v1::SUPPORT_UNSUPPORTED);
  model_->mutable_checks(0)->set_result(v1::CHECK_RESULT_FAIL);
  state_->Publish();
  EXPECT_EQ(Written(), "info: intel-tdx is unsupported on this host: kernel_parameter\n");
}

TEST_F(ChangeLogTest, TellsKeysAsTheyGoAndLeavesOutTheUnknown) {
  const ChangeLog log(*state_, Audit());
  Written();
  model_->mutable_keys()->mutable_in_use()->set_value(2);
  state_->Publish();
  EXPECT_EQ(Written(), "info: intel-tdx keys: total 63, in_use 2\n");
}

TEST_F(ChangeLogTest, WarnsWhereTheFirmwaresMrtdChanges) {
  v1::TdxFirmware& firmware = *state_->snapshot.capabilities.mutable_tdx_firmware();
  firmware.set_path("/f.fd");
  const ChangeLog log(*state_, Audit());
  EXPECT_THAT(Written(), Not(HasSubstr("MRTD")));
  firmware.set_mrtd(std::string(48, '\x11'));
  state_->Publish();
  const std::string ones(96, '1');
  EXPECT_EQ(Written(), "info: MRTD of firmware '/f.fd' is " + ones + "\n");
  EXPECT_THAT(audit_, ::testing::IsEmpty());
  firmware.set_mrtd("");  // A moment in which the file cannot be read.
  state_->Publish();
  firmware.set_mrtd(std::string(48, '\x22'));
  state_->Publish();
  EXPECT_EQ(Written(), "warning: MRTD of firmware '/f.fd' changed from " + ones + " to " +
                           std::string(96, '2') +
                           ": give verifiers the new value before guests are started or reset\n");
  ASSERT_EQ(audit_.size(), 1u);
  EXPECT_EQ(audit_[0]["event"], "firmware");
  EXPECT_EQ(audit_[0]["path"], "/f.fd");
  EXPECT_EQ(audit_[0]["mrtd_before"], ones);
  EXPECT_EQ(audit_[0]["mrtd"], std::string(96, '2'));
}

TEST_F(ChangeLogTest, TellsOnceThatKeysAreWithheldAndThatTheyAreGivenBack) {
  const ChangeLog log(*state_, Audit());
  EXPECT_THAT(Written(), Not(HasSubstr("schedulers")));
  v1::KeyInventory& keys = *model_->mutable_keys();
  keys.set_withheld("not known yet");
  state_->Publish();
  EXPECT_THAT(Written(), Not(HasSubstr("schedulers")));
  keys.mutable_usable()->set_value(0);
  keys.set_withheld("nobody listens\nforged: line");
  state_->Publish();
  EXPECT_THAT(Written(), HasSubstr("warning: all intel-tdx keys are withheld from schedulers: "
                                   "nobody listens\\x0aforged: line\n"));
  keys.set_withheld("it listens again");
  state_->Publish();
  EXPECT_EQ(Written(), "");
  keys.clear_withheld();
  keys.mutable_usable()->set_value(63);
  state_->Publish();
  EXPECT_THAT(Written(), HasSubstr("info: intel-tdx keys are given back to schedulers\n"));
}

TEST_F(ChangeLogTest, KeepsQuietOfModelsThatNeverHadKeys) {
  AddModel(*state_, v1::ENCRYPTION_MODEL_AMD_SEV, v1::SUPPORT_UNSUPPORTED,
           v1::CHECK_KIND_KERNEL_PARAMETER, v1::CHECK_RESULT_FAIL);
  const ChangeLog log(*state_, Audit());
  EXPECT_THAT(Written(), Not(HasSubstr("amd-sev keys")));
}

TEST_F(ChangeLogTest, NamesTheDomainThatCannotBeReadOnceAndSaysWhenNoneIsLeft) {
  const ChangeLog log(*state_, Audit());
  Written();
  v1::UnreadDomain odd;
  odd.set_uuid("6a1d2f3c-58b7-4c0e-9d51-0c6f3a7b9e24");
  odd.set_name("odd");
  odd.set_why("no memory\nforged: line");
  state_->snapshot.unread_domains = {odd};
  for (int i = 0; i < 2; ++i) state_->Publish();
  EXPECT_EQ(Written(), "warning: cannot read the definition of domain 'odd' (" + odd.uuid() +
                           "); guests that may hold a key are not counted; see virsh dumpxml: "
                           "no memory\\x0aforged: line\n");
  state_->snapshot.unread_domains.clear();
  state_->Publish();
  EXPECT_EQ(Written(), "info: the definition of every domain can be read\n");
}

TEST_F(ChangeLogTest, TellsOfLibvirtGoneAndBackInOneLineEach) {
  const ChangeLog log(*state_, Audit());
  Written();
  state_->freshness.mutable_hypervisor()->set_stale(true);
  state_->freshness.mutable_hypervisor()->set_reason("no socket\nforged: line");
  state_->Publish();
  EXPECT_EQ(Written(), "warning: facts from libvirt are stale: no socket\\x0aforged: line\n");
  state_->freshness.mutable_hypervisor()->set_stale(false);
  state_->Publish();
  EXPECT_EQ(Written(), "info: facts from libvirt are fresh\n");
}

}  // namespace
}  // namespace ccplace
