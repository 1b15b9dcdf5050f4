#include "server/rpc/grpc_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "lib/base/status.h"

namespace ccplace {
namespace {

google::rpc::Status Wire(const absl::Status& status) {
  google::rpc::Status wire;
  EXPECT_TRUE(wire.ParseFromString(ToGrpcStatus(status).error_details()));
  return wire;
}

template <typename T>
bool Has(const google::rpc::Status& wire) {
  for (const auto& detail : wire.details()) {
    if (detail.Is<T>()) return true;
  }
  return false;
}

// Both enumerations have the numbers that the gRPC documentation fixes (statuscodes.md).
TEST(ToGrpcCodeTest, IsTheSameNumberForEveryCode) {
  for (int code = 0; code <= 16; ++code) {
    EXPECT_EQ(static_cast<int>(ToGrpcCode(static_cast<absl::StatusCode>(code))), code);
  }
}

TEST(ToGrpcCodeTest, IsUnknownForWhatIsNoCode) {
  EXPECT_EQ(ToGrpcCode(static_cast<absl::StatusCode>(99)), grpc::StatusCode::UNKNOWN);
}

TEST(ToGrpcStatusTest, HasNoDetailsWhereThereIsNothingToBranchOn) {
  const grpc::Status wire = ToGrpcStatus(absl::InternalError("broken"));
  EXPECT_EQ(wire.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(wire.error_message(), "broken");
  EXPECT_EQ(wire.error_details(), "");
}

TEST(ToGrpcStatusTest, CarriesTheReason) {
  const auto wire = Wire(WithReason(absl::AlreadyExistsError("taken"), "NAME_TAKEN"));
  EXPECT_EQ(wire.code(), 6);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(wire.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "NAME_TAKEN");
  EXPECT_EQ(info.domain(), "ccplace");
}

TEST(ToGrpcStatusTest, SaysWhenToRetryWhatMayBeRepeated) {
  EXPECT_TRUE(Has<google::rpc::RetryInfo>(Wire(absl::UnavailableError("gone"))));
  EXPECT_TRUE(Has<google::rpc::RetryInfo>(Wire(absl::ResourceExhaustedError("queue is full"))));
}

TEST(ToGrpcStatusTest, AsksForNoRetryWhereNoKeyIsFree) {
  const auto wire = Wire(WithReason(absl::ResourceExhaustedError("no key"), "NO_FREE_KEY"));
  EXPECT_FALSE(Has<google::rpc::RetryInfo>(wire));
  EXPECT_TRUE(Has<google::rpc::ErrorInfo>(wire));
}

TEST(ToGrpcStatusTest, EscapesWhatAHeaderCannotHold) {
  EXPECT_EQ(ToGrpcStatus(absl::InternalError("a\nb")).error_message(), "a\\x0ab");
}

TEST(ToGrpcStatusTest, StaysWithinTheLimitsOfTrailers) {
  std::vector<FieldError> errors(300, {std::string(300, 'f'), std::string(2000, 'd')});
  const grpc::Status wire = ToGrpcStatus(InvalidFieldsError(errors));
  EXPECT_LE(wire.error_message().size(), kWireMessageLimit + 3);
  EXPECT_LE(wire.error_details().size(), kWireDetailsLimit);
}

}  // namespace
}  // namespace ccplace
