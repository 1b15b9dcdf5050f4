#include "lib/request/host_verdict.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ccplace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

v1::ModelCapability Tdx(v1::Support verdict) {
  v1::ModelCapability capability;
  capability.set_model(v1::ENCRYPTION_MODEL_INTEL_TDX);
  capability.set_verdict(verdict);
  capability.mutable_keys()->mutable_free()->set_value(3);
  return capability;
}

void AddCheck(v1::ModelCapability& capability, v1::CheckResult result, bool gate,
              const std::string& source) {
  v1::Check& check = *capability.add_checks();
  check.set_result(result);
  check.set_gate(gate);
  check.set_source(source);
  check.set_found("N\n");
  check.set_remedy("repair " + source);
}

v1::HostVerdict Verdict(const v1::ModelCapability& capability, const v1::Freshness& freshness = {},
                        v1::EncryptionModel model = v1::ENCRYPTION_MODEL_INTEL_TDX,
                        SecureBootWish secure_boot = SecureBootWish::kUnset) {
  v1::HostVerdict verdict;
  EvaluateHost({model, secure_boot, v1::REQUEST_DIALECT_NOVA}, capability, freshness, verdict);
  return verdict;
}

std::vector<v1::HostBlockerReason> Reasons(const v1::HostVerdict& verdict) {
  std::vector<v1::HostBlockerReason> reasons;
  for (const auto& blocker : verdict.blockers()) {
    reasons.push_back(blocker.reason());
    EXPECT_FALSE(blocker.message().empty());
    EXPECT_FALSE(blocker.remedy().empty());
  }
  return reasons;
}

TEST(HostVerdictTest, RunsWhereTheModelIsSupportedAndAKeyIsFree) {
  const auto verdict = Verdict(Tdx(v1::SUPPORT_SUPPORTED));
  EXPECT_EQ(verdict.can_run_now(), v1::SUPPORT_SUPPORTED);
  EXPECT_THAT(verdict.blockers(), IsEmpty());
}

TEST(HostVerdictTest, SaysNothingWhenNoModelIsTold) {
  const auto verdict = Verdict(Tdx(v1::SUPPORT_SUPPORTED), {}, v1::ENCRYPTION_MODEL_UNSPECIFIED);
  EXPECT_EQ(verdict.can_run_now(), v1::SUPPORT_UNSPECIFIED);
  EXPECT_THAT(verdict.blockers(), IsEmpty());
}

TEST(HostVerdictTest, NamesEveryFailedAndUnreadGateWithItsRemedy) {
  auto capability = Tdx(v1::SUPPORT_UNSUPPORTED);
  AddCheck(capability, v1::CHECK_RESULT_PASS, true, "passed");
  AddCheck(capability, v1::CHECK_RESULT_UNKNOWN, true, "unread");
  AddCheck(capability, v1::CHECK_RESULT_FAIL, true, "parameter");
  AddCheck(capability, v1::CHECK_RESULT_FAIL, false, "qgs");
  const auto verdict = Verdict(capability);
  EXPECT_EQ(verdict.can_run_now(), v1::SUPPORT_UNSUPPORTED);
  EXPECT_THAT(Reasons(verdict), ElementsAre(v1::HOST_BLOCKER_REASON_MODEL_UNSUPPORTED,
                                            v1::HOST_BLOCKER_REASON_MODEL_UNKNOWN));
  EXPECT_EQ(verdict.blockers(0).message(), "parameter: found 'N\\x0a'");
  EXPECT_EQ(verdict.blockers(0).remedy(), "repair parameter");
}

TEST(HostVerdictTest, IsUnknownWhereAGateCouldNotBeRead) {
  auto capability = Tdx(v1::SUPPORT_UNKNOWN);
  AddCheck(capability, v1::CHECK_RESULT_UNKNOWN, true, "domain capabilities");
  const auto verdict = Verdict(capability);
  EXPECT_EQ(verdict.can_run_now(), v1::SUPPORT_UNKNOWN);
  EXPECT_THAT(Reasons(verdict), ElementsAre(v1::HOST_BLOCKER_REASON_MODEL_UNKNOWN));
}

TEST(HostVerdictTest, TreatsFactsOfAnotherModelAsUnknown) {
  const auto other = Verdict(Tdx(v1::SUPPORT_SUPPORTED), {}, v1::ENCRYPTION_MODEL_AMD_SEV);
  EXPECT_EQ(other.can_run_now(), v1::SUPPORT_UNKNOWN);
  EXPECT_THAT(Reasons(other), ElementsAre(v1::HOST_BLOCKER_REASON_MODEL_UNKNOWN));
  EXPECT_EQ(Verdict({}).can_run_now(), v1::SUPPORT_UNKNOWN);
}

TEST(HostVerdictTest, GivesAReasonEvenWithoutChecks) {
  const auto verdict = Verdict(Tdx(v1::SUPPORT_UNSUPPORTED));
  EXPECT_EQ(verdict.can_run_now(), v1::SUPPORT_UNSUPPORTED);
  EXPECT_THAT(Reasons(verdict), ElementsAre(v1::HOST_BLOCKER_REASON_MODEL_UNSUPPORTED));
}

TEST(HostVerdictTest, NoFreeKeyIsANoAndUnknownKeysAreUnknown) {
  auto full = Tdx(v1::SUPPORT_SUPPORTED);
  full.mutable_keys()->mutable_free()->set_value(0);
  EXPECT_EQ(Verdict(full).can_run_now(), v1::SUPPORT_UNSUPPORTED);
  EXPECT_THAT(Reasons(Verdict(full)), ElementsAre(v1::HOST_BLOCKER_REASON_NO_FREE_KEY));
  full.mutable_keys()->set_withheld("no quote service");
  EXPECT_THAT(Reasons(Verdict(full)), ElementsAre(v1::HOST_BLOCKER_REASON_NO_FREE_KEY));
  EXPECT_THAT(Verdict(full).blockers(0).message(), HasSubstr("withheld: no quote service"));
  auto unknown = Tdx(v1::SUPPORT_SUPPORTED);
  unknown.mutable_keys()->mutable_free()->clear_value();
  unknown.mutable_keys()->mutable_free()->set_source("misc.current is absent");
  EXPECT_EQ(Verdict(unknown).can_run_now(), v1::SUPPORT_UNKNOWN);
  EXPECT_THAT(Reasons(Verdict(unknown)), ElementsAre(v1::HOST_BLOCKER_REASON_FREE_KEYS_UNKNOWN));
  EXPECT_THAT(Verdict(unknown).blockers(0).message(), HasSubstr("misc.current is absent"));
}

TEST(HostVerdictTest, StaleFactsMakeAYesUncertainAndLeaveANo) {
  v1::Freshness freshness;
  freshness.set_stale(true);
  freshness.mutable_hypervisor()->set_stale(true);
  freshness.mutable_hypervisor()->set_reason("libvirtd does not answer");
  const auto maybe = Verdict(Tdx(v1::SUPPORT_SUPPORTED), freshness);
  EXPECT_EQ(maybe.can_run_now(), v1::SUPPORT_UNKNOWN);
  EXPECT_THAT(Reasons(maybe), ElementsAre(v1::HOST_BLOCKER_REASON_FACTS_STALE));
  EXPECT_THAT(maybe.blockers(0).message(), HasSubstr("libvirtd does not answer"));
  EXPECT_EQ(Verdict(Tdx(v1::SUPPORT_UNSUPPORTED), freshness).can_run_now(),
            v1::SUPPORT_UNSUPPORTED);
}

// Verdicts of a host with this firmware on each wish: unset, disabled, optional, required.
std::vector<v1::HostBlockerReason> ReasonsByWish(v1::Support without, v1::Support with,
                                                 v1::Support of_nova = v1::SUPPORT_UNSPECIFIED) {
  v1::ModelCapability capability = Tdx(v1::SUPPORT_SUPPORTED);
  capability.mutable_firmware()->set_without_secure_boot(without);
  capability.mutable_firmware()->set_with_secure_boot(with);
  capability.mutable_firmware()->set_nova_secure_boot(of_nova);
  std::vector<v1::HostBlockerReason> reasons;
  for (const SecureBootWish wish : {SecureBootWish::kUnset, SecureBootWish::kDisabled,
                                    SecureBootWish::kOptional, SecureBootWish::kRequired}) {
    const auto verdict = Verdict(capability, {}, v1::ENCRYPTION_MODEL_INTEL_TDX, wish);
    const auto one = Reasons(verdict);
    const bool unknown = !one.empty() && one[0] == v1::HOST_BLOCKER_REASON_MODEL_UNKNOWN;
    EXPECT_EQ(verdict.can_run_now(), one.empty() ? v1::SUPPORT_SUPPORTED
                                     : unknown   ? v1::SUPPORT_UNKNOWN
                                                 : v1::SUPPORT_UNSUPPORTED);
    reasons.push_back(one.empty() ? v1::HOST_BLOCKER_REASON_UNSPECIFIED : one[0]);
  }
  return reasons;
}

TEST(HostVerdictTest, WhereOnlySecureBootIsAnImageMustAllowIt) {
  constexpr auto kRuns = v1::HOST_BLOCKER_REASON_UNSPECIFIED;
  constexpr auto kForced = v1::HOST_BLOCKER_REASON_SECURE_BOOT_FORCED;
  EXPECT_THAT(ReasonsByWish(v1::SUPPORT_UNSUPPORTED, v1::SUPPORT_SUPPORTED),
              ElementsAre(kForced, kForced, kRuns, kRuns));
}

TEST(HostVerdictTest, WhereNoSecureBootIsAnImageMustNotRequireIt) {
  constexpr auto kRuns = v1::HOST_BLOCKER_REASON_UNSPECIFIED;
  EXPECT_THAT(ReasonsByWish(v1::SUPPORT_SUPPORTED, v1::SUPPORT_UNSUPPORTED),
              ElementsAre(kRuns, kRuns, kRuns, v1::HOST_BLOCKER_REASON_NO_SECURE_BOOT));
}

TEST(HostVerdictTest, WhereFirmwareOfEitherKindIsThereAnyImageRuns) {
  constexpr auto kRuns = v1::HOST_BLOCKER_REASON_UNSPECIFIED;
  for (const auto support : {v1::SUPPORT_SUPPORTED, v1::SUPPORT_UNSPECIFIED}) {
    EXPECT_THAT(ReasonsByWish(support, support), ElementsAre(kRuns, kRuns, kRuns, kRuns));
  }
}

// As findings/nova-needs-other-firmware-beside-tdx.sh saw nova 34 ask libvirt 12.8.
TEST(HostVerdictTest, WhereNovaSeesNoSecureBootNoImageGetsIt) {
  constexpr auto kRuns = v1::HOST_BLOCKER_REASON_UNSPECIFIED;
  constexpr auto kForced = v1::HOST_BLOCKER_REASON_SECURE_BOOT_FORCED;
  constexpr auto kNone = v1::HOST_BLOCKER_REASON_NO_SECURE_BOOT;
  constexpr auto kYes = v1::SUPPORT_SUPPORTED;
  constexpr auto kNo = v1::SUPPORT_UNSUPPORTED;
  EXPECT_THAT(ReasonsByWish(kNo, kYes, kNo), ElementsAre(kForced, kForced, kForced, kNone));
  EXPECT_THAT(ReasonsByWish(kYes, kYes, kNo), ElementsAre(kRuns, kRuns, kRuns, kNone));
  EXPECT_THAT(ReasonsByWish(kYes, kNo, kNo), ElementsAre(kRuns, kRuns, kRuns, kNone));
  EXPECT_THAT(ReasonsByWish(kNo, kYes, kYes), ElementsAre(kForced, kForced, kRuns, kRuns));
}

TEST(HostVerdictTest, WhatNovaDoesNotSeeIsNoMatterInTheBlueprintsDialect) {
  v1::ModelCapability capability = Tdx(v1::SUPPORT_SUPPORTED);
  capability.mutable_firmware()->set_without_secure_boot(v1::SUPPORT_UNSUPPORTED);
  capability.mutable_firmware()->set_with_secure_boot(v1::SUPPORT_SUPPORTED);
  capability.mutable_firmware()->set_nova_secure_boot(v1::SUPPORT_UNSUPPORTED);
  v1::HostVerdict verdict;
  EvaluateHost(
      {v1::ENCRYPTION_MODEL_INTEL_TDX, SecureBootWish::kOptional, v1::REQUEST_DIALECT_BLUEPRINT},
      capability, {}, verdict);
  EXPECT_EQ(verdict.can_run_now(), v1::SUPPORT_SUPPORTED);
}

TEST(HostVerdictTest, WhereTheKindThatAnImageNeedsIsNotKnownNothingIsPromised) {
  constexpr auto kRuns = v1::HOST_BLOCKER_REASON_UNSPECIFIED;
  constexpr auto kUnknown = v1::HOST_BLOCKER_REASON_MODEL_UNKNOWN;
  EXPECT_THAT(ReasonsByWish(v1::SUPPORT_UNKNOWN, v1::SUPPORT_SUPPORTED),
              ElementsAre(kUnknown, kUnknown, kRuns, kRuns));
  EXPECT_THAT(ReasonsByWish(v1::SUPPORT_SUPPORTED, v1::SUPPORT_UNKNOWN),
              ElementsAre(kRuns, kRuns, kRuns, kUnknown));
}

TEST(HostVerdictTest, WarnsOfEnrolledKeysWhereTheGuestRuns) {
  v1::ModelCapability capability = Tdx(v1::SUPPORT_SUPPORTED);
  capability.mutable_firmware()->set_enrolled_keys(true);
  capability.mutable_firmware()->set_path("/ovmf.fd");
  const auto verdict =
      Verdict(capability, {}, v1::ENCRYPTION_MODEL_INTEL_TDX, SecureBootWish::kOptional);
  ASSERT_EQ(verdict.warnings_size(), 1);
  EXPECT_EQ(verdict.warnings(0).reason(), v1::WARNING_REASON_ONLY_SIGNED_LOADERS);
  EXPECT_THAT(verdict.warnings(0).message(), HasSubstr("/ovmf.fd"));
  EXPECT_EQ(verdict.can_run_now(), v1::SUPPORT_SUPPORTED);
}

}  // namespace
}  // namespace ccplace
