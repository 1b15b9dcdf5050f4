// The check of whether QEMU may reach the Quote Generation Service. That somebody listens there is
// another one: ccplaced's own connect says nothing of QEMU's.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/base/text.h"
#include "lib/capability/checks/checks.h"
#include "lib/capability/facts/qemu_access.h"
#include "lib/host/apparmor_rules.h"

namespace ccplace {
namespace {

constexpr uint32_t kMayWrite = 2;   // To connect to a socket (unix(7)) ...
constexpr uint32_t kMaySearch = 1;  // ... and to go through a folder (path_resolution(7)).

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

// What is written says whether AppArmor is told to let guests in. That it is told nothing does not
// say that it keeps them out: kernels mediate sockets or do not.
Finding UnderAppArmor(const SocketAccess& socket, const Finding& before) {
  const std::string path = Printable(socket.steps->back().path, 4096);
  const std::string source = absl::StrCat(before.source, ", ", kGuestProfile);
  const absl::StatusOr<std::string>& rule = socket.apparmor_rule;
  if (rule.ok()) {
    return Pass(absl::StrCat(before.found, "; a rule of AppArmor lets it: ", *rule), source);
  }
  const std::string found = absl::StrCat(
      before.found, "; whether AppArmor lets it is not known: ", rule.status().message());
  if (absl::IsFailedPrecondition(rule.status())) {
    return Unknown(found, source, "take the rule that denies it out of that file");
  }
  if (!absl::IsNotFound(rule.status())) {
    return Unknown(found, source,
                   absl::StrCat("let ccplaced read ", kGuestProfile,
                                " and what it includes: in a container, mount the host's /etc"));
  }
  return Unknown(found, source,
                 absl::StrCat("put the line \"", path, " rw,\" into a file in ",
                              kGuestProfileAdditions, "; guests that start from then on have it"));
}

Finding UnderSelinux(const SocketAccess& socket, const Finding& before) {
  const std::string path = Printable(socket.steps->back().path, 4096);
  const std::string source = absl::StrCat(before.source, ", /sys/fs/selinux/enforce");
  const absl::StatusOr<bool>& enforces = socket.selinux_enforces;
  if (enforces.ok() && !*enforces) {
    return Pass(absl::StrCat(before.found, "; SELinux is permissive"), source);
  }
  return Unknown(
      absl::StrCat(before.found, "; whether SELinux lets it is not known"), source,
      absl::StrCat("start a guest that asks for a quote, then `ausearch -m avc -ts recent` "
                   "(/var/log/audit/audit.log): what it denies to svirt_t on ",
                   path, ", a module made with `audit2allow -M` allows"));
}

// `model` as libvirt names it.
Finding Confined(const std::string& model, const SocketAccess& socket, const Finding& before) {
  return model == "apparmor" ? UnderAppArmor(socket, before) : UnderSelinux(socket, before);
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
    if (step.access.has_acl && !qemu.IsRoot()) {
      return Unknown(absl::StrCat(Printable(step.path, 4096), " has an access control list"),
                     source, absl::StrCat("see with getfacl that it lets ", qemu.Name(), " in"));
    }
    if (!qemu.May(wanted, step.access)) return Refused(step, wanted, qemu, source);
  }
  const absl::string_view why =
      qemu.IsRoot() ? ": it has all rights" : ", by owner, group and mode";
  Finding finding = Pass(absl::StrCat("QEMU's user ", qemu.Name(), " may connect", why), source);
  for (const std::string& model : input.hypervisor->qemu_user->confined_by) {
    if (finding.result == v1::CHECK_RESULT_PASS) finding = Confined(model, socket, finding);
  }
  return finding;
}

}  // namespace ccplace
