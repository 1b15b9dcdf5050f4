#include "lib/placement/uuid_v5.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;

// RFC 9562, appendix A.4: www.example.com in the namespace of domain names.
constexpr char kDnsNamespace[] = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";

TEST(UuidV5Test, MakesTheRfcsOwnExample) {
  const auto uuid = UuidV5(kDnsNamespace, "www.example.com");
  ASSERT_TRUE(uuid.ok());
  EXPECT_EQ(*uuid, "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST(UuidV5Test, TakesTheNamespaceInAnyCaseAndWithoutDashes) {
  EXPECT_EQ(*UuidV5("6BA7B8109DAD11D180B400C04FD430C8", "www.example.com"),
            *UuidV5(kDnsNamespace, "www.example.com"));
}

TEST(UuidV5Test, RefusesANamespaceThatIsNoUuid) {
  for (const char* text : {"", "6ba7b810", "6ba7b810-9dad-11d1-80b4-00c04fd430cg",
                           "6ba7b8109-dad-11d1-80b4-00c04fd430c8"}) {
    const auto uuid = UuidV5(text, "name");
    EXPECT_EQ(uuid.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(uuid.status().message(), HasSubstr("32 hex digits"));
  }
}

}  // namespace
}  // namespace ccplace
