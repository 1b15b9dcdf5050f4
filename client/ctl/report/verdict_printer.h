// A verdict on a request, in words.
#ifndef CCPLACE_CLIENT_CTL_REPORT_VERDICT_PRINTER_H_
#define CCPLACE_CLIENT_CTL_REPORT_VERDICT_PRINTER_H_

#include "ccplace/v1/request.pb.h"
#include "client/ctl/console/console.h"

namespace ccplace::ctl {

// The whole answer: decision, violations, warnings, what a scheduler asks for, this host.
void PrintVerdict(Console& out, const v1::ValidateRequestResponse& answer);

// Warnings alone, each with its remedy.
void PrintWarnings(Console& out, const google::protobuf::RepeatedPtrField<v1::Warning>& warnings);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_REPORT_VERDICT_PRINTER_H_
