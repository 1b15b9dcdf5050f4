#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/status.h"
#include "tests/unit/request/request_builder.h"

namespace ccplace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> FieldsOf(const v1::ValidateRequestRequest& request) {
  std::vector<std::string> fields;
  for (const FieldError& error : FieldErrorsOf(CheckRequestBounds(request))) {
    fields.push_back(error.field);
  }
  return fields;
}

std::string Long(size_t bytes) { return std::string(bytes, 'x'); }

Pairs Entries(int count) {
  Pairs pairs;
  for (int i = 0; i < count; ++i) pairs["k" + std::to_string(i)] = "v";
  return pairs;
}

v1::ValidateRequestRequest AtTheLimits() {
  Pairs flavor = Entries(127);
  flavor[Long(255)] = Long(255);
  Pairs image = Entries(255);
  image[Long(255)] = Long(4096);
  auto request = Request(flavor, image);
  request.mutable_flavor()->set_name(Long(255));
  request.mutable_image()->set_id(Long(255));
  request.mutable_image()->set_name(Long(255));
  return With(request,
              std::vector<v1::BlockDevice>(64, Device(Long(255), Long(255), Long(255), Long(255))));
}

TEST(BoundsTest, AcceptsRequestsAtTheLimits) {
  EXPECT_TRUE(CheckRequestBounds(AtTheLimits()).ok());
  EXPECT_TRUE(CheckRequestBounds({}).ok());
  EXPECT_TRUE(CheckRequestBounds(With(v1::ValidateRequestRequest(), v1::OPERATION_EVACUATE)).ok());
}

TEST(BoundsTest, NamesEveryFieldOnePastItsLimit) {
  auto request = Request({{"a", Long(256)}}, {{"b", Long(4097)}});
  request.mutable_flavor()->set_name(Long(256));
  request.mutable_image()->set_id(Long(256));
  request.mutable_image()->set_name(Long(256));
  request.set_operation(static_cast<v1::Operation>(99));
  request =
      With(request, {Device("virtio", "0"), Device(Long(256), Long(256), Long(256), Long(256))});
  EXPECT_THAT(
      FieldsOf(request),
      ElementsAre("flavor.name", "flavor.extra_specs['a']", "image.id", "image.name",
                  "image.properties['b']", "block_devices[1].name", "block_devices[1].disk_bus",
                  "block_devices[1].boot_index", "block_devices[1].device_type", "operation"));
  const absl::Status status = CheckRequestBounds(request);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("is 4097 bytes long, at most 4096"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("operation: is 99"));
}

TEST(BoundsTest, NamesCollectionsWithOneEntryTooMany) {
  const auto request = With(Request(Entries(129), Entries(257)),
                            std::vector<v1::BlockDevice>(65, Device("virtio", "")));
  EXPECT_THAT(FieldsOf(request),
              ElementsAre("flavor.extra_specs", "image.properties", "block_devices"));
}

TEST(BoundsTest, NamesKeysOnePastTheLimitInBoundedText) {
  const auto fields = FieldsOf(Request({{Long(256), "v"}}, {}));
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_THAT(fields[0], HasSubstr("(key)"));
  EXPECT_LT(fields[0].size(), 200u);
}

}  // namespace
}  // namespace ccplace
