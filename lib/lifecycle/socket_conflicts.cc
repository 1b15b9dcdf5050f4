#include "lib/lifecycle/socket_conflicts.h"

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/lifecycle/path_in_use.h"

namespace ccplace {

SocketConflicts::SocketConflicts(const HostFiles& files, const v1::TdxDomainSpec& spec)
    : files_(files) {
  for (int i = 0; i < spec.interfaces_size(); ++i) {
    if (!spec.interfaces(i).has_vhost_user()) continue;
    const v1::VhostUserSource& source = spec.interfaces(i).vhost_user();
    sockets_.push_back({absl::StrCat("domain.interfaces[", i, "].vhost_user.socket_path"),
                        source.socket_path(), IdentityOf(files, source.socket_path()),
                        source.server()});
  }
}

bool SocketConflicts::Clash(const Socket& a, const Socket& b) {
  if (!a.listens && !b.listens) return false;
  return a.path == b.path || (a.identity.has_value() && a.identity == b.identity);
}

absl::Status SocketConflicts::CheckOnce() const {
  for (size_t i = 1; i < sockets_.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (!Clash(sockets_[i], sockets_[j])) continue;
      return InUse(sockets_[i].field, sockets_[i].path,
                   absl::StrCat("the same socket as ", sockets_[j].field,
                                ", and one would listen in the other's place; name another"));
    }
  }
  return absl::OkStatus();
}

absl::Status SocketConflicts::CheckActive(const DefinedDomain& other) const {
  if (sockets_.empty()) return absl::OkStatus();
  for (const DomainSocket& socket : other.sockets) {
    const Socket theirs = {"", socket.path, IdentityOf(files_, socket.path), socket.listens};
    for (const Socket& own : sockets_) {
      if (!Clash(own, theirs)) continue;
      return InUse(own.field, own.path,
                   absl::StrCat("the socket of the active domain ", Quoted(other.name),
                                ", and one would listen in the other's place, or connect to a "
                                "guest in place of a switch; name another"));
    }
  }
  return absl::OkStatus();
}

}  // namespace ccplace
