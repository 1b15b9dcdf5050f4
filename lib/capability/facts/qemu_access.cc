#include "lib/capability/facts/qemu_access.h"

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace {

std::string QemuAccess::Name() const {
  const auto user = accounts_.users.find(user_.uid);
  return user == accounts_.users.end() ? absl::StrCat(user_.uid) : Printable(user->second.name);
}

std::string QemuAccess::GroupName(uint32_t gid) const {
  const auto group = accounts_.groups.find(gid);
  return group == accounts_.groups.end() ? absl::StrCat(gid) : Printable(group->second.name);
}

// libvirt gives QEMU the groups of its user, the primary one included, beside the one that
// qemu.conf names (src/util/virutil.c, virGetGroupList).
bool QemuAccess::IsIn(uint32_t gid) const {
  if (gid == user_.gid) return true;
  const auto user = accounts_.users.find(user_.uid);
  if (user == accounts_.users.end()) return false;
  if (gid == user->second.gid) return true;
  const auto group = accounts_.groups.find(gid);
  return group != accounts_.groups.end() && group->second.members.count(user->second.name) > 0;
}

bool QemuAccess::May(uint32_t what, const FileAccess& file) const {
  if (IsRoot()) return true;
  const uint32_t shift = file.uid == user_.uid ? 6 : IsIn(file.gid) ? 3 : 0;
  return ((file.mode >> shift) & what) != 0;
}

}  // namespace ccplace
