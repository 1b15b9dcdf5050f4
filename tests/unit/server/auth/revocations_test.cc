#include "server/auth/revocations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace ccplace {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Revocations Parsed(absl::string_view text) {
  auto parsed = Revocations::Parse(text);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? *std::move(parsed) : Revocations();
}

TEST(RevocationsTest, TakeSerialNumbersAsToolsWriteThem) {
  for (const char* written : {"serial:0A1B", "serial:0a:1b", "serial:A1B", "SERIAL: 0a1b ",
                              "\tserial:000a1b  # of the laptop that was lost\r"}) {
    EXPECT_TRUE(Parsed(written).HasSerial("0A1B")) << written;
    EXPECT_FALSE(Parsed(written).HasSerial("A1")) << written;
  }
}

TEST(RevocationsTest, KnowTheSerialNumberZero) {
  EXPECT_TRUE(Parsed("serial:00").HasSerial("0"));
  EXPECT_FALSE(Parsed("serial:00").HasSerial("10"));
}

TEST(RevocationsTest, TakeNamesOfEveryKindWithWhateverIsInThem) {
  const Revocations revoked =
      Parsed("dns:a.example\nuri:spiffe://x/y#z\nip:10.0.0.1\nemail:ops@a.example\n\n# no more\n");
  EXPECT_EQ(revoked.size(), 4u);
  const std::vector<std::string> names = {"dns:other.example", "uri:spiffe://x/y#z"};
  ASSERT_NE(revoked.FindName(names), nullptr);
  EXPECT_EQ(*revoked.FindName(names), "uri:spiffe://x/y#z");
  EXPECT_EQ(revoked.FindName({"uri:a.example", "dns:spiffe://x/y#z"}), nullptr);
}

TEST(RevocationsTest, KnowANameHoweverItIsWritten) {
  const auto revokes = [](const std::string& line, const std::string& name) {
    EXPECT_NE(Parsed(line).FindName({"uri:another", name}), nullptr) << line << " " << name;
  };
  // As inet_ntop(3) writes it, which is how gRPC gives it.
  revokes("ip:2001:DB8:0:0::1", "ip:2001:db8::1");
  revokes("ip:2001:0db8:0000:0000:0000:0000:0000:0001", "ip:2001:db8::1");
  revokes("ip:::ffff:0a00:1", "ip:::ffff:10.0.0.1");
  // As `openssl x509 -text` prints names.
  revokes("DNS:Ops.Example.Org", "dns:ops.example.org");
  revokes("URI:spiffe://Cluster/Ops", "uri:spiffe://cluster/ops");
  revokes("IP Address:10.0.0.1", "ip:10.0.0.1");
  revokes("IP Address:2001:DB8:0:0:0:0:0:1", "ip:2001:db8::1");
  revokes("dns:ops.example.org.", "dns:ops.example.org");
  revokes("dns:ops.example.org", "dns:OPS.example.org.");
  EXPECT_EQ(Parsed("dns:ops.example.org").FindName({"dns:ops.example.or"}), nullptr);
  EXPECT_EQ(Parsed("uri:a.").FindName({"uri:a"}), nullptr);
}

TEST(RevocationsTest, RefuseALineThatNamesNothingWithItsNumberAndTheRemedy) {
  for (const char* line :
       {"a.example", "*", "serial:", "serial:xyz", "dns:", "dns:.", "dns:a b", "ip:10.0.0.256",
        "ip:10.0.0.0/8", "cn:a.example", "serial:00112233445566778899001122334455667788990011"}) {
    const absl::Status status = Revocations::Parse(absl::StrCat("# first\n", line, "\n")).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << line;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr("line 2: "), HasSubstr(line), HasSubstr("give serial:HEX")));
  }
}

TEST(RevocationsTest, OfTwoListsAreThoseOfEither) {
  const Revocations both = Parsed("serial:1").Plus(Parsed("serial:2"));
  EXPECT_TRUE(both.HasSerial("1"));
  EXPECT_TRUE(both.HasSerial("2"));
  EXPECT_EQ(both, Parsed("serial:2\nserial:1\nserial:01"));
}

}  // namespace
}  // namespace ccplace
