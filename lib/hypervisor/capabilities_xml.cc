#include "lib/hypervisor/capabilities_xml.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/base/number.h"
#include "lib/base/text.h"
#include "lib/xml/xml_document.h"

namespace ccplace {
namespace {

std::string BaseLabelOf(const xmlNode* model) {
  std::string text;
  EachChild(model, "baselabel", [&text](const xmlNode* label) {
    if (text.empty() && AttributeOf(label, "type") == "kvm") text = TextOf(label);
  });
  return text;
}

std::optional<uint32_t> IdOfLabel(absl::string_view text) {
  absl::ConsumePrefix(&text, "+");
  const std::optional<uint64_t> id = ParseDecimal(text);
  if (!id.has_value() || *id > UINT32_MAX) return std::nullopt;
  return static_cast<uint32_t>(*id);
}

absl::Status TakeLabel(const std::string& label, QemuUser& user) {
  const std::vector<std::string> ids = absl::StrSplit(label, ':');
  const auto uid = IdOfLabel(ids[0]);
  const auto gid = ids.size() == 2 ? IdOfLabel(ids[1]) : std::nullopt;
  if (!uid.has_value() || !gid.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("libvirt's capabilities have the DAC base label ", Quoted(label)));
  }
  user.uid = *uid;
  user.gid = *gid;
  return absl::OkStatus();
}

void TakeAliases(const xmlNode* architecture, MachineAliases& aliases) {
  if (AttributeOf(architecture, "name") != "x86_64") return;
  EachChild(architecture, "machine", [&aliases](const xmlNode* machine) {
    const std::string canonical = AttributeOf(machine, "canonical");
    if (!canonical.empty()) aliases.emplace(TextOf(machine), canonical);
  });
}

}  // namespace

absl::StatusOr<QemuUser> ParseQemuUser(absl::string_view capabilities_xml) {
  const absl::StatusOr<XmlDocument> document = ParseXml(capabilities_xml);
  if (!document.ok()) return document.status();
  const xmlNode* host = FindChild(xmlDocGetRootElement(document->get()), "host");
  QemuUser user;
  absl::Status label = absl::NotFoundError("libvirt's capabilities state no user of QEMU's");
  EachChild(host, "secmodel", [&](const xmlNode* model) {
    const std::string name = TextOf(FindChild(model, "model"));
    if (name == "dac") label = TakeLabel(BaseLabelOf(model), user);
    if (name == "apparmor" || name == "selinux") user.confined_by.push_back(name);
  });
  if (!label.ok()) return label;
  return user;
}

absl::StatusOr<MachineAliases> ParseMachineAliases(absl::string_view capabilities_xml) {
  const absl::StatusOr<XmlDocument> document = ParseXml(capabilities_xml);
  if (!document.ok()) return document.status();
  MachineAliases aliases;
  EachChild(xmlDocGetRootElement(document->get()), "guest", [&aliases](const xmlNode* guest) {
    if (TextOf(FindChild(guest, "os_type")) == "hvm")
      TakeAliases(FindChild(guest, "arch"), aliases);
  });
  return aliases;
}

}  // namespace ccplace
