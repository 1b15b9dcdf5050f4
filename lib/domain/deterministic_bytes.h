// A message's bytes, the same for the same content.
#ifndef CCPLACE_LIB_DOMAIN_DETERMINISTIC_BYTES_H_
#define CCPLACE_LIB_DOMAIN_DETERMINISTIC_BYTES_H_

#include <google/protobuf/message_lite.h>

#include <string>

namespace ccplace {

// `message` serialised with maps in the order of their keys: their own order differs from one
// message to the next. Empty when protobuf fails, as for a message that holds nothing. Thread-safe.
std::string DeterministicBytes(const google::protobuf::MessageLite& message);

}  // namespace ccplace

#endif  // CCPLACE_LIB_DOMAIN_DETERMINISTIC_BYTES_H_
