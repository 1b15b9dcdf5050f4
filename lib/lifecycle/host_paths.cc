#include "lib/lifecycle/host_paths.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/lifecycle/reasons.h"

namespace ccplace {
namespace {

using Prefixes = std::vector<std::string>;

absl::Status NotAllowed(absl::string_view field, absl::string_view path, absl::string_view resolved,
                        absl::string_view option, const Prefixes& prefixes) {
  const std::string leads =
      path == resolved ? std::string() : absl::StrCat(", which leads to ", Quoted(resolved), ",");
  const std::string allowed = prefixes.empty() ? "nothing" : absl::StrJoin(prefixes, ", ");
  return WithReason(absl::PermissionDeniedError(absl::StrCat(
                        field, ": ", Quoted(path), leads, " is outside the allowed folders (",
                        allowed, "); move it there, or widen --", option)),
                    reasons::kPathNotAllowed);
}

absl::Status NotUsable(absl::string_view field, absl::string_view path, absl::string_view problem) {
  return WithReason(
      absl::FailedPreconditionError(absl::StrCat(field, ": ", Quoted(path), " ", problem)),
      reasons::kPathNotUsable);
}

// A path that is not there is the caller's to repair; everything else is as HostFiles says.
absl::Status ReadFailure(absl::string_view field, absl::string_view path,
                         const absl::Status& status) {
  if (absl::IsNotFound(status)) return NotUsable(field, path, "is not there; create it first");
  return WithContext(status, field);
}

bool HasDots(absl::string_view path) {
  const std::vector<absl::string_view> parts = absl::StrSplit(path, '/');
  return std::any_of(parts.begin(), parts.end(),
                     [](absl::string_view part) { return part == "." || part == ".."; });
}

std::pair<std::string, std::string> SplitLast(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return {std::string(slash == 0 ? "/" : path.substr(0, slash)),
          std::string(path.substr(slash + 1))};
}

class Resolver {
 public:
  Resolver(const HostFiles& files, const PathPolicy& policy) : files_(files), policy_(policy) {}

  absl::Status Domain(v1::TdxDomainSpec& domain) const {
    for (int i = 0; i < domain.disks_size(); ++i) {
      const absl::Status status = Disk(absl::StrCat("domain.disks[", i, "]"), domain, i);
      if (!status.ok()) return status;
    }
    for (int i = 0; i < domain.interfaces_size(); ++i) {
      v1::NetworkInterface& interface = *domain.mutable_interfaces(i);
      if (!interface.has_vhost_user()) continue;
      const std::string field = absl::StrCat("domain.interfaces[", i, "].vhost_user.socket_path");
      const absl::Status status = VhostUser(field, *interface.mutable_vhost_user());
      if (!status.ok()) return status;
    }
    if (domain.serial_log_path().empty()) return absl::OkStatus();
    return Assign(NewFile("domain.serial_log_path", domain.serial_log_path(), "log_prefixes",
                          policy_.log_prefixes),
                  *domain.mutable_serial_log_path());
  }

  // A socket that somebody else listens on, now or later.
  absl::StatusOr<std::string> Socket(absl::string_view field, const std::string& path) const {
    return NewFile(field, path, "socket_prefixes", policy_.socket_prefixes);
  }

 private:
  static absl::Status Assign(const absl::StatusOr<std::string>& value, std::string& to) {
    if (value.ok()) to = *value;
    return value.status();
  }

  // Whether a path without links lies below one of `prefixes`, theirs resolved too.
  bool Allowed(absl::string_view resolved, const Prefixes& prefixes) const {
    return std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& prefix) {
      const auto folder = files_.Resolve(prefix);
      return folder.ok() && IsBelow(resolved, *folder);
    });
  }

  absl::StatusOr<std::string> Existing(absl::string_view field, const std::string& path,
                                       absl::string_view option, const Prefixes& prefixes) const {
    const auto resolved = files_.Resolve(path);
    if (!resolved.ok()) return ReadFailure(field, path, resolved.status());
    if (!Allowed(*resolved, prefixes)) return NotAllowed(field, path, *resolved, option, prefixes);
    return *resolved;
  }

  absl::Status Disk(const std::string& field, v1::TdxDomainSpec& domain, int index) const {
    v1::Disk& disk = *domain.mutable_disks(index);
    if (disk.has_file()) {
      return File(absl::StrCat(field, ".file.path"), *disk.mutable_file()->mutable_path());
    }
    if (disk.has_block()) return Block(absl::StrCat(field, ".block.path"), disk.block().path());
    return absl::OkStatus();
  }

  absl::Status File(const std::string& field, std::string& path) const {
    const auto resolved = Existing(field, path, "disk_prefixes", policy_.disk_prefixes);
    if (!resolved.ok()) return resolved.status();
    const auto kind = files_.Kind(*resolved);
    if (!kind.ok()) return ReadFailure(field, path, kind.status());
    if (*kind != FileKind::kRegular) {
      return NotUsable(field, path, "is no regular file; give a device as a block source");
    }
    path = *resolved;
    return absl::OkStatus();
  }

  absl::Status Block(const std::string& field, const std::string& path) const {
    const auto resolved = Existing(field, path, "disk_prefixes", policy_.disk_prefixes);
    if (!resolved.ok()) return resolved.status();
    const auto kind = files_.Kind(*resolved);
    if (!kind.ok()) return ReadFailure(field, path, kind.status());
    if (*kind != FileKind::kBlockDevice) {
      return NotUsable(field, path, "is no block device; give a file as a file source");
    }
    const bool below = std::any_of(policy_.disk_prefixes.begin(), policy_.disk_prefixes.end(),
                                   [&](const std::string& p) { return IsBelow(path, p); });
    if (below && !HasDots(path)) return absl::OkStatus();
    return NotAllowed(field, path, path, "disk_prefixes", policy_.disk_prefixes);
  }

  absl::Status VhostUser(const std::string& field, v1::VhostUserSource& source) const {
    // A socket that QEMU makes itself need not be there yet.
    return Assign(source.server() ? Socket(field, source.socket_path())
                                  : Existing(field, source.socket_path(), "socket_prefixes",
                                             policy_.socket_prefixes),
                  *source.mutable_socket_path());
  }

  // A path whose folder must be there, and which itself may be.
  absl::StatusOr<std::string> NewFile(absl::string_view field, const std::string& path,
                                      absl::string_view option, const Prefixes& prefixes) const {
    const auto there = files_.Resolve(path);
    if (there.ok() || !absl::IsNotFound(there.status())) {
      return Existing(field, path, option, prefixes);
    }
    const auto [folder, name] = SplitLast(path);
    if (name.empty() || name == "." || name == "..") {
      return NotUsable(field, path, "names no file; end it with a file name");
    }
    const auto resolved = files_.Resolve(folder);
    if (!resolved.ok()) return ReadFailure(field, folder, resolved.status());
    const std::string target = absl::StrCat(*resolved == "/" ? "" : *resolved, "/", name);
    if (!Allowed(target, prefixes)) return NotAllowed(field, path, target, option, prefixes);
    return NoDanglingLink(field, target, *resolved, name);
  }

  // A name that is listed but leads nowhere is a link to a file that opening it would create.
  absl::StatusOr<std::string> NoDanglingLink(absl::string_view field, const std::string& target,
                                             const std::string& folder,
                                             const std::string& name) const {
    const auto names = files_.ListDirectory(folder);
    if (!names.ok()) return WithContext(names.status(), field);
    if (std::find(names->begin(), names->end(), name) == names->end()) return target;
    return NotUsable(field, target, "is a symbolic link that leads nowhere; remove it");
  }

  const HostFiles& files_;
  const PathPolicy& policy_;
};

}  // namespace

bool IsBelow(absl::string_view path, absl::string_view prefix) {
  while (absl::EndsWith(prefix, "/")) prefix.remove_suffix(1);
  return path.size() > prefix.size() + 1 && absl::StartsWith(path, prefix) &&
         path[prefix.size()] == '/';
}

absl::StatusOr<v1::DefineTdxDomainRequest> ResolvePaths(const HostFiles& files,
                                                        const PathPolicy& policy,
                                                        absl::string_view quote_service_path,
                                                        const v1::DefineTdxDomainRequest& request) {
  const Resolver resolver(files, policy);
  v1::DefineTdxDomainRequest out = request;
  const absl::Status status = resolver.Domain(*out.mutable_domain());
  if (!status.ok()) return status;
  const std::string& quote = request.launch().quote_service_path();
  if (quote.empty() || quote == quote_service_path) return out;
  const auto resolved = resolver.Socket("launch.quote_service_path", quote);
  if (!resolved.ok()) return resolved.status();
  out.mutable_launch()->set_quote_service_path(*resolved);
  return out;
}

}  // namespace ccplace
