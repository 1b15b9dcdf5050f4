// What changed between two states of a host, in words.
#ifndef CCPLACE_CLIENT_CTL_REPORT_CHANGE_PRINTER_H_
#define CCPLACE_CLIENT_CTL_REPORT_CHANGE_PRINTER_H_

#include <string>

#include "ccplace/v1/watch.pb.h"
#include "client/ctl/console/console.h"

namespace ccplace::ctl {

// Prints a line with the state, headed by `when`, and one line for each thing that differs from
// `before` (null: the first state, printed with every model). Thread-safe but for `out`.
void PrintChange(Console& out, const std::string& when, const v1::WatchHostResponse* before,
                 const v1::WatchHostResponse& now);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_REPORT_CHANGE_PRINTER_H_
