// The reads that are measured.
#ifndef CCPLACE_TESTS_BENCHMARK_RPC_CASES_H_
#define CCPLACE_TESTS_BENCHMARK_RPC_CASES_H_

#include <string>
#include <vector>

namespace ccplace::benchmark {

struct Case {
  std::string name;
  std::string method;
  std::vector<std::string> requests;  // Taken in turn; all of one size.
};

// Each read of a scheduler, with typical requests.
std::vector<Case> Cases();

}  // namespace ccplace::benchmark

#endif  // CCPLACE_TESTS_BENCHMARK_RPC_CASES_H_
