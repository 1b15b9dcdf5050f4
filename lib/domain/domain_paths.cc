#include "lib/domain/domain_paths.h"

#include <cstddef>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ccplace {
namespace {

// Called with a path's field, its role and the path itself, which it may change.
using Visitor = std::function<void(std::string field, PathRole role, std::string& path)>;

void VisitDisk(const std::string& field, v1::Disk& disk, const Visitor& visit) {
  const bool qcow2 = disk.format() == v1::DISK_FORMAT_QCOW2;
  if (disk.has_file()) {
    visit(absl::StrCat(field, ".file.path"), qcow2 ? PathRole::kQcow2File : PathRole::kDiskFile,
          *disk.mutable_file()->mutable_path());
  } else if (disk.has_block()) {
    visit(absl::StrCat(field, ".block.path"),
          qcow2 ? PathRole::kQcow2Device : PathRole::kDiskDevice,
          *disk.mutable_block()->mutable_path());
  }
}

void VisitInterface(const std::string& field, v1::NetworkInterface& interface,
                    const Visitor& visit) {
  if (!interface.has_vhost_user()) return;
  visit(absl::StrCat(field, ".vhost_user.socket_path"),
        interface.vhost_user().server() ? PathRole::kVhostUserListener : PathRole::kVhostUserSocket,
        *interface.mutable_vhost_user()->mutable_socket_path());
}

// The only list of the fields that hold paths.
void VisitPaths(v1::DefineTdxDomainRequest& request, const Visitor& all) {
  const Visitor visit = [&all](std::string field, PathRole role, std::string& path) {
    if (!path.empty()) all(std::move(field), role, path);
  };
  v1::TdxDomainSpec& spec = *request.mutable_domain();
  for (int i = 0; i < spec.disks_size(); ++i) {
    VisitDisk(absl::StrCat("domain.disks[", i, "]"), *spec.mutable_disks(i), visit);
  }
  for (int i = 0; i < spec.interfaces_size(); ++i) {
    VisitInterface(absl::StrCat("domain.interfaces[", i, "]"), *spec.mutable_interfaces(i), visit);
  }
  visit("domain.serial_log_path", PathRole::kSerialLog, *spec.mutable_serial_log_path());
  if (!request.has_launch()) return;
  visit("launch.quote_service_path", PathRole::kQuoteSocket,
        *request.mutable_launch()->mutable_quote_service_path());
}

}  // namespace

std::vector<PathUse> PathsOf(const v1::DefineTdxDomainRequest& request) {
  v1::DefineTdxDomainRequest copy = request;
  std::vector<PathUse> uses;
  VisitPaths(copy, [&uses](std::string field, PathRole role, const std::string& path) {
    uses.push_back({std::move(field), path, role});
  });
  return uses;
}

v1::DefineTdxDomainRequest WithResolvedPaths(v1::DefineTdxDomainRequest request,
                                             const std::vector<std::string>& resolved) {
  size_t next = 0;
  VisitPaths(request, [&](const std::string&, PathRole, std::string& path) {
    if (next < resolved.size()) path = resolved[next++];
  });
  return request;
}

}  // namespace ccplace
