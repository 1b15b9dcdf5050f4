#include "lib/hypervisor/libvirt_error.h"

#include <cerrno>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/status.h"
#include "lib/hypervisor/hypervisor.h"

namespace ccplace {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

absl::Status StatusOf(int code, int domain, const std::string& text) {
  std::string message = text;
  virError error{};
  error.code = code;
  error.domain = domain;
  error.message = message.data();
  return StatusFromLibvirt(&error, "start domain 'a'", StatusCode::kAborted);
}

TEST(LibvirtErrorTest, EachKindOfErrorHasItsCode) {
  const struct {
    int error;
    StatusCode code;
  } kinds[] = {
      {VIR_ERR_NO_DOMAIN, StatusCode::kNotFound},
      {VIR_ERR_DOM_EXIST, StatusCode::kAlreadyExists},
      {VIR_ERR_AUTH_FAILED, StatusCode::kPermissionDenied},
      {VIR_ERR_ACCESS_DENIED, StatusCode::kPermissionDenied},
      {VIR_ERR_INVALID_ARG, StatusCode::kInvalidArgument},
      {VIR_ERR_OPERATION_INVALID, StatusCode::kFailedPrecondition},
      {VIR_ERR_CONFIG_UNSUPPORTED, StatusCode::kFailedPrecondition},
      {VIR_ERR_XML_INVALID_SCHEMA, StatusCode::kFailedPrecondition},
      {VIR_ERR_XML_ERROR, StatusCode::kFailedPrecondition},
      {VIR_ERR_NO_SUPPORT, StatusCode::kUnimplemented},
      {VIR_ERR_OPERATION_TIMEOUT, StatusCode::kDeadlineExceeded},
      {VIR_ERR_NO_MEMORY, StatusCode::kResourceExhausted},
      {VIR_ERR_NO_CONNECT, StatusCode::kUnavailable},
      {VIR_ERR_RPC, StatusCode::kUnavailable},
      {VIR_ERR_OPERATION_FAILED, StatusCode::kAborted},
      {VIR_ERR_INTERNAL_ERROR, StatusCode::kAborted},
      {VIR_ERR_SYSTEM_ERROR, StatusCode::kAborted},
      {12345, StatusCode::kAborted},
  };
  for (const auto& kind : kinds) {
    EXPECT_EQ(StatusOf(kind.error, VIR_FROM_QEMU, "text").code(), kind.code) << kind.error;
  }
}

TEST(LibvirtErrorTest, AnyErrorOfTheTransportIsUnavailable) {
  for (const int code : {VIR_ERR_INTERNAL_ERROR, VIR_ERR_SYSTEM_ERROR, VIR_ERR_OPERATION_FAILED}) {
    EXPECT_EQ(StatusOf(code, VIR_FROM_RPC, "client socket is closed").code(),
              StatusCode::kUnavailable);
    EXPECT_EQ(StatusOf(code, VIR_FROM_REMOTE, "x").code(), StatusCode::kUnavailable);
  }
}

TEST(LibvirtErrorTest, AShortageThatPassesIsNoWordOnTheQuestion) {
  const auto is_passing = [](int code, int error_number) {
    virError error{};
    error.code = code;
    error.int1 = error_number;
    return IsPassingShortage(&error);
  };
  for (const int passing : {EMFILE, ENFILE, ENOMEM, EAGAIN, EINTR}) {
    EXPECT_TRUE(is_passing(VIR_ERR_SYSTEM_ERROR, passing));
    EXPECT_FALSE(is_passing(VIR_ERR_OPERATION_FAILED, passing));
  }
  // A link among the firmware descriptors that leads nowhere is one that stays.
  EXPECT_FALSE(is_passing(VIR_ERR_SYSTEM_ERROR, ENOENT));
  EXPECT_FALSE(is_passing(VIR_ERR_SYSTEM_ERROR, EACCES));
  EXPECT_FALSE(IsPassingShortage(nullptr));
}

TEST(LibvirtErrorTest, SaysWhatWasAttemptedAndLibvirtsOwnWordsPrintably) {
  const absl::Status status = StatusOf(VIR_ERR_NO_DOMAIN, VIR_FROM_QEMU, "no\ndomain\x1b[31m");
  EXPECT_EQ(status.message(), "start domain 'a': libvirt: no\\x0adomain\\x1b[31m");
}

TEST(LibvirtErrorTest, WhatKeepsThisDaemonOutHasACauseAndARemedy) {
  const struct {
    int error;
    int domain;
    const char* text;  // As libvirt 9.0 was seen to say it.
    const char* reason;
    const char* remedy;
  } kinds[] = {
      {VIR_ERR_OPERATION_DENIED, VIR_FROM_DOMAIN,
       "operation forbidden: read only access prevents virDomainDefineXMLFlags",
       "LIBVIRT_READ_ONLY", "--libvirt_uri"},
      {VIR_ERR_AUTH_FAILED, VIR_FROM_RPC,
       "authentication failed: Failed to start SASL negotiation: -4 (SASL(-4): no mechanism "
       "available: No worthy mechs found)",
       "LIBVIRT_WANTS_SASL", "auth_unix_rw"},
      {VIR_ERR_AUTH_FAILED, VIR_FROM_RPC, "authentication failed: authentication failed",
       "LIBVIRT_REFUSES_USER", "group libvirt"},
      {VIR_ERR_AUTH_UNAVAILABLE, VIR_FROM_RPC,
       "authentication unavailable: no polkit agent available to authenticate action "
       "'org.libvirt.unix.manage'",
       "LIBVIRT_REFUSES_USER", "polkit"},
      {VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC,
       "Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied",
       "LIBVIRT_REFUSES_USER", "group libvirt"},
  };
  for (const auto& kind : kinds) {
    const absl::Status status = StatusOf(kind.error, kind.domain, kind.text);
    EXPECT_EQ(ReasonOf(status), kind.reason) << kind.text;
    EXPECT_THAT(std::string(AccessRemedy(status)), HasSubstr(kind.remedy)) << kind.text;
  }
  const absl::Status other = StatusOf(VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC,
                                      "Failed to connect socket to '/run/a': No such file");
  EXPECT_EQ(ReasonOf(other), "");
  EXPECT_EQ(AccessRemedy(other), "");
}

TEST(LibvirtErrorTest, BoundsALongText) {
  const absl::Status status = StatusOf(VIR_ERR_NO_DOMAIN, VIR_FROM_QEMU, std::string(100000, 'x'));
  EXPECT_LT(status.message().size(), 1200u);
}

TEST(LibvirtErrorTest, AFailureWithoutAnErrorIsNeverOk) {
  const absl::Status status = StatusFromLibvirt(nullptr, "list domains", StatusCode::kInternal);
  EXPECT_EQ(status.code(), StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("list domains"));
  EXPECT_FALSE(StatusOf(VIR_ERR_OK, VIR_FROM_QEMU, "").ok());
}

}  // namespace
}  // namespace ccplace
