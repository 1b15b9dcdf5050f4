#include "tests/benchmark/rpc/echo.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "echo.pb.h"

namespace ccplace::benchmark {

std::string EchoRequestOf(size_t bytes) {
  EchoRequest request;
  request.set_payload(std::string(bytes, 'x'));
  return request.SerializeAsString();
}

EchoProcess::EchoProcess(const std::string& binary, const std::string& argument)
    : address_(absl::StrCat("unix:/tmp/ccplace-echo-", getpid(), ".sock")) {
  int said[2];
  if (pipe2(said, O_CLOEXEC) != 0) std::abort();
  pid_ = fork();
  if (pid_ == 0) {
    dup2(said[1], STDOUT_FILENO);
    execl(binary.c_str(), binary.c_str(), address_.c_str(), argument.c_str(), nullptr);
    _exit(127);
  }
  close(said[1]);
  char first = 0;
  if (read(said[0], &first, 1) != 1) std::abort();
  close(said[0]);
}

EchoProcess::~EchoProcess() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  unlink(address_.c_str() + 5);
}

}  // namespace ccplace::benchmark
