#include "lib/lifecycle/path_conflicts.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/lifecycle/reasons.h"

namespace ccplace {
namespace {

// FAILED_PRECONDITION: the path of `field` is `by`, a text such as "the log of domain 'a'".
absl::Status InUse(const std::string& field, const std::string& path, absl::string_view by) {
  return WithReason(
      absl::FailedPreconditionError(absl::StrCat(field, ": ", Quoted(path), " is ", by)),
      reasons::kPathInUse, field);
}

// Nothing: there is nothing at the path, or it cannot be looked at.
std::optional<std::string> IdentityOf(const HostFiles& files, const std::string& path) {
  auto identity = files.Identity(path);
  if (!identity.ok()) return std::nullopt;
  return *std::move(identity);
}

// A disk of the request that is a file or device of the host.
struct OwnDisk {
  std::string field;
  std::string path;
  std::string identity;
  bool writable = false;
  bool shareable = false;
};

std::vector<OwnDisk> DisksOf(const HostFiles& files, const v1::TdxDomainSpec& spec) {
  std::vector<OwnDisk> disks;
  for (int i = 0; i < spec.disks_size(); ++i) {
    const v1::Disk& disk = spec.disks(i);
    if (!disk.has_file() && !disk.has_block()) continue;
    const std::string& path = disk.has_file() ? disk.file().path() : disk.block().path();
    const auto identity = IdentityOf(files, path);
    if (!identity.has_value()) continue;
    disks.push_back(
        {absl::StrCat("domain.disks[", i, "].", disk.has_file() ? "file" : "block", ".path"), path,
         *identity, !disk.read_only(), disk.shareable()});
  }
  return disks;
}

absl::Status CheckOnce(const std::vector<OwnDisk>& disks) {
  for (size_t i = 1; i < disks.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (disks[i].identity != disks[j].identity) continue;
      return InUse(disks[i].field, disks[i].path,
                   absl::StrCat("the same storage as ", disks[j].field, " (", Quoted(disks[j].path),
                                "); name it once"));
    }
  }
  return absl::OkStatus();
}

// Checks one request against one other domain.
class Conflicts {
 public:
  Conflicts(const HostFiles& files, const v1::TdxDomainSpec& spec, std::vector<OwnDisk> disks)
      : files_(files),
        log_(spec.serial_log_path()),
        log_identity_(log_.empty() ? std::nullopt : IdentityOf(files, log_)),
        disks_(std::move(disks)) {}

  absl::Status CheckOwnLog() const {
    for (const OwnDisk& disk : disks_) {
      if (IsLog(disk.path, disk.identity))
        return LogInUse(absl::StrCat("the same file as ", disk.field));
    }
    return absl::OkStatus();
  }

  absl::Status CheckLog(const DefinedDomain& other) const {
    for (const std::string& path : other.logs) {
      if (IsLog(path, IdentityOf(files_, path))) {
        return LogInUse(absl::StrCat("the log of domain ", Quoted(other.name)));
      }
    }
    for (const DomainDisk& disk : other.disks) {
      if (IsLog(disk.path, IdentityOf(files_, disk.path))) {
        return LogInUse(absl::StrCat("a disk of domain ", Quoted(other.name)));
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckDisks(const DefinedDomain& other) const {
    for (const DomainDisk& theirs : other.disks) {
      if (!theirs.writable) continue;
      const auto identity = IdentityOf(files_, theirs.path);
      for (const OwnDisk& own : disks_) {
        if (!own.writable || own.identity != identity || (own.shareable && theirs.shareable)) {
          continue;
        }
        return InUse(own.field, own.path,
                     absl::StrCat("written by the active domain ", Quoted(other.name),
                                  "; stop that one, name other storage, or set read_only, or "
                                  "shareable in both where the guests agree on who writes"));
      }
    }
    return absl::OkStatus();
  }

  // Who has another's log for a disk reads what that guest says, and writes what others take for
  // it.
  absl::Status CheckDisksAgainstLogs(const DefinedDomain& other) const {
    for (const std::string& path : other.logs) {
      const auto identity = IdentityOf(files_, path);
      for (const OwnDisk& own : disks_) {
        if (own.identity != identity) continue;
        return InUse(
            own.field, own.path,
            absl::StrCat("the log of domain ", Quoted(other.name), "; name other storage"));
      }
    }
    return absl::OkStatus();
  }

  bool has_log() const { return !log_.empty(); }

 private:
  bool IsLog(const std::string& path, const std::optional<std::string>& identity) const {
    if (log_.empty()) return false;
    return path == log_ || (identity.has_value() && identity == log_identity_);
  }

  absl::Status LogInUse(absl::string_view by) const {
    return InUse("domain.serial_log_path", log_, absl::StrCat(by, "; name a log of its own"));
  }

  const HostFiles& files_;
  const std::string log_;
  const std::optional<std::string> log_identity_;
  const std::vector<OwnDisk> disks_;
};

// The vhost-user sockets of one request. Who listens takes the place of whatever socket stands
// there, and who connects takes for a switch whoever listens; a switch may serve two that connect.
class SocketConflicts {
 public:
  SocketConflicts(const HostFiles& files, const v1::TdxDomainSpec& spec) : files_(files) {
    for (int i = 0; i < spec.interfaces_size(); ++i) {
      if (!spec.interfaces(i).has_vhost_user()) continue;
      const v1::VhostUserSource& source = spec.interfaces(i).vhost_user();
      sockets_.push_back({absl::StrCat("domain.interfaces[", i, "].vhost_user.socket_path"),
                          source.socket_path(), IdentityOf(files, source.socket_path()),
                          source.server()});
    }
  }

  // Whether no interface has the socket of another of which one listens.
  absl::Status CheckOnce() const {
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

  // The same of `other`, an active domain.
  absl::Status CheckActive(const DefinedDomain& other) const {
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

 private:
  struct Socket {
    std::string field;
    std::string path;
    std::optional<std::string> identity;  // Nothing: it is not there yet.
    bool listens = false;
  };

  static bool Clash(const Socket& a, const Socket& b) {
    if (!a.listens && !b.listens) return false;
    return a.path == b.path || (a.identity.has_value() && a.identity == b.identity);
  }

  const HostFiles& files_;
  std::vector<Socket> sockets_;
};

}  // namespace

absl::Status CheckPathConflicts(const HostFiles& files, const v1::DefineTdxDomainRequest& resolved,
                                const std::vector<ParsedDomainCache::ParsedDomain>& domains,
                                bool start) {
  const v1::TdxDomainSpec& spec = resolved.domain();
  std::vector<OwnDisk> disks = DisksOf(files, spec);
  absl::Status status = CheckOnce(disks);
  if (!status.ok()) return status;
  const Conflicts conflicts(files, spec, std::move(disks));
  status = conflicts.CheckOwnLog();
  const SocketConflicts sockets(files, spec);
  if (status.ok()) status = sockets.CheckOnce();
  if (!start && !conflicts.has_log()) return status;
  for (const ParsedDomainCache::ParsedDomain& domain : domains) {
    if (!status.ok()) return status;
    if (!domain->ok() || (*domain)->uuid == spec.uuid()) continue;
    status = conflicts.CheckLog(**domain);
    if (status.ok() && start) status = conflicts.CheckDisksAgainstLogs(**domain);
    const bool beside = start && (*domain)->active;
    if (status.ok() && beside) status = conflicts.CheckDisks(**domain);
    if (status.ok() && beside) status = sockets.CheckActive(**domain);
  }
  return status;
}

}  // namespace ccplace
