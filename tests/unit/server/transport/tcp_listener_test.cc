#include "server/transport/tcp_listener.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>

namespace ccplace {
namespace {

sockaddr_storage Ipv4(const char* text) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  EXPECT_EQ(inet_pton(AF_INET, text, &address.sin_addr), 1);
  sockaddr_storage out = {};
  std::memcpy(&out, &address, sizeof(address));
  return out;
}

sockaddr_storage Ipv6(const char* text) {
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  EXPECT_EQ(inet_pton(AF_INET6, text, &address.sin6_addr), 1);
  sockaddr_storage out = {};
  std::memcpy(&out, &address, sizeof(address));
  return out;
}

TEST(TcpCallerTest, IsTheIpv4AddressInEitherSpelling) {
  EXPECT_EQ(TcpCaller(Ipv4("10.0.0.7")), "address 10.0.0.7");
  EXPECT_EQ(TcpCaller(Ipv6("::ffff:10.0.0.7")), "address 10.0.0.7");
}

TEST(TcpCallerTest, IsTheIpv6NetworkThatOneMachineMayHaveAllOf) {
  EXPECT_EQ(TcpCaller(Ipv6("2001:db8:0:1:2:3:4:5")), "network 2001:db8:0:1::/64");
  EXPECT_EQ(TcpCaller(Ipv6("2001:db8:0:1:ffff::")), "network 2001:db8:0:1::/64");
  EXPECT_EQ(TcpCaller(Ipv6("2001:db8:0:2::5")), "network 2001:db8:0:2::/64");
}

TEST(TcpCallerTest, IsNobodyInParticularWhereUsersShareAnAddress) {
  EXPECT_EQ(TcpCaller(Ipv4("127.0.0.9")), "");
  EXPECT_EQ(TcpCaller(Ipv6("::1")), "");
  EXPECT_EQ(TcpCaller(Ipv6("::ffff:127.0.0.1")), "");
}

}  // namespace
}  // namespace ccplace
