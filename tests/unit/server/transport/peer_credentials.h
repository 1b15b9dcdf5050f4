// Callers on a unix socket, as the kernel names them.
#ifndef CCPLACE_TESTS_UNIT_SERVER_TRANSPORT_PEER_CREDENTIALS_H_
#define CCPLACE_TESTS_UNIT_SERVER_TRANSPORT_PEER_CREDENTIALS_H_

#include "server/transport/connection_table.h"

namespace ccplace {

constexpr PeerCredentials kAlice = {1000, 1000, 1};
constexpr PeerCredentials kBob = {1001, 1001, 2};
constexpr PeerCredentials kRoot = {0, 0, 3};

}  // namespace ccplace

#endif  // CCPLACE_TESTS_UNIT_SERVER_TRANSPORT_PEER_CREDENTIALS_H_
