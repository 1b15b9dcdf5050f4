// What several commands print about a host.
#ifndef CCPLACE_CLIENT_CTL_REPORT_HOST_PRINTER_H_
#define CCPLACE_CLIENT_CTL_REPORT_HOST_PRINTER_H_

#include <cstddef>

#include "ccplace/v1/capability.pb.h"
#include "ccplace/v1/inventory.pb.h"
#include "client/ctl/console/console.h"

namespace ccplace::ctl {

// Name, architecture and versions, on one line.
void PrintHost(Console& out, const v1::HostCapabilities& host);

// Why keys are withheld from schedulers, behind an empty line; nothing where they are not.
void PrintWithheld(Console& out, const v1::KeyInventory& keys, size_t indent);

// Every figure with its source, and PrintWithheld.
void PrintKeys(Console& out, const v1::KeyInventory& keys);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_REPORT_HOST_PRINTER_H_
