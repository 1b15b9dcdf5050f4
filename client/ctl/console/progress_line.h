// A line on a terminal that shows the progress of long work.
#ifndef CCPLACE_CLIENT_CTL_CONSOLE_PROGRESS_LINE_H_
#define CCPLACE_CLIENT_CTL_CONSOLE_PROGRESS_LINE_H_

#include <chrono>
#include <cstdint>

#include "client/ctl/console/console.h"

namespace ccplace::ctl {

// Rewrites one line of a terminal, ten times a second at most; silent anywhere else. Not
// thread-safe.
class ProgressLine {
 public:
  // `console` must outlive it; `total` is the number of pairings.
  ProgressLine(Console& console, bool terminal, uint64_t total)
      : console_(console), terminal_(terminal), total_(total) {}

  void Show(uint64_t judged, uint64_t rejected);
  // Takes the line away.
  void Clear();

 private:
  Console& console_;
  const bool terminal_;
  const uint64_t total_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_CONSOLE_PROGRESS_LINE_H_
