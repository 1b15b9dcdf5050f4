// What AppArmor's files say of a socket. The profile's shape is that of Debian's libvirt 12.8.
#include "lib/host/apparmor_rules.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/host/in_memory_host_files.h"
#include "lib/host/profile_glob.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;

constexpr char kSocket[] = "/run/tdx-qgs/qgs.socket";
constexpr char kAbstraction[] = "/etc/apparmor.d/abstractions/libvirt-qemu";
constexpr char kAdded[] = "/etc/apparmor.d/abstractions/libvirt-qemu.d/own";

class AppArmorRulesTest : public ::testing::Test {
 protected:
  AppArmorRulesTest() {
    files_.WriteFile(std::string(kGuestProfile),
                     "#\n# This profile is for the domain whose UUID matches this file.\n#\n\n"
                     "#include <tunables/global>\n\n"
                     "profile LIBVIRT_TEMPLATE flags=(attach_disconnected) {\n"
                     "  #include <abstractions/libvirt-qemu>\n}\n");
    files_.WriteFile(kAbstraction,
                     "  # required for reading disk images\n  capability dac_override,\n"
                     "  /run/udev/data/c16[6,7]* r,\n  / r, # harmless\n"
                     "  deny /run/shm/lttng-ust-wait-* r,\n"
                     "  profile passt {\n    /run/tdx-qgs/qgs.socket rw,\n  }\n\n"
                     "  include if exists <abstractions/libvirt-qemu.d>\n"
                     "  include if exists <local/abstractions/libvirt-qemu>\n");
  }

  absl::StatusOr<std::string> Find() const { return FindGuestSocketRule(files_, kSocket); }
  absl::StatusOr<std::string> With(absl::string_view rules) {
    files_.WriteFile(kAdded, rules);
    return Find();
  }

  InMemoryHostFiles files_;
};

TEST_F(AppArmorRulesTest, AProfileThatIsToldNothingOfTheSocketSaysSo) {
  EXPECT_TRUE(absl::IsNotFound(Find().status()));
  EXPECT_THAT(std::string(Find().status().message()), HasSubstr("TEMPLATE.qemu"));
}

TEST_F(AppArmorRulesTest, ARuleThatNamesTheSocketIsFoundWhereItStands) {
  for (const char* rule :
       {"/run/tdx-qgs/qgs.socket rw,", "  rw /run/tdx-qgs/*,", "@{run}/tdx-qgs/qgs.socket rwk,",
        "audit /{,var/}run/tdx-qgs/** rw, # quotes", "file \"/run/*/qgs.socket\" wr,",
        "/run/tdx-qgs/qgs.socket r,\n/run/tdx-qgs/qgs.socket w,"}) {
    EXPECT_EQ(With(rule).value_or(""), kAdded) << rule;
  }
  files_.Remove(kAdded);
  files_.WriteFile("/etc/apparmor.d/local/abstractions/libvirt-qemu", "/run/tdx-qgs/* rw,\n");
  EXPECT_EQ(*Find(), "/etc/apparmor.d/local/abstractions/libvirt-qemu");
}

TEST_F(AppArmorRulesTest, WhatIsNoProofCountsAsNoRule) {
  for (const char* rule :
       {"/run/tdx-qgs/qgs.socket r,", "owner /run/tdx-qgs/qgs.socket rw,",
        "@{somewhere}/qgs.socket rw,", "/run/* rw,", "# /run/tdx-qgs/qgs.socket rw,",
        "/run/tdx-qgs/qgs.socket rw", "if $x {\n/run/tdx-qgs/qgs.socket rw,\n}", "{{{{ rw,"}) {
    EXPECT_TRUE(absl::IsNotFound(With(rule).status())) << rule;
  }
}

TEST_F(AppArmorRulesTest, ADenialOutweighsEveryRule) {
  const auto found = With("/run/tdx-qgs/** rw,\naudit deny /run/tdx-qgs/qgs.socket w,\n");
  EXPECT_TRUE(absl::IsFailedPrecondition(found.status()));
  EXPECT_THAT(std::string(found.status().message()), HasSubstr(kAdded));
}

TEST_F(AppArmorRulesTest, WhatCannotBeReadIsNotJudged) {
  ASSERT_TRUE(With("/run/tdx-qgs/** rw,\n").ok());
  files_.FailAt(kAbstraction, absl::PermissionDeniedError("no"));
  EXPECT_TRUE(absl::IsPermissionDenied(Find().status()));
  files_.FailAt(kAbstraction, absl::OkStatus());
  files_.Remove(kAbstraction);
  EXPECT_TRUE(absl::IsUnavailable(Find().status()));
  files_.Remove("/etc/apparmor.d");
  EXPECT_TRUE(absl::IsUnavailable(Find().status()));
}

TEST_F(AppArmorRulesTest, FilesThatIncludeEachOtherOrTooManyEnd) {
  EXPECT_EQ(*With("include <abstractions/libvirt-qemu.d/own>\n/run/tdx-qgs/* rw,\n"), kAdded);
  for (int i = 0; i < 200; ++i) {
    files_.WriteFile("/etc/apparmor.d/abstractions/libvirt-qemu.d/" + std::to_string(i), "");
  }
  EXPECT_TRUE(absl::IsOutOfRange(Find().status()));
}

TEST(ProfileGlobTest, FollowsTheManual) {
  for (const auto& [pattern, path] :
       {std::pair("/a/*/c", "/a/b/c"), std::pair("/a/**", "/a/b/c"), std::pair("/a/?", "/a/b"),
        std::pair("/a/[b-d]", "/a/c"), std::pair("/a/[^b]", "/a/c"),
        std::pair("/{a,{b,c}}/d", "/c/d"), std::pair("/a\\*", "/a*"), std::pair("/a", "/a")}) {
    EXPECT_TRUE(MatchesProfileGlob(pattern, path)) << pattern;
  }
  for (const auto& [pattern, path] :
       {std::pair("/a/*", "/a/b/c"), std::pair("/a?b", "/a/b"), std::pair("/a[^x]b", "/a/b"),
        std::pair("/a\\*", "/ab"), std::pair("/a", "/ab"), std::pair("", "/a"),
        std::pair("/{a", "/a"), std::pair("@{x}", "@{x}")}) {
    EXPECT_FALSE(MatchesProfileGlob(pattern, path)) << pattern;
  }
  EXPECT_FALSE(MatchesProfileGlob(std::string(2000, '*'), "/a"));
  EXPECT_FALSE(MatchesProfileGlob("/{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", "/aaaaaaaa"));
}

}  // namespace
}  // namespace ccplace
