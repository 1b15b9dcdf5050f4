#include "lib/base/address.h"

#include <gtest/gtest.h>

namespace ccplace {
namespace {

TEST(AddressTest, KnowsIpAddressesWithPorts) {
  for (const char* text : {"127.0.0.1:0", "10.1.2.3:65535", "[::1]:8443", "[fe80::1]:1"}) {
    EXPECT_TRUE(IsIpAddressAndPort(text)) << text;
  }
  for (const char* text : {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                           "localhost:80", "::1:80", "[::1]", "[127.0.0.1]:80", "1.2.3:80"}) {
    EXPECT_FALSE(IsIpAddressAndPort(text)) << text;
  }
}

TEST(AddressTest, KnowsWhatOnlyThisMachineReaches) {
  for (const char* text : {"127.0.0.1:80", "127.200.0.9:80", "[::1]:80"}) {
    EXPECT_TRUE(IsLoopback(text)) << text;
  }
  for (const char* text : {"0.0.0.0:80", "10.0.0.1:80", "[::]:80", "[::ffff:127.0.0.1]:80",
                           "localhost:80", "127.0.0.1"}) {
    EXPECT_FALSE(IsLoopback(text)) << text;
  }
}

}  // namespace
}  // namespace ccplace
