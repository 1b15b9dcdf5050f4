// vhost-user sockets that two domains, or two interfaces of one, would have.
#ifndef CCPLACE_LIB_LIFECYCLE_SOCKET_CONFLICTS_H_
#define CCPLACE_LIB_LIFECYCLE_SOCKET_CONFLICTS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "ccplace/v1/domain.pb.h"
#include "lib/domain/domain_xml.h"
#include "lib/host/host_files.h"

namespace ccplace {

// The sockets of one request. Who listens takes the place of whatever socket stands there, and who
// connects takes for a switch whoever listens; a switch may serve two that connect. Thread-safe.
class SocketConflicts {
 public:
  // `files` must outlive it. `spec`: with its paths resolved. Reads the file system: may block.
  SocketConflicts(const HostFiles& files, const v1::TdxDomainSpec& spec);

  // Whether no interface has the socket of another of which one listens. FAILED_PRECONDITION:
  // PATH_IN_USE with the field.
  [[nodiscard]] absl::Status CheckOnce() const;

  // The same of `other`, an active domain.
  [[nodiscard]] absl::Status CheckActive(const DefinedDomain& other) const;

 private:
  struct Socket {
    std::string field;
    std::string path;
    std::optional<std::string> identity;  // Nothing: it is not there yet.
    bool listens = false;
  };

  static bool Clash(const Socket& a, const Socket& b);

  const HostFiles& files_;
  std::vector<Socket> sockets_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_LIFECYCLE_SOCKET_CONFLICTS_H_
