#include "client/ctl/console/progress_line.h"

#include "absl/strings/str_cat.h"

namespace ccplace::ctl {
namespace {

constexpr std::chrono::milliseconds kPause{100};
// Back to the first column, and erase to the end of the line (ECMA-48 EL).
constexpr char kRewrite[] = "\r\x1b[K";

}  // namespace

void ProgressLine::Show(uint64_t judged, uint64_t rejected) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || now < next_) return;
  next_ = now + kPause;
  shown_ = true;
  const uint64_t percent = total_ > 0 ? judged * 100 / total_ : 100;
  console_.Raw(absl::StrCat(kRewrite, percent, "%: ", judged, " of ", total_, " pairings, ",
                            rejected, " cannot run"));
  console_.Flush();
}

void ProgressLine::Clear() {
  if (!shown_) return;
  console_.Raw(kRewrite);
  console_.Flush();
  shown_ = false;
}

}  // namespace ccplace::ctl
