#include "lib/base/status.h"

#include "gtest/gtest.h"

namespace ccplace {
namespace {

TEST(StatusTest, FieldErrorsTravelWithTheStatus) {
  const absl::Status status = InvalidFieldsError({{"a.b", "is 0; use 1"}, {"c[2]", "missing"}});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "a.b: is 0; use 1; c[2]: missing");
  const auto errors = FieldErrorsOf(WithContext(status, "define"));
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0].field, "a.b");
  EXPECT_EQ(errors[1].description, "missing");
}

TEST(StatusTest, OtherStatusesHaveNoFieldErrorsAndNoReason) {
  EXPECT_TRUE(FieldErrorsOf(absl::InternalError("x")).empty());
  EXPECT_EQ(ReasonOf(absl::InternalError("x")), "");
}

TEST(StatusTest, ReasonAndContextGoTogether) {
  const auto status = WithContext(WithReason(absl::AbortedError("no"), "NO_FREE_KEY"), "start");
  EXPECT_EQ(status.message(), "start: no");
  EXPECT_EQ(ReasonOf(status), "NO_FREE_KEY");
}

TEST(StatusTest, TheSubjectGoesWithTheReason) {
  const auto status = WithReason(absl::FailedPreconditionError("no"), "DOMAIN_RUNS", "some-uuid");
  EXPECT_EQ(SubjectOf(WithContext(status, "undefine")), "some-uuid");
  EXPECT_EQ(SubjectOf(WithReason(absl::AbortedError("no"), "START_FAILED")), "");
}

}  // namespace
}  // namespace ccplace
