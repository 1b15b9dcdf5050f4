// The yardstick: a bare gRPC echo, in a process of its own.
#ifndef CCPLACE_TESTS_BENCHMARK_RPC_ECHO_H_
#define CCPLACE_TESTS_BENCHMARK_RPC_ECHO_H_

#include <sys/types.h>

#include <cstddef>
#include <string>

namespace ccplace::benchmark {

constexpr char kEchoMethod[] = "/ccplace.benchmark.EchoService/Echo";

// A serialised request to it that carries `bytes` bytes.
std::string EchoRequestOf(size_t bytes);

// A server of it for as long as this lives.
class EchoProcess {
 public:
  // Runs `binary`, whose answers are of `answer_bytes` bytes, and waits until it says that it is
  // ready.
  EchoProcess(const std::string& binary, size_t answer_bytes);
  ~EchoProcess();
  EchoProcess(const EchoProcess&) = delete;
  EchoProcess& operator=(const EchoProcess&) = delete;

  // As gRPC takes it.
  const std::string& address() const { return address_; }

 private:
  const std::string address_;
  pid_t pid_ = -1;
};

}  // namespace ccplace::benchmark

#endif  // CCPLACE_TESTS_BENCHMARK_RPC_ECHO_H_
