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

// A server of it, or of another yardstick, for as long as this lives.
class EchoProcess {
 public:
  // Runs `binary` on a socket of its own with `argument`, for the echo its answers' bytes, and
  // waits until it says that it is ready.
  EchoProcess(const std::string& binary, const std::string& argument);
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
