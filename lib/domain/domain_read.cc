#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "lib/base/text.h"
#include "lib/domain/domain_xml.h"
#include "lib/domain/ownership.h"
#include "lib/xml/xml_document.h"

namespace ccplace {
namespace {

constexpr size_t kLaunchFieldBytes = 48;

// SEV-ES in the guest policy (AMD SEV API specification, guest policy structure, bit 2).
constexpr uint64_t kSevPolicyEs = 0x4;
constexpr size_t kDigestBytes = 64;
constexpr size_t kMetadataTextLimit = 255;
constexpr size_t kPathLimit = 4096;

// libvirt writes policies as "0x...", and takes no other form.
uint64_t PolicyOf(const xmlNode* security) {
  const std::string text = TextOf(FindChild(security, "policy"));
  uint64_t value = 0;
  return absl::SimpleHexAtoi(absl::StripAsciiWhitespace(text), &value) ? value : 0;
}

v1::EncryptionModel ModelOf(const xmlNode* security) {
  const std::string type = AttributeOf(security, "type");
  if (type == "tdx") return v1::ENCRYPTION_MODEL_INTEL_TDX;
  if (type == "sev-snp") return v1::ENCRYPTION_MODEL_AMD_SEV_SNP;
  if (type != "sev") return v1::ENCRYPTION_MODEL_UNSPECIFIED;
  return (PolicyOf(security) & kSevPolicyEs) != 0 ? v1::ENCRYPTION_MODEL_AMD_SEV_ES
                                                  : v1::ENCRYPTION_MODEL_AMD_SEV;
}

// The 48 bytes of a measurement field (the size of SHA-384); empty when the text is not base64 of
// as many, which libvirt never defines.
std::string LaunchBytes(const xmlNode* security, absl::string_view name) {
  std::string bytes;
  if (!absl::Base64Unescape(TextOf(FindChild(security, name)), &bytes)) return std::string();
  return bytes.size() == kLaunchFieldBytes ? bytes : std::string();
}

bool IsHex(absl::string_view text) {
  for (char c : text) {
    if (!absl::ascii_isdigit(c) && (c < 'a' || c > 'f')) return false;
  }
  return true;
}

bool IsDigest(absl::string_view text) { return text.size() == kDigestBytes && IsHex(text); }

bool IsBoundedText(const std::string& text) {
  return text.size() <= kMetadataTextLimit && IsPrintable(text);
}

std::string OwnTextOf(const xmlNode* entry, const char* name) {
  return TextOf(FindChild(entry, name, kOwnershipNamespace));
}

// A path as text that nobody has checked; empty when it is none.
std::string PathOf(const xmlNode* entry) {
  const std::string path = OwnTextOf(entry, kFirmwareElement);
  const bool is_path =
      !path.empty() && path.size() <= kPathLimit && path.front() == '/' && IsPrintable(path);
  return is_path ? path : std::string();
}

// 48 bytes from lower-case hex; empty when the text is none.
std::string MeasurementIn(const xmlNode* entry, const char* name) {
  const std::string digits = OwnTextOf(entry, name);
  const bool is_one = digits.size() == 2 * kLaunchFieldBytes && IsHex(digits);
  return is_one ? BytesFromHex(digits) : std::string();
}

// A record that this service would not have written is none. One of an earlier version has neither
// MRTD nor module.
std::optional<LaunchRecord> LaunchOf(const xmlNode* entry) {
  const xmlNode* launch = FindChild(entry, kLaunchElement, kOwnershipNamespace);
  LaunchRecord record;
  record.started_at = OwnTextOf(launch, kStartedAtElement);
  record.firmware_path = PathOf(launch);
  record.firmware_sha384 = MeasurementIn(launch, kFirmwareSha384Element);
  record.mrtd = MeasurementIn(launch, kMrtdElement);
  record.tdx_module = OwnTextOf(launch, kTdxModuleElement);
  if (record.firmware_sha384.empty() || record.firmware_path.empty()) return std::nullopt;
  if (!IsBoundedText(record.started_at) || !IsBoundedText(record.tdx_module)) return std::nullopt;
  return record;
}

// Metadata can be written by others: what this service would not have written is not its own.
std::optional<DomainOwnership> OwnershipOf(const xmlNode* metadata) {
  const xmlNode* entry = FindChild(metadata, kOwnershipElement, kOwnershipNamespace);
  if (entry == nullptr) return std::nullopt;
  DomainOwnership ownership;
  ownership.request_digest = OwnTextOf(entry, kRequestDigestElement);
  ownership.owner = OwnTextOf(entry, kOwnerElement);
  ownership.defined_at = OwnTextOf(entry, kDefinedAtElement);
  ownership.service_version = OwnTextOf(entry, kServiceVersionElement);
  ownership.firmware_path = PathOf(entry);
  ownership.launch = LaunchOf(entry);
  if (!IsDigest(ownership.request_digest) || !IsBoundedText(ownership.owner) ||
      !IsBoundedText(ownership.defined_at) || !IsBoundedText(ownership.service_version)) {
    return std::nullopt;
  }
  return ownership;
}

void PutBareElementsInSpace(xmlNode* node, xmlNs* space) {
  if (node->type == XML_ELEMENT_NODE && node->ns == nullptr) xmlSetNs(node, space);
  for (xmlNode* child = node->children; child != nullptr; child = child->next) {
    PutBareElementsInSpace(child, space);
  }
}

void ReadReference(const xmlNode* domain, const xmlNode* security, v1::LaunchReference& reference) {
  const xmlNode* os = FindChild(domain, "os");
  reference.set_firmware_path(TextOf(FindChild(os, "loader")));
  reference.set_machine_type(AttributeOf(FindChild(os, "type"), "machine"));
  reference.set_policy(PolicyOf(security));
  reference.set_mr_config_id(LaunchBytes(security, "mrConfigId"));
  reference.set_mr_owner(LaunchBytes(security, "mrOwner"));
  reference.set_mr_owner_config(LaunchBytes(security, "mrOwnerConfig"));
  reference.set_quote_service_path(
      AttributeOf(FindChild(security, "quoteGenerationService"), "path"));
}

// Only files and block devices: libvirt's other kinds of source have no path of the host's.
void ReadStorage(const xmlNode* disk, std::vector<DomainDisk>& disks) {
  const xmlNode* source = FindChild(disk, "source");
  std::string path = AttributeOf(source, "file");
  if (path.empty()) path = AttributeOf(source, "dev");
  if (path.empty()) return;
  disks.push_back({std::move(path), FindChild(disk, "readonly") == nullptr,
                   FindChild(disk, "shareable") != nullptr});
}

void ReadSocket(const xmlNode* interface, std::vector<DomainSocket>& sockets) {
  if (AttributeOf(interface, "type") != "vhostuser") return;
  const xmlNode* source = FindChild(interface, "source");
  std::string path = AttributeOf(source, "path");
  if (!path.empty()) sockets.push_back({std::move(path), AttributeOf(source, "mode") == "server"});
}

void ReadUsedPaths(const xmlNode* domain, DefinedDomain& defined) {
  const xmlNode* devices = FindChild(domain, "devices");
  EachChild(devices, "disk", [&](const xmlNode* disk) { ReadStorage(disk, defined.disks); });
  EachChild(devices, "interface",
            [&](const xmlNode* interface) { ReadSocket(interface, defined.sockets); });
  for (const char* kind : {"serial", "console"}) {
    EachChild(devices, kind, [&](const xmlNode* device) {
      std::string path = AttributeOf(FindChild(device, "log"), "file");
      if (!path.empty()) defined.logs.push_back(std::move(path));
    });
  }
}

}  // namespace

absl::StatusOr<DefinedDomain> ReadDomainXml(absl::string_view xml) {
  const absl::StatusOr<XmlDocument> document = ParseXml(xml, XmlUse::kToRead);
  if (!document.ok()) return document.status();
  const xmlNode* domain = FindChild(reinterpret_cast<const xmlNode*>(document->get()), "domain");
  if (domain == nullptr) return absl::InvalidArgumentError("XML without a <domain> at its root");
  DefinedDomain defined;
  defined.uuid = TextOf(FindChild(domain, "uuid"));
  defined.name = TextOf(FindChild(domain, "name"));
  if (defined.uuid.empty() || defined.name.empty()) {
    return absl::InvalidArgumentError("domain without <uuid> or <name>");
  }
  const xmlNode* security = FindChild(domain, "launchSecurity");
  defined.model = ModelOf(security);
  defined.ownership = OwnershipOf(FindChild(domain, "metadata"));
  ReadReference(domain, security, defined.reference);
  // libvirt gives an id to a domain that has a process, and to no other.
  defined.active = !AttributeOf(domain, "id").empty();
  ReadUsedPaths(domain, defined);
  return defined;
}

// libvirt gives the element out without its namespace.
std::optional<DomainOwnership> ReadOwnershipXml(absl::string_view xml) {
  const absl::StatusOr<XmlDocument> document = ParseXml(xml);
  if (!document.ok()) return std::nullopt;
  xmlNode* entry = xmlDocGetRootElement(document->get());
  PutBareElementsInSpace(entry, xmlNewNs(entry, ToXml(kOwnershipNamespace), nullptr));
  return OwnershipOf(reinterpret_cast<const xmlNode*>(document->get()));
}

}  // namespace ccplace
