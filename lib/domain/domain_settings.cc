#include "lib/domain/domain_settings.h"

#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "lib/base/text.h"
#include "lib/xml/xml_document.h"

namespace ccplace {
namespace {

constexpr char kDefaultQuoteService[] = "/var/run/tdx-qgs/qgs.socket";  // libvirt's own.
constexpr uint32_t kCpuLimit = 16384;                                   // libvirt's bitmaps.
constexpr size_t kTextLimitBytes = 256;

std::string TrimmedText(const xmlNode* node) {
  return std::string(absl::StripAsciiWhitespace(TextOf(node)));
}

// An amount of memory, whose unit is KiB where none is stated (libvirt, formatdomain).
std::string Kib(const xmlNode* node, const char* unit_name, const std::string& amount) {
  const std::string unit = AttributeOf(node, unit_name);
  uint64_t value = 0;
  if (!absl::SimpleAtoi(amount, &value) || value > UINT64_MAX / 1024 / 1024) return amount;
  if (unit == "MiB" || unit == "M") value *= 1024;
  if (unit == "GiB" || unit == "G") value *= uint64_t{1024} * 1024;
  return absl::StrCat(value);
}

std::string Mib(const xmlNode* node) {
  const std::string kib = Kib(node, "unit", TrimmedText(node));
  uint64_t value = 0;
  if (!absl::SimpleAtoi(kib, &value)) return kib;
  return value % 1024 == 0 ? absl::StrCat(value / 1024) : absl::StrCat(value, " KiB");
}

// "0,1,2,8" as "0-2,8": libvirt writes sets in a form of its own.
std::string CpuSet(const std::string& text) {
  std::vector<bool> members(kCpuLimit);
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const std::vector<std::string> ends = absl::StrSplit(part, absl::MaxSplits('-', 1));
    uint32_t first = 0;
    uint32_t last = 0;
    if (!absl::SimpleAtoi(ends.front(), &first) || !absl::SimpleAtoi(ends.back(), &last) ||
        last >= kCpuLimit) {
      return text;
    }
    for (uint32_t cpu = first; cpu <= last; ++cpu) members[cpu] = true;
  }
  std::vector<std::string> ranges;
  for (uint32_t cpu = 0; cpu < kCpuLimit; ++cpu) {
    if (!members[cpu]) continue;
    const uint32_t first = cpu;
    while (cpu + 1 < kCpuLimit && members[cpu + 1]) ++cpu;
    ranges.push_back(first == cpu ? absl::StrCat(first) : absl::StrCat(first, "-", cpu));
  }
  return absl::StrJoin(ranges, ",");
}

std::string Hex(const std::string& text) {
  uint64_t value = 0;
  return absl::SimpleHexAtoi(absl::StripAsciiWhitespace(text), &value)
             ? absl::StrFormat("0x%x", value)
             : text;
}

std::string HexOfBase64(const std::string& text) {
  std::string bytes;
  if (!absl::Base64Unescape(text, &bytes)) return text;
  // Zeroes are what is measured where nothing is stated.
  return bytes.find_first_not_of('\0') == std::string::npos ? "" : absl::BytesToHexString(bytes);
}

void ReadMemory(const xmlNode* domain, Settings& out) {
  const std::string memory = Mib(FindChild(domain, "memory"));
  Set(out, "domain.memory_mib", memory);
  const xmlNode* current = FindChild(domain, "currentMemory");
  if (current != nullptr && Mib(current) != memory) Set(out, "xml.currentMemory", Mib(current));
  const xmlNode* backing = FindChild(domain, "memoryBacking");
  const xmlNode* page = FindChild(FindChild(backing, "hugepages"), "page");
  Set(out, "domain.memory_backing.hugepage_size_kib", Kib(page, "unit", AttributeOf(page, "size")));
  Set(out, "domain.memory_backing.shared", AttributeOf(FindChild(backing, "access"), "mode"));
  Set(out, "xml.memoryBacking.source", AttributeOf(FindChild(backing, "source"), "type"));
  SetOthers(backing, "xml.memoryBacking", "|hugepages|access|source|", out);
}

void ReadCpus(const xmlNode* domain, Settings& out) {
  const xmlNode* vcpu = FindChild(domain, "vcpu");
  const std::string current = AttributeOf(vcpu, "current");
  Set(out, "domain.vcpus", current.empty() ? TrimmedText(vcpu) : current);
  const std::string cpuset = AttributeOf(vcpu, "cpuset");
  if (!cpuset.empty()) Set(out, "domain.placement.cpuset", CpuSet(cpuset));
  const xmlNode* tune = FindChild(domain, "cputune");
  const std::string emulator = AttributeOf(FindChild(tune, "emulatorpin"), "cpuset");
  if (!emulator.empty()) Set(out, "domain.placement.emulator_cpuset", CpuSet(emulator));
  SetOthers(tune, "xml.cputune", "|emulatorpin|", out);
  const xmlNode* numa = FindChild(domain, "numatune");
  const xmlNode* memory = FindChild(numa, "memory");
  const std::string nodes = AttributeOf(memory, "nodeset");
  if (!nodes.empty()) Set(out, "domain.placement.numa_nodeset", CpuSet(nodes));
  Set(out, "xml.numatune.memory.mode", AttributeOf(memory, "mode"));
  SetOthers(numa, "xml.numatune", "|memory|", out);
  const xmlNode* cpu = FindChild(domain, "cpu");
  for (const char* name : {"mode", "check", "migratable"}) {
    Set(out, absl::StrCat("xml.cpu.", name), AttributeOf(cpu, name));
  }
  const xmlNode* topology = FindChild(cpu, "topology");
  for (const char* name : {"sockets", "dies", "cores", "threads"}) {
    Set(out, absl::StrCat("domain.cpu_topology.", name), AttributeOf(topology, name));
  }
  SetOthers(cpu, "xml.cpu", "|topology|", out);
}

// The loader's path is libvirt's choice: see DomainOwnership::firmware_path.
void ReadOs(const xmlNode* domain, Settings& out) {
  const xmlNode* os = FindChild(domain, "os");
  Set(out, "domain.machine_type", AttributeOf(FindChild(os, "type"), "machine"));
  Set(out, "xml.os.loader.stateless", AttributeOf(FindChild(os, "loader"), "stateless"));
  SetOthers(os, "xml.os", "|type|loader|firmware|", out);
}

void ReadFeatures(const xmlNode* domain, Settings& out) {
  const xmlNode* features = FindChild(domain, "features");
  for (const char* name : {"acpi", "apic"}) {
    const bool there = FindChild(features, name) != nullptr;
    Set(out, absl::StrCat("xml.features.", name), there ? "on" : "");
  }
  Set(out, "xml.features.ioapic", AttributeOf(FindChild(features, "ioapic"), "driver"));
  for (const char* name : {"pmu", "smm"}) {
    Set(out, absl::StrCat("xml.features.", name), AttributeOf(FindChild(features, name), "state"));
  }
  SetOthers(features, "xml.features", "|acpi|apic|ioapic|pmu|smm|", out);
}

void ReadLife(const xmlNode* domain, Settings& out) {
  for (const char* name : {"on_poweroff", "on_reboot", "on_crash"}) {
    Set(out, absl::StrCat("xml.", name), TrimmedText(FindChild(domain, name)));
  }
  const xmlNode* pm = FindChild(domain, "pm");
  for (const char* name : {"suspend-to-mem", "suspend-to-disk"}) {
    Set(out, absl::StrCat("xml.pm.", name), AttributeOf(FindChild(pm, name), "enabled"));
  }
  Set(out, "xml.clock.offset", AttributeOf(FindChild(domain, "clock"), "offset"));
}

void ReadLaunch(const xmlNode* domain, Settings& out) {
  const xmlNode* security = FindChild(domain, "launchSecurity");
  Set(out, "xml.launchSecurity.type", AttributeOf(security, "type"));
  Set(out, "xml.launchSecurity.policy", Hex(TextOf(FindChild(security, "policy"))));
  const std::pair<const char*, const char*> fields[] = {
      {"mrConfigId", "launch.mr_config_id"},
      {"mrOwner", "launch.mr_owner"},
      {"mrOwnerConfig", "launch.mr_owner_config"}};
  for (const auto& [element, field] : fields) {
    Set(out, field, HexOfBase64(TrimmedText(FindChild(security, element))));
  }
  const xmlNode* service = FindChild(security, "quoteGenerationService");
  Set(out, "xml.launchSecurity.quoteGenerationService", service == nullptr ? "" : "on");
  const std::string path = AttributeOf(service, "path");
  Set(out, "launch.quote_service_path", path == kDefaultQuoteService ? "" : path);
}

}  // namespace

void Set(Settings& settings, const std::string& name, const std::string& value) {
  if (!value.empty()) settings[name] = Printable(value, kTextLimitBytes);
}

void SetOthers(const xmlNode* parent, const std::string& path, absl::string_view known,
               Settings& settings) {
  if (parent == nullptr) return;
  for (const xmlNode* child = parent->children; child != nullptr; child = child->next) {
    if (child->type != XML_ELEMENT_NODE) continue;
    const std::string name = reinterpret_cast<const char*>(child->name);
    if (child->ns == nullptr && absl::StrContains(known, absl::StrCat("|", name, "|"))) continue;
    const std::string text = TrimmedText(child);
    Set(settings, absl::StrCat(path, ".", Printable(name)), text.empty() ? "present" : text);
  }
}

absl::StatusOr<DomainSettings> ReadDomainSettings(absl::string_view xml) {
  const absl::StatusOr<XmlDocument> document = ParseXml(xml);
  if (!document.ok()) return document.status();
  const xmlNode* domain = xmlDocGetRootElement(document->get());
  if (!Equals(domain->name, "domain")) {
    return absl::InvalidArgumentError("XML without a <domain> at its root");
  }
  DomainSettings settings;
  Set(settings.domain, "domain.name", TrimmedText(FindChild(domain, "name")));
  Set(settings.domain, "xml.type", AttributeOf(domain, "type"));
  ReadMemory(domain, settings.domain);
  ReadCpus(domain, settings.domain);
  ReadOs(domain, settings.domain);
  ReadFeatures(domain, settings.domain);
  ReadLife(domain, settings.domain);
  ReadLaunch(domain, settings.domain);
  ReadDeviceSettings(FindChild(domain, "devices"), settings);
  SetOthers(domain, "xml",
            "|name|uuid|title|description|metadata|memory|currentMemory|memoryBacking|vcpu|cputune"
            "|numatune|resource|os|features|cpu|clock|on_poweroff|on_reboot|on_crash|pm|devices"
            "|launchSecurity|seclabel|",
            settings.domain);
  return settings;
}

}  // namespace ccplace
