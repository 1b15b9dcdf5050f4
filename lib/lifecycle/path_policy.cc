#include "lib/lifecycle/path_policy.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/domain/domain_paths.h"
#include "lib/domain/domain_xml.h"
#include "lib/domain/qcow2.h"
#include "lib/host/quote_service.h"
#include "lib/lifecycle/reasons.h"

namespace ccplace {
namespace {

using Prefixes = std::vector<std::string>;

absl::Status NotAllowed(const PathUse& use, absl::string_view resolved, absl::string_view option,
                        const Prefixes& prefixes) {
  const std::string leads = use.path == resolved
                                ? std::string()
                                : absl::StrCat(", which leads to ", Quoted(resolved), ",");
  const std::string allowed = prefixes.empty() ? "nothing" : absl::StrJoin(prefixes, ", ");
  return WithReason(
      absl::PermissionDeniedError(absl::StrCat(use.field, ": ", Quoted(use.path), leads,
                                               " is outside the allowed folders (", allowed,
                                               "); move it there, or widen --", option)),
      reasons::kPathNotAllowed);
}

absl::Status NotUsable(const PathUse& use, absl::string_view problem) {
  return WithReason(
      absl::FailedPreconditionError(absl::StrCat(use.field, ": ", Quoted(use.path), " ", problem)),
      reasons::kPathNotUsable, use.field);
}

// A path that is not there is the caller's to repair; everything else is as HostFiles says.
absl::Status ReadFailure(const PathUse& use, const absl::Status& status) {
  if (absl::IsNotFound(status)) return NotUsable(use, "is not there; create it first");
  if (absl::IsFailedPrecondition(status)) return NotUsable(use, status.message());
  return WithContext(status, use.field);
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

// Whether a path lies below one of `prefixes` as it is spelled, wherever links lead.
bool IsWrittenBelow(absl::string_view path, const Prefixes& prefixes) {
  const auto below = [path](const std::string& prefix) { return IsBelow(path, prefix); };
  return !HasDots(path) && std::any_of(prefixes.begin(), prefixes.end(), below);
}

// Asks about the paths of one request.
class Resolver {
 public:
  // `quote_sockets`: the Quote Generation Service's, as the daemon and the request have it.
  Resolver(const HostFiles& files, const PathPolicy& policy, std::vector<std::string> quote_sockets)
      : files_(files), policy_(policy), quote_sockets_(std::move(quote_sockets)) {}

  // The path to use in place of `use`.
  absl::StatusOr<std::string> Resolve(const PathUse& use) const {
    switch (use.role) {
      case PathRole::kDiskFile:
      case PathRole::kQcow2File:
        return File(use);
      case PathRole::kDiskDevice:
      case PathRole::kQcow2Device:
        return Device(use);
      case PathRole::kVhostUserSocket:
        return OfKind(use, Existing(use, kSockets, policy_.socket_prefixes), FileKind::kSocket,
                      kNoSocket);
      case PathRole::kVhostUserListener:
      case PathRole::kQuoteSocket:
        return OfKind(use, MaybeMissing(use, kSockets, policy_.socket_prefixes), FileKind::kSocket,
                      kNoSocket);
      case PathRole::kSerialLog:
        return OfKind(use, MaybeMissing(use, "log_prefixes", policy_.log_prefixes),
                      FileKind::kRegular, "is no regular file; name another log");
    }
    return absl::InternalError(absl::StrCat(use.field, ": unknown kind of path"));
  }

 private:
  static constexpr absl::string_view kDisks = "disk_prefixes";
  static constexpr absl::string_view kSockets = "socket_prefixes";
  static constexpr absl::string_view kNoSocket = "is no socket; remove it, or name another path";

  // Whether a path without links lies below one of `prefixes`, theirs resolved too.
  bool Allowed(absl::string_view resolved, const Prefixes& prefixes) const {
    return std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& prefix) {
      const auto folder = files_.Resolve(prefix);
      return folder.ok() && IsBelow(resolved, *folder);
    });
  }

  absl::StatusOr<std::string> Existing(const PathUse& use, absl::string_view option,
                                       const Prefixes& prefixes) const {
    auto resolved = files_.Resolve(use.path);
    if (resolved.ok() && Allowed(*resolved, prefixes)) return resolved;
    if (!resolved.ok()) resolved = ReadFailure(use, resolved.status());
    return Refusal(use, resolved, option, prefixes);
  }

  // Why `use` cannot be: it leads to `resolved`, which is not allowed, or that says why it could
  // not be resolved. Nobody learns what is there, or not, outside of the folders.
  static absl::Status Refusal(const PathUse& use, const absl::StatusOr<std::string>& resolved,
                              absl::string_view option, const Prefixes& prefixes) {
    if (!IsWrittenBelow(use.path, prefixes)) return NotAllowed(use, use.path, option, prefixes);
    if (!resolved.ok()) return resolved.status();
    return NotAllowed(use, *resolved, option, prefixes);
  }

  // `path`, whose check went before, if the file there is of the kind wanted, or there is none.
  absl::StatusOr<std::string> OfKind(const PathUse& use, absl::StatusOr<std::string> path,
                                     FileKind wanted, absl::string_view problem) const {
    if (!path.ok()) return path;
    const auto kind = files_.Kind(*path);
    if (absl::IsNotFound(kind.status())) return path;
    if (!kind.ok()) return ReadFailure(use, kind.status());
    if (*kind != wanted) return NotUsable(use, problem);
    if (use.role != PathRole::kQuoteSocket && IsQuoteSocket(*path)) {
      return NotUsable(use, "is the Quote Generation Service's socket; name another path");
    }
    return path;
  }

  bool IsQuoteSocket(const std::string& path) const {
    const auto identity = files_.Identity(path);
    return std::any_of(quote_sockets_.begin(), quote_sockets_.end(), [&](const std::string& own) {
      const auto other = files_.Identity(own);
      return identity.ok() && other.ok() && *identity == *other;
    });
  }

  absl::StatusOr<std::string> File(const PathUse& use) const {
    const auto resolved = Existing(use, kDisks, policy_.disk_prefixes);
    if (!resolved.ok()) return resolved;
    return OnDisk(use, *resolved, FileKind::kRegular,
                  "is no regular file; give a device as a block source");
  }

  // A device is known to libvirt by its own name (/dev/disk/by-id/...) where root alone can have
  // that lead elsewhere: the kernel's (/dev/dm-3) may be another volume after a reboot. Such a name
  // below an allowed folder is allowed wherever it leads.
  absl::StatusOr<std::string> Device(const PathUse& use) const {
    constexpr absl::string_view kProblem = "is no block device; give a file as a file source";
    const Prefixes& prefixes = policy_.disk_prefixes;
    if (!IsWrittenBelow(use.path, prefixes)) return NotAllowed(use, use.path, kDisks, prefixes);
    const auto resolved = files_.Resolve(use.path);
    if (resolved.ok() && IsRootControlled(use.path)) {
      const auto checked = OnDisk(use, *resolved, FileKind::kBlockDevice, kProblem);
      return checked.ok() ? use.path : checked;
    }
    const auto allowed = Existing(use, kDisks, prefixes);
    if (!allowed.ok()) return allowed;
    return OnDisk(use, *allowed, FileKind::kBlockDevice, kProblem);
  }

  bool IsRootControlled(const std::string& path) const {
    const auto controlled = files_.IsRootControlled(path);
    return controlled.ok() && *controlled;
  }

  // `resolved`, if the file there is of the kind wanted and refers to no other file.
  absl::StatusOr<std::string> OnDisk(const PathUse& use, const std::string& resolved,
                                     FileKind wanted, absl::string_view problem) const {
    const auto kind = files_.Kind(resolved);
    if (!kind.ok()) return ReadFailure(use, kind.status());
    if (*kind != wanted) return NotUsable(use, problem);
    const absl::Status head = CheckHead(use, resolved);
    if (!head.ok()) return head;
    return resolved;
  }

  absl::Status CheckHead(const PathUse& use, const std::string& resolved) const {
    if (use.role != PathRole::kQcow2File && use.role != PathRole::kQcow2Device) {
      return absl::OkStatus();
    }
    const auto head = files_.ReadHead(resolved, kQcow2HeadBytes);
    if (!head.ok()) return ReadFailure(use, head.status());
    const absl::Status checked = CheckQcow2Head(*head);
    return checked.ok() ? checked : NotUsable(use, absl::StrCat(": ", checked.message()));
  }

  // A path whose folder must be there, and which itself may be.
  absl::StatusOr<std::string> MaybeMissing(const PathUse& use, absl::string_view option,
                                           const Prefixes& prefixes) const {
    if (!absl::IsNotFound(files_.Resolve(use.path).status())) {
      return Existing(use, option, prefixes);
    }
    const auto [folder, name] = SplitLast(use.path);
    if (name.empty() || name == "." || name == "..") {
      return NotUsable(use, "names no file; end it with a file name");
    }
    const auto resolved = files_.Resolve(folder);
    if (!resolved.ok()) {
      const absl::Status failure = ReadFailure({use.field, folder, use.role}, resolved.status());
      return Refusal(use, failure, option, prefixes);
    }
    std::string target = absl::StrCat(*resolved == "/" ? "" : *resolved, "/", name);
    if (!Allowed(target, prefixes)) return Refusal(use, target, option, prefixes);
    const absl::Status link = CheckNoDanglingLink(use, *resolved, name);
    if (!link.ok()) return link;
    return target;
  }

  // A name that is listed but leads nowhere is a link to a file that opening it would create.
  absl::Status CheckNoDanglingLink(const PathUse& use, const std::string& folder,
                                   const std::string& name) const {
    const auto names = files_.ListDirectory(folder);
    if (!names.ok()) return WithContext(names.status(), use.field);
    if (!std::binary_search(names->begin(), names->end(), name)) return absl::OkStatus();
    return NotUsable(use, "is a symbolic link that leads nowhere; remove it");
  }

  const HostFiles& files_;
  const PathPolicy& policy_;
  const std::vector<std::string> quote_sockets_;
};

// The socket of `quote_service_path`, libvirt's default where it is empty, and the request's own.
std::vector<std::string> QuoteSockets(absl::string_view quote_service_path,
                                      const v1::DefineTdxDomainRequest& request) {
  std::vector<std::string> sockets = {QuoteSocketOf(std::string(quote_service_path))};
  const std::string& asked = request.launch().quote_service_path();
  if (!asked.empty()) sockets.push_back(asked);
  return sockets;
}

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
  const Resolver resolver(files, policy, QuoteSockets(quote_service_path, request));
  std::vector<std::string> resolved;
  for (const PathUse& use : PathsOf(request)) {
    const bool own = use.role == PathRole::kQuoteSocket && use.path == quote_service_path;
    auto path = own ? use.path : resolver.Resolve(use);
    if (!path.ok()) return path.status();
    resolved.push_back(*std::move(path));
  }
  v1::DefineTdxDomainRequest out = WithResolvedPaths(request, resolved);
  const absl::Status bounds = ValidateDomainSpec(out);
  if (!bounds.ok()) return WithContext(bounds, "after symbolic links were followed");
  return out;
}

}  // namespace ccplace
