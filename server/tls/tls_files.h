// The PEM files of a TLS endpoint: read as a whole, and checked before they are served.
#ifndef CCPLACE_SERVER_TLS_TLS_FILES_H_
#define CCPLACE_SERVER_TLS_TLS_FILES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/auth/revocations.h"
#include "server/tls/tls_options.h"

namespace ccplace {

// What the three files hold. The key is a secret: not for any log.
struct PemBundle {
  std::string certificate;
  std::string key;
  std::string client_ca;

  bool operator==(const PemBundle& other) const {
    return certificate == other.certificate && key == other.key && client_ca == other.client_ca;
  }
  bool operator!=(const PemBundle& other) const { return !(*this == other); }
};

// INVALID_ARGUMENT, with the flag, when a file is no regular one, cannot be read, is longer than a
// mebibyte or is no PEM of its kind, or when key and certificate do not belong together. gRPC
// itself would serve them all the same, and refuse every handshake. Thread-safe.
absl::StatusOr<PemBundle> ReadTlsFiles(const TlsOptions& options);

// What the file of --tls_revoked says; nothing without the flag. INVALID_ARGUMENT, with the flag,
// when it cannot be read, is longer than a mebibyte, has no byte where `previous` revokes
// something, or as Revocations::Parse. Thread-safe.
absl::StatusOr<Revocations> ReadRevocations(const TlsOptions& options,
                                            const Revocations& previous = Revocations());

// A file in memory, for functions that take a path. The path stays the same while the content is
// replaced as a whole. Not thread-safe; readers of the path are safe.
class MemoryFile {
 public:
  MemoryFile() = default;
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  // UNAVAILABLE: the system's text; the path leads to what was there before.
  [[nodiscard]] absl::Status Replace(absl::string_view content);

  // For this process alone (proc(5), /proc/self/fd). Only after a Replace that went well.
  std::string path() const;

 private:
  int fd_ = -1;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_TLS_TLS_FILES_H_
