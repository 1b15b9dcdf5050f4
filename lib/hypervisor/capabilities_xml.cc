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
  for (const xmlNode* label = FindChild(model, "baselabel"); label != nullptr;
       label = label->next) {
    if (label->type == XML_ELEMENT_NODE && AttributeOf(label, "type") == "kvm") {
      return TextOf(label);
    }
  }
  return "";
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

bool IsNamed(const xmlNode* node, absl::string_view name) {
  return node->type == XML_ELEMENT_NODE && Equals(node->name, name);
}

void TakeAliases(const xmlNode* architecture, MachineAliases& aliases) {
  if (AttributeOf(architecture, "name") != "x86_64") return;
  for (const xmlNode* one = FindChild(architecture, "machine"); one != nullptr; one = one->next) {
    if (!IsNamed(one, "machine")) continue;
    const std::string canonical = AttributeOf(one, "canonical");
    if (!canonical.empty()) aliases.emplace(TextOf(one), canonical);
  }
}

}  // namespace

absl::StatusOr<QemuUser> ParseQemuUser(absl::string_view capabilities_xml) {
  const absl::StatusOr<XmlDocument> document = ParseXml(capabilities_xml);
  if (!document.ok()) return document.status();
  const xmlNode* host = FindChild(xmlDocGetRootElement(document->get()), "host");
  QemuUser user;
  absl::Status label = absl::NotFoundError("libvirt's capabilities state no user of QEMU's");
  for (const xmlNode* model = FindChild(host, "secmodel"); model != nullptr; model = model->next) {
    if (model->type != XML_ELEMENT_NODE || !Equals(model->name, "secmodel")) continue;
    const std::string name = TextOf(FindChild(model, "model"));
    if (name == "dac") label = TakeLabel(BaseLabelOf(model), user);
    if (name == "apparmor" || name == "selinux") user.confined_by.push_back(name);
  }
  if (!label.ok()) return label;
  return user;
}

absl::StatusOr<MachineAliases> ParseMachineAliases(absl::string_view capabilities_xml) {
  const absl::StatusOr<XmlDocument> document = ParseXml(capabilities_xml);
  if (!document.ok()) return document.status();
  MachineAliases aliases;
  const xmlNode* guest = FindChild(xmlDocGetRootElement(document->get()), "guest");
  for (; guest != nullptr; guest = guest->next) {
    if (!IsNamed(guest, "guest") || TextOf(FindChild(guest, "os_type")) != "hvm") continue;
    const xmlNode* architecture = FindChild(guest, "arch");
    if (architecture != nullptr) TakeAliases(architecture, aliases);
  }
  return aliases;
}

}  // namespace ccplace
