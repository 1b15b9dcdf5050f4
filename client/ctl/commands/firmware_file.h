// A firmware image named on the command line, measured.
#ifndef CCPLACE_CLIENT_CTL_COMMANDS_FIRMWARE_FILE_H_
#define CCPLACE_CLIENT_CTL_COMMANDS_FIRMWARE_FILE_H_

#include <cstddef>
#include <istream>
#include <string>

#include "absl/status/statusor.h"
#include "client/ctl/commands/session.h"
#include "lib/measurement/mrtd.h"

namespace ccplace::ctl {

struct FirmwareFile {
  std::string path;  // Standard input is "-".
  size_t bytes = 0;
  Tdvf tdvf;
  std::string mrtd;    // 48 bytes.
  std::string sha384;  // 48 bytes, of the file.
};

// Reads and measures the file at `path`, `in` where that is "-", and where it is empty the first
// image that this machine's firmware descriptors offer for intel-tdx. Errors of ParseTdvf, with the
// path, for what was read and is no TDVF; NOT_FOUND and others where it could not be read.
absl::StatusOr<FirmwareFile> MeasureFirmwareFile(const std::string& path, std::istream* in,
                                                 MrtdOrder order);

// Prints why there is no measurement, and gives the exit code: kExitNo for an image that is no
// TDVF or a broken one, else kExitUsage.
int FailFirmware(Session& session, const absl::Status& status);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_COMMANDS_FIRMWARE_FILE_H_
