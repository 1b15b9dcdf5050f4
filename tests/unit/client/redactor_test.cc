#include "client/ctl/report/redactor.h"

#include <gtest/gtest.h>

namespace ccplace::ctl {
namespace {

std::string Redacted(const std::string& text) { return Redactor({"node-7", "db"}).Redact(text); }

TEST(RedactorTest, ReplacesWhatTellsAHost) {
  EXPECT_EQ(Redacted("domain 5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3d runs"), "domain uuid-1 runs");
  EXPECT_EQ(Redacted("mac=52:54:00:3a:7b:9e,"), "mac=mac-1,");
  EXPECT_EQ(Redacted("from 192.0.2.17:40000"), "from address-1:40000");
  EXPECT_EQ(Redacted("at 2001:db8::17 and ::1"), "at address-1 and address-2");
  EXPECT_EQ(Redacted("2001:db8:0:1:2:3:4:5!"), "address-1!");
  EXPECT_EQ(Redacted(R"("caller": "dns:nova.example")"), R"("caller": "san-1")");
  EXPECT_EQ(Redacted("qemu+tls://user@host.example/system"), "qemu+tls://url-host-1/system");
  EXPECT_EQ(Redacted("NODE-7: node-7.example"), "host-1: host-1.example");
}

TEST(RedactorTest, FindsThemInOddPlaces) {
  EXPECT_EQ(Redacted("instance_5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3d_disk"), "instance_uuid-1_disk");
  EXPECT_EQ(Redacted("a\\x0a192.0.2.1\\n192.0.2.2\\\\x09node-7"),
            "a\\x0aaddress-1\\naddress-2\\\\x09host-1");
  EXPECT_EQ(Redacted("\\x1b[31m192.0.2.1"), "\\x1b[31maddress-1");
  EXPECT_EQ(Redacted("node-7_old, (Node-7), rack.node-7:"), "host-1_old, (host-1), host-2:");
  EXPECT_EQ(Redacted("ask alice.b@mail.example"), "ask mail-1");
  EXPECT_EQ(Redacted("/home/alice/key.pem"), "home-1/key.pem");
  EXPECT_EQ(Redacted("of domain 'a\\x27b 192' (x)"), "of domain-1 (x)");
}

TEST(RedactorTest, AMessageLosesWhatItQuotesAndPathsOfGuests) {
  Redactor redactor({});
  EXPECT_EQ(redactor.RedactMessage("libvirt's 'a' and 'b' at /srv/x.img, /usr/bin/q; /"),
            "libvirt's quoted-1 and quoted-2 at path-1, /usr/bin/q; /");
}

TEST(RedactorTest, ALineOfNothingElseTakesNoTimeToSpeakOf) {
  std::string line;
  while (line.size() < 60000) line += "192.0.2.1 ";
  EXPECT_EQ(Redacted(line).size(), line.size());
}

TEST(RedactorTest, TheSameTextGetsTheSameStandIn) {
  EXPECT_EQ(Redacted("192.0.2.1 192.0.2.2 192.0.2.1"), "address-1 address-2 address-1");
  Redactor redactor({});
  EXPECT_EQ(redactor.Redact("192.0.2.1\n192.0.2.2"), "address-1\naddress-2");
  EXPECT_EQ(redactor.Redact("192.0.2.2"), "address-2");
}

TEST(RedactorTest, LeavesWhatAReaderNeeds) {
  for (const char* text :
       {"kernel 6.18.0-amd64, libvirt 12.8.0, QEMU 11.1.3", "12:34:56 virt/tdx: module initialized",
        "/usr/share/ovmf/OVMF.inteltdx.ms.fd", "qemu:///system", "0x10000000", "db", "node-70",
        "a7a1f751abc454f9cbab198ca8d2edb2821935df525c74182b5e776cb0929e8c", ""}) {
    EXPECT_EQ(Redacted(text), text);
  }
}

TEST(RedactorTest, ALineThatIsTooLongIsLeftOutAndSaysSo) {
  EXPECT_EQ(Redacted("a\n" + std::string(70000, 'x') + "\nb"),
            "a\n(a line of 70000 bytes is left out)\nb");
}

}  // namespace
}  // namespace ccplace::ctl
