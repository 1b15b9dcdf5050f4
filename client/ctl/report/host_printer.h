// What several commands print about a host.
#ifndef CCPLACE_CLIENT_CTL_REPORT_HOST_PRINTER_H_
#define CCPLACE_CLIENT_CTL_REPORT_HOST_PRINTER_H_

#include "ccplace/v1/capability.pb.h"
#include "ccplace/v1/inventory.pb.h"
#include "client/ctl/console/console.h"

namespace ccplace::ctl {

// Name, architecture and versions, on one line.
void PrintHost(Console& out, const v1::HostCapabilities& host);

// Every figure with its source.
void PrintKeys(Console& out, const v1::KeyInventory& keys);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_REPORT_HOST_PRINTER_H_
