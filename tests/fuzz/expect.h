// What the targets check in every function they call.
#ifndef CCPLACE_TESTS_FUZZ_EXPECT_H_
#define CCPLACE_TESTS_FUZZ_EXPECT_H_

#include <cstdlib>

#include "absl/status/status.h"
#include "lib/base/text.h"

namespace ccplace::fuzz {

// Stops the program, so that libFuzzer keeps the input, unless `holds`.
inline void Expect(bool holds) {
  if (!holds) std::abort();
}

// A refusal says why, in one line that is fit for a log.
inline void ExpectSaysWhy(const absl::Status& status) {
  constexpr size_t kLineLimit = 2000;
  Expect(!status.ok() && !status.message().empty());
  Expect(status.message().size() <= kLineLimit && IsPrintable(status.message()));
}

}  // namespace ccplace::fuzz

#endif  // CCPLACE_TESTS_FUZZ_EXPECT_H_
