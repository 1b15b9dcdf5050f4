// What a refusal says of when to call again.
#ifndef CCPLACE_TESTS_UNIT_SERVER_RETRY_INFO_H_
#define CCPLACE_TESTS_UNIT_SERVER_RETRY_INFO_H_

#include <grpcpp/support/status.h>

#include <algorithm>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace ccplace {

inline bool SaysWhenToRetry(const grpc::Status& status) {
  google::rpc::Status wire;
  wire.ParseFromString(status.error_details());
  return std::any_of(wire.details().begin(), wire.details().end(), [](const auto& detail) {
    return detail.template Is<google::rpc::RetryInfo>();
  });
}

}  // namespace ccplace

#endif  // CCPLACE_TESTS_UNIT_SERVER_RETRY_INFO_H_
