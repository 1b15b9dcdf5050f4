// Addresses to listen on. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_BASE_ADDRESS_H_
#define CCPLACE_LIB_BASE_ADDRESS_H_

#include "absl/strings/string_view.h"

namespace ccplace {

// Whether `text` is "IPV4:PORT" or "[IPV6]:PORT", port 0 to 65535 (0: any free one). Names are
// refused: what they resolve to is for others to decide.
bool IsIpAddressAndPort(absl::string_view text);

// Whether `text`, an address as above, can be reached from this machine alone.
bool IsLoopback(absl::string_view text);

}  // namespace ccplace

#endif  // CCPLACE_LIB_BASE_ADDRESS_H_
