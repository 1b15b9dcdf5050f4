// Small files of the kernel's that hold one line.
#ifndef CCPLACE_LIB_HOST_WORD_FILE_H_
#define CCPLACE_LIB_HOST_WORD_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/host/host_files.h"

namespace ccplace {

// The one line that the file at `path` holds, without blanks at its end; of 4096 bytes at most.
// INVALID_ARGUMENT: it is empty or not printable; the codes of HostFiles otherwise. Thread-safe.
absl::StatusOr<std::string> ReadWord(const HostFiles& files, absl::string_view path);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_WORD_FILE_H_
