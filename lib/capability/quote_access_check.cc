// The check of whether QEMU may reach the Quote Generation Service. That somebody listens there is
// another one: ccplaced's own connect says nothing of QEMU's.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "lib/base/text.h"
#include "lib/capability/checks.h"

namespace ccplace {
namespace {

constexpr uint32_t kMayWrite = 2;   // To connect to a socket (unix(7)) ...
constexpr uint32_t kMaySearch = 1;  // ... and to go through a folder (path_resolution(7)).

// QEMU's user as the host names it. libvirt takes every capability from QEMU, so root is a user
// like any other to file modes (qemu.conf, clear_emulator_capabilities).
class QemuAccess {
 public:
  QemuAccess(const QemuUser& user, const HostAccounts& accounts)
      : user_(user), accounts_(accounts) {}

  std::string Name() const {
    const auto name = accounts_.users.find(user_.uid);
    return name == accounts_.users.end() ? absl::StrCat(user_.uid) : Printable(name->second);
  }

  // Users from elsewhere have groups that are not known here.
  bool HasKnownGroups() const { return accounts_.users.count(user_.uid) > 0; }

  std::string GroupName(uint32_t gid) const {
    const auto group = accounts_.groups.find(gid);
    return group == accounts_.groups.end() ? absl::StrCat(gid) : Printable(group->second.name);
  }

  bool IsIn(uint32_t gid) const {
    if (gid == user_.gid) return true;
    const auto name = accounts_.users.find(user_.uid);
    const auto group = accounts_.groups.find(gid);
    return name != accounts_.users.end() && group != accounts_.groups.end() &&
           group->second.members.count(name->second) > 0;
  }

  bool May(uint32_t what, const FileAccess& file) const {
    const uint32_t shift = file.uid == user_.uid ? 6 : IsIn(file.gid) ? 3 : 0;
    return ((file.mode >> shift) & what) != 0;
  }

 private:
  const QemuUser& user_;
  const HostAccounts& accounts_;
};

uint32_t WantedAt(const std::vector<AccessStep>& steps, const AccessStep& step) {
  return &step == &steps.back() ? kMayWrite : kMaySearch;
}

std::string DescriptionOf(const AccessStep& step, const QemuAccess& qemu) {
  return absl::StrFormat("%s has mode %04o, owner %d, group %s", Printable(step.path, 4096),
                         step.access.mode & 07777u, step.access.uid,
                         qemu.GroupName(step.access.gid));
}

Finding Refused(const AccessStep& step, uint32_t wanted, const QemuAccess& qemu,
                const std::string& source) {
  const std::string found =
      absl::StrCat("QEMU's user ", qemu.Name(), " may not ",
                   wanted == kMayWrite ? "connect: " : "go through: ", DescriptionOf(step, qemu));
  const std::string group = qemu.GroupName(step.access.gid);
  const bool group_may = ((step.access.mode >> 3) & wanted) != 0;
  if (group_may && !qemu.HasKnownGroups()) {
    return Unknown(found, source,
                   absl::StrCat("see with `id` that QEMU's user is in group ", group));
  }
  if (group_may) {
    return Fail(found, source,
                absl::StrCat("usermod -aG ", group, " ", qemu.Name(),
                             "; guests that start from then on can be attested"));
  }
  return Fail(found, source,
              absl::StrCat("give the group access, as the service's packages do: chmod g+",
                           wanted == kMayWrite ? "rw " : "x ", Printable(step.path, 4096),
                           ", and put ", qemu.Name(), " into its group"));
}

Finding NotTold(const absl::Status& why, const std::string& source) {
  return Unknown(why.message(), source,
                 "see by hand that QEMU's user may open the socket: owner, group and mode of the "
                 "socket and of its folders");
}

}  // namespace

Finding CheckQuoteServiceAccess(const CheckInput& input) {
  const std::string& path = input.options.quote_service_path;
  const std::string source = absl::StrCat(path, ", libvirt capabilities <secmodel>");
  const SocketAccess& socket = input.files.quote_socket;
  if (!input.hypervisor.ok()) return NotTold(input.hypervisor.status(), source);
  if (!input.hypervisor->qemu_user.ok()) {
    return NotTold(input.hypervisor->qemu_user.status(), source);
  }
  if (!socket.steps.ok()) return NotTold(socket.steps.status(), source);
  if (!socket.accounts.ok()) return NotTold(socket.accounts.status(), source);
  const QemuAccess qemu(*input.hypervisor->qemu_user, *socket.accounts);
  for (const AccessStep& step : *socket.steps) {
    const uint32_t wanted = WantedAt(*socket.steps, step);
    if (step.access.has_acl) {
      return Unknown(absl::StrCat(Printable(step.path, 4096), " has an access control list"),
                     source, absl::StrCat("see with getfacl that it lets ", qemu.Name(), " in"));
    }
    if (!qemu.May(wanted, step.access)) return Refused(step, wanted, qemu, source);
  }
  const std::string found =
      absl::StrCat("QEMU's user ", qemu.Name(), " may connect, by owner, group and mode");
  const std::vector<std::string>& confined_by = input.hypervisor->qemu_user->confined_by;
  if (confined_by.empty()) return Pass(found, source);
  const std::string models = absl::StrJoin(confined_by, " and ");
  return Unknown(absl::StrCat(found, "; whether ", models, " lets it is not known"), source,
                 absl::StrCat("start a guest that asks for a quote, and look for denials of ",
                              models, " in the kernel's log"));
}

}  // namespace ccplace
