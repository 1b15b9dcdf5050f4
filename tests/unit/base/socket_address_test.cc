#include "lib/base/socket_address.h"

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

TEST(AddressTest, TellsAddressAndPortForTheKernel) {
  const auto v4 = ParseSocketAddress("10.1.2.3:8443");
  ASSERT_TRUE(v4.has_value());
  EXPECT_EQ(v4->any.sa_family, AF_INET);
  EXPECT_EQ(ntohl(v4->v4.sin_addr.s_addr), 0x0A010203u);
  EXPECT_EQ(ntohs(v4->v4.sin_port), 8443);
  EXPECT_EQ(SizeOf(*v4), sizeof(sockaddr_in));
  const auto v6 = ParseSocketAddress("[::1]:65535");
  ASSERT_TRUE(v6.has_value());
  EXPECT_EQ(v6->any.sa_family, AF_INET6);
  EXPECT_TRUE(IN6_IS_ADDR_LOOPBACK(&v6->v6.sin6_addr));
  EXPECT_EQ(ntohs(v6->v6.sin6_port), 65535);
  EXPECT_EQ(SizeOf(*v6), sizeof(sockaddr_in6));
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
