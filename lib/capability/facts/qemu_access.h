// What QEMU's user may do with a file, by owner, group and mode.
#ifndef CCPLACE_LIB_CAPABILITY_FACTS_QEMU_ACCESS_H_
#define CCPLACE_LIB_CAPABILITY_FACTS_QEMU_ACCESS_H_

#include <cstdint>
#include <string>

#include "lib/host/accounts.h"
#include "lib/host/host_files.h"
#include "lib/hypervisor/capabilities_xml.h"

namespace ccplace {

// QEMU's user as the host names it. A QEMU of root's (qemu.conf, user = "root") has root's
// capabilities, whatever clear_emulator_capabilities says: libvirt 12.8 leaves the bounding set as
// it is, from which root gets them back (src/util/virutil.c, virSetUIDGIDWithCaps; tests/lab).
// Refers to its parts; lives no longer than they do. Thread-safe.
class QemuAccess {
 public:
  QemuAccess(const QemuUser& user, const HostAccounts& accounts)
      : user_(user), accounts_(accounts) {}

  // By name where the host has one; else by number.
  std::string Name() const;
  std::string GroupName(uint32_t gid) const;

  bool IsRoot() const { return user_.uid == 0; }

  // Users from elsewhere have groups that are not known here.
  bool HasKnownGroups() const { return accounts_.users.count(user_.uid) > 0; }

  // Whether `what`, of the bits of one class (4 to read, 2 to write, 1 to go through), is allowed;
  // to root all is. Access control lists are not looked at.
  bool May(uint32_t what, const FileAccess& file) const;

 private:
  bool IsIn(uint32_t gid) const;

  const QemuUser& user_;
  const HostAccounts& accounts_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_FACTS_QEMU_ACCESS_H_
