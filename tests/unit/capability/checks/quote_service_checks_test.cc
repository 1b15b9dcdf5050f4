// Whether the Quote Generation Service listens, and whether QEMU may reach it.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/capability/host_under_test.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;

class QuoteServiceChecksTest : public ::testing::Test {
 protected:
  QuoteServiceChecksTest() { MakeTdxHost(host_); }
  v1::Check Check(v1::CheckKind kind) { return host_.Check(kTdx, kind); }
  void ConfineBy(const std::string& model) {
    host_.hypervisor.host_xml =
        ReplaceIn(*host_.hypervisor.host_xml, "<secmodel>",
                  "<secmodel><model>" + model + "</model></secmodel><secmodel>");
  }
  v1::Support Verdict() { return host_.Model(kTdx).verdict(); }

  HostUnderTest host_;
};

TEST_F(QuoteServiceChecksTest, TheQuoteServiceIsReadinessAndNoGate) {
  host_.files.Remove("/var/run/tdx-qgs/qgs.socket");
  const v1::Check check = Check(v1::CHECK_KIND_QUOTE_GENERATION_SERVICE);
  EXPECT_EQ(check.result(), kFail);
  EXPECT_FALSE(check.gate());
  EXPECT_EQ(check.source(), "/var/run/tdx-qgs/qgs.socket");
  EXPECT_EQ(Verdict(), v1::SUPPORT_SUPPORTED);
  EXPECT_EQ(host_.Model(kTdx).attestation(), v1::SUPPORT_UNSUPPORTED);
}

TEST_F(QuoteServiceChecksTest, AQuoteServiceThatMayNotBeAskedIsUnknown) {
  host_.files.MakeSocket("/var/run/tdx-qgs/qgs.socket", absl::PermissionDeniedError("denied"));
  EXPECT_EQ(Check(v1::CHECK_KIND_QUOTE_GENERATION_SERVICE).result(), kUnknown);
  EXPECT_EQ(host_.Model(kTdx).attestation(), v1::SUPPORT_UNKNOWN);
}

TEST_F(QuoteServiceChecksTest, AQuoteServiceThatCouldNotBeAskedIsUnknown) {
  // As when ccplaced has run out of descriptors, or the service's backlog is full.
  host_.files.MakeSocket("/var/run/tdx-qgs/qgs.socket", absl::UnavailableError("out of files"));
  const v1::Check check = Check(v1::CHECK_KIND_QUOTE_GENERATION_SERVICE);
  EXPECT_EQ(check.result(), kUnknown);
  EXPECT_EQ(check.found(), "out of files");
}

TEST_F(QuoteServiceChecksTest, AQuoteServiceThatTakesNoConnectionFails) {
  host_.files.MakeSocket("/var/run/tdx-qgs/qgs.socket",
                         absl::FailedPreconditionError("Connection refused"));
  EXPECT_EQ(Check(v1::CHECK_KIND_QUOTE_GENERATION_SERVICE).result(), kFail);
}

TEST_F(QuoteServiceChecksTest, QemusUserNeedsTheSocketsGroup) {
  // As DCAP 1.26 makes it.
  host_.files.SetAccess("/var/run/tdx-qgs/qgs.socket", {980, 980, 0660, false});
  const v1::Check refused = Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS);
  EXPECT_EQ(refused.result(), kFail);
  EXPECT_FALSE(refused.gate());
  EXPECT_THAT(refused.found(), HasSubstr("libvirt-qemu may not connect"));
  EXPECT_THAT(refused.remedy(), HasSubstr("usermod -aG qgsd libvirt-qemu"));
  EXPECT_EQ(host_.Model(kTdx).attestation(), v1::SUPPORT_UNSUPPORTED);
  EXPECT_EQ(Verdict(), v1::SUPPORT_SUPPORTED);
  host_.files.WriteFile("/etc/group", "qgsd:x:980:other,libvirt-qemu\n");
  EXPECT_EQ(Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS).result(), kPass);
  EXPECT_EQ(host_.Model(kTdx).attestation(), v1::SUPPORT_SUPPORTED);
}

// Whatever group qemu.conf names beside; as tests/lab/qemu_user_test.py sees it.
TEST_F(QuoteServiceChecksTest, QemusUserIsInItsPrimaryGroupAndInEachLineOfANumber) {
  host_.hypervisor.host_xml = ReplaceIn(*host_.hypervisor.host_xml, "+64055:+64055", "+64055:+992");
  host_.files.WriteFile("/etc/passwd", "libvirt-qemu:x:64055:982::/:/bin/false\n");
  host_.files.WriteFile("/etc/group", "qgsd:x:981:\nqgsd-guests:x:981:libvirt-qemu\n");
  const auto result_for = [this](uint32_t group) {
    host_.files.SetAccess("/var/run/tdx-qgs/qgs.socket", {0, group, 0660, false});
    return Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS).result();
  };
  EXPECT_EQ(result_for(981), kPass);
  EXPECT_EQ(result_for(982), kPass);
  EXPECT_EQ(result_for(992), kPass);
  EXPECT_EQ(result_for(983), kFail);
}

// As tests/lab/agreement_test.py sees it of real libvirt and QEMU.
TEST_F(QuoteServiceChecksTest, AQemuThatRunsAsRootGetsInAnywhere) {
  host_.hypervisor.host_xml = ReplaceIn(*host_.hypervisor.host_xml, "+64055:+64055", "+0:+0");
  host_.files.WriteFile("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
  host_.files.SetAccess("/var/run/tdx-qgs", {980, 980, 0700, false});
  host_.files.SetAccess("/var/run/tdx-qgs/qgs.socket", {980, 980, 0600, true});
  const v1::Check check = Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS);
  EXPECT_EQ(check.result(), kPass);
  EXPECT_THAT(check.found(), HasSubstr("QEMU's user root may connect: it has all rights"));
  ConfineBy("selinux");
  EXPECT_EQ(Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS).result(), kUnknown);
}

TEST_F(QuoteServiceChecksTest, FedorasNamesStandInTheRemedy) {
  host_.files.WriteFile("/etc/passwd", "qemu:x:107:107:qemu user:/:/sbin/nologin\n");
  host_.files.WriteFile("/etc/group", "qemu:x:107:\nqgs:x:970:\n");
  host_.hypervisor.host_xml = ReplaceIn(*host_.hypervisor.host_xml, "+64055:+64055", "+107:+107");
  host_.files.SetAccess("/var/run/tdx-qgs/qgs.socket", {970, 970, 0660, false});
  EXPECT_THAT(Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS).remedy(),
              HasSubstr("usermod -aG qgs qemu"));
}

TEST_F(QuoteServiceChecksTest, AFolderOnTheWayCanKeepQemuOut) {
  host_.files.SetAccess("/var/run/tdx-qgs", {980, 980, 0700, false});
  const v1::Check check = Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS);
  EXPECT_EQ(check.result(), kFail);
  EXPECT_THAT(check.found(), HasSubstr("may not go through: /var/run/tdx-qgs has mode 0700"));
  EXPECT_THAT(check.remedy(), HasSubstr("chmod g+x /var/run/tdx-qgs"));
}

TEST_F(QuoteServiceChecksTest, TheOwnersBitsCountForTheOwnerAlone) {
  host_.files.SetAccess("/var/run/tdx-qgs/qgs.socket", {64055, 980, 0066, false});
  EXPECT_EQ(Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS).result(), kFail);
  host_.files.SetAccess("/var/run/tdx-qgs/qgs.socket", {64055, 980, 0600, false});
  EXPECT_EQ(Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS).result(), kPass);
}

TEST_F(QuoteServiceChecksTest, WhatElseMayKeepQemuOutIsUnknown) {
  host_.files.SetAccess("/var/run/tdx-qgs/qgs.socket", {980, 980, 0660, true});
  EXPECT_EQ(Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS).result(), kUnknown);
  host_.files.SetAccess("/var/run/tdx-qgs/qgs.socket", {980, 980, 0666, false});
  EXPECT_EQ(Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS).result(), kPass);
  host_.hypervisor.host_xml = "<capabilities/>";
  EXPECT_EQ(Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS).result(), kUnknown);
  EXPECT_EQ(host_.Model(kTdx).attestation(), v1::SUPPORT_SUPPORTED);
}

TEST_F(QuoteServiceChecksTest, WhatAppArmorIsToldDecidesWhereARuleNamesTheSocket) {
  ConfineBy("apparmor");
  const v1::Check unread = Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS);
  EXPECT_EQ(unread.result(), kUnknown);
  EXPECT_THAT(unread.remedy(),
              HasSubstr("let ccplaced read /etc/apparmor.d/libvirt/TEMPLATE.qemu"));

  host_.files.WriteFile("/etc/apparmor.d/libvirt/TEMPLATE.qemu",
                        "profile LIBVIRT_TEMPLATE flags=(attach_disconnected) {\n"
                        "  include if exists <abstractions/libvirt-qemu.d>\n}\n");
  const v1::Check untold = Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS);
  EXPECT_EQ(untold.result(), kUnknown);
  EXPECT_THAT(untold.found(), HasSubstr("whether AppArmor lets it is not known"));
  EXPECT_THAT(untold.remedy(),
              HasSubstr("put the line \"/var/run/tdx-qgs/qgs.socket rw,\" into a file in "
                        "/etc/apparmor.d/abstractions/libvirt-qemu.d"));

  const std::string added = "/etc/apparmor.d/abstractions/libvirt-qemu.d/qgs";
  host_.files.WriteFile(added, "/var/run/tdx-qgs/qgs.socket rw,\n");
  const v1::Check allowed = Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS);
  EXPECT_EQ(allowed.result(), kPass);
  EXPECT_THAT(allowed.found(), HasSubstr(added));
  host_.files.WriteFile(added + "-not", "deny /var/run/tdx-qgs/** w,\n");
  const v1::Check denied = Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS);
  EXPECT_EQ(denied.result(), kUnknown);
  EXPECT_THAT(denied.found(), HasSubstr(added + "-not' denies it"));
}

TEST_F(QuoteServiceChecksTest, SelinuxThatOnlyLogsLetsQemuIn) {
  ConfineBy("selinux");
  const v1::Check unread = Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS);
  EXPECT_EQ(unread.result(), kUnknown);
  EXPECT_THAT(unread.remedy(), HasSubstr("ausearch -m avc"));
  host_.files.WriteFile("/sys/fs/selinux/enforce", "1");
  EXPECT_EQ(Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS).result(), kUnknown);
  host_.files.WriteFile("/sys/fs/selinux/enforce", "0");
  EXPECT_EQ(Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS).result(), kPass);
  EXPECT_THAT(Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS).found(), HasSubstr("permissive"));
}

TEST_F(QuoteServiceChecksTest, GroupsOfAUserFromElsewhereAreUnknown) {
  host_.files.WriteFile("/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
  host_.files.SetAccess("/var/run/tdx-qgs/qgs.socket", {980, 980, 0660, false});
  EXPECT_EQ(Check(v1::CHECK_KIND_QUOTE_SERVICE_ACCESS).result(), kUnknown);
}

}  // namespace
}  // namespace ccplace
