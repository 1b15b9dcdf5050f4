// What QEMU's user may do with a file, by owner, group and mode.
#ifndef CCPLACE_LIB_CAPABILITY_FACTS_QEMU_ACCESS_H_
#define CCPLACE_LIB_CAPABILITY_FACTS_QEMU_ACCESS_H_

#include <cstdint>
#include <string>

#include "lib/host/accounts.h"
#include "lib/host/host_files.h"
#include "lib/hypervisor/capabilities_xml.h"

namespace ccplace {

// QEMU's user as the host names it. libvirt takes every capability from QEMU, so root is a user
// like any other to file modes (qemu.conf, clear_emulator_capabilities). Refers to its parts; lives
// no longer than they do. Thread-safe.
class QemuAccess {
 public:
  QemuAccess(const QemuUser& user, const HostAccounts& accounts)
      : user_(user), accounts_(accounts) {}

  // By name where the host has one; else by number.
  std::string Name() const;
  std::string GroupName(uint32_t gid) const;

  // Users from elsewhere have groups that are not known here.
  bool HasKnownGroups() const { return accounts_.users.count(user_.uid) > 0; }

  // Whether `what`, of the bits of one class (4 to read, 2 to write, 1 to go through), is allowed.
  // Access control lists are not looked at.
  bool May(uint32_t what, const FileAccess& file) const;

 private:
  bool IsIn(uint32_t gid) const;

  const QemuUser& user_;
  const HostAccounts& accounts_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_FACTS_QEMU_ACCESS_H_
