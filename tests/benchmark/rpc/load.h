// Drives one unary method with a fixed number of calls in flight.
#ifndef CCPLACE_TESTS_BENCHMARK_RPC_LOAD_H_
#define CCPLACE_TESTS_BENCHMARK_RPC_LOAD_H_

#include <memory>
#include <string>
#include <vector>

namespace grpc {
class Channel;
}

namespace ccplace::benchmark {

// What a server made of a load.
struct LoadResult {
  double calls_per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
  size_t failed = 0;
};

// Makes `calls` calls of `method` ("/package.Service/Method") with the serialised `request`,
// `in_flight` at a time, over `channel`, and waits for all of them.
LoadResult Drive(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                 const std::string& request, size_t in_flight, size_t calls);

// The same with `requests` in turn, one a call.
LoadResult DriveInTurn(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                       const std::vector<std::string>& requests, size_t in_flight, size_t calls);

// The serialised answer to one call; exits with a message when it fails.
std::string CallOnce(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                     const std::string& request);

// Of values in any order, one at least.
double Median(std::vector<double> values);

}  // namespace ccplace::benchmark

#endif  // CCPLACE_TESTS_BENCHMARK_RPC_LOAD_H_
