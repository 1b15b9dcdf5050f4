// Whatever trust domain is asked for: it is refused, or its XML parses, holds exactly one
// launchSecurity, and every string of the caller comes back out unchanged.
#include <fuzzer/FuzzedDataProvider.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "lib/domain/domain_xml.h"

namespace {

using ccplace::v1::DefineTdxDomainRequest;

const char* const kPieces[] = {"'",    "\"",        "<",  ">",     "&",        "]]>",
                               "<!--", "&amp;",     "\n", "\x01",  "\xC3\xA9", "../",
                               "/var", "<a b='c'>", "%s", "pool-1"};

std::string Text(FuzzedDataProvider& data, const char* good) {
  switch (data.ConsumeIntegralInRange<int>(0, 4)) {
    case 0:
      return data.ConsumeRandomLengthString(64);
    case 1:
      return std::string(good) + data.PickValueInArray(kPieces);
    default:
      return good;
  }
}

void AddDisk(FuzzedDataProvider& data, ccplace::v1::TdxDomainSpec& spec) {
  auto* disk = spec.add_disks();
  switch (data.ConsumeIntegralInRange<int>(0, 3)) {
    case 0:
      disk->mutable_file()->set_path(Text(data, "/var/lib/libvirt/images/a.img"));
      break;
    case 1:
      disk->mutable_block()->set_path(Text(data, "/dev/nvme0n1"));
      break;
    case 2:
      disk->mutable_rbd()->set_pool(Text(data, "volumes"));
      disk->mutable_rbd()->set_image(Text(data, "volume-1"));
      disk->mutable_rbd()->add_hosts()->set_name(Text(data, "mon1"));
      break;
    default:
      disk->mutable_iscsi()->mutable_portal()->set_name(Text(data, "192.0.2.1"));
      disk->mutable_iscsi()->set_target(Text(data, "iqn.2026-01.org.example:t1"));
  }
  disk->set_serial(Text(data, "serial-1"));
  disk->set_bus(static_cast<ccplace::v1::DiskBus>(data.ConsumeIntegralInRange<int>(0, 3)));
  disk->set_queues(data.ConsumeIntegralInRange<uint32_t>(0, 300));
}

void AddInterface(FuzzedDataProvider& data, ccplace::v1::TdxDomainSpec& spec) {
  auto* interface = spec.add_interfaces();
  switch (data.ConsumeIntegralInRange<int>(0, 3)) {
    case 0:
      interface->mutable_bridge()->set_bridge(Text(data, "br0"));
      break;
    case 1:
      interface->mutable_ovs()->set_bridge(Text(data, "br-int"));
      break;
    case 2:
      interface->mutable_vhost_user()->set_socket_path(Text(data, "/run/ovs/vhu1"));
      break;
    default:
      interface->mutable_network()->set_network(Text(data, "default"));
  }
  interface->set_mac(Text(data, "52:54:00:12:34:56"));
  interface->set_mtu(data.ConsumeIntegralInRange<uint32_t>(0, 70000));
}

DefineTdxDomainRequest Build(FuzzedDataProvider& data) {
  DefineTdxDomainRequest request;
  auto& spec = *request.mutable_domain();
  spec.set_uuid(Text(data, "6a1d2f3c-58b7-4c0e-9d51-0c6f3a7b9e24"));
  spec.set_name(Text(data, "td-1"));
  spec.set_vcpus(data.ConsumeIntegralInRange<uint32_t>(0, 1100));
  spec.set_memory_mib(data.ConsumeIntegralInRange<uint64_t>(0, 20000000));
  spec.set_owner(Text(data, "project 1"));
  spec.set_serial_log_path(Text(data, "/var/log/ccplace/td-1.log"));
  spec.set_machine_type(Text(data, "q35"));
  request.mutable_launch()->set_quote_service_path(Text(data, "/run/qgs.socket"));
  request.mutable_launch()->set_mr_config_id(
      std::string(data.ConsumeBool() ? 48 : data.ConsumeIntegralInRange<size_t>(0, 50), 'm'));
  for (int i = data.ConsumeIntegralInRange<int>(0, 3); i > 0; --i) AddDisk(data, spec);
  for (int i = data.ConsumeIntegralInRange<int>(0, 2); i > 0; --i) AddInterface(data, spec);
  return request;
}

struct Document {
  explicit Document(const std::string& xml)
      : tree(xmlReadMemory(xml.data(), static_cast<int>(xml.size()), nullptr, nullptr,
                           XML_PARSE_NONET | XML_PARSE_NOERROR)) {}
  ~Document() { xmlFreeDoc(tree); }
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  // How many elements an XPath finds.
  int Count(const char* path) const {
    xmlXPathContextPtr context = xmlXPathNewContext(tree);
    xmlXPathObjectPtr found = xmlXPathEval(reinterpret_cast<const xmlChar*>(path), context);
    const int count = found->nodesetval == nullptr ? 0 : found->nodesetval->nodeNr;
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    return count;
  }

  // Whether some attribute or text of the document is exactly `value`.
  bool Holds(const std::string& value) const {
    return value.empty() || HoldsBelow(tree->children, value);
  }

 private:
  static bool Is(xmlChar* owned, const std::string& value) {
    const bool same = owned != nullptr && value == reinterpret_cast<const char*>(owned);
    xmlFree(owned);
    return same;
  }
  static bool HoldsBelow(xmlNodePtr node, const std::string& value) {
    for (; node != nullptr; node = node->next) {
      if (node->type != XML_ELEMENT_NODE) continue;
      for (xmlAttrPtr attribute = node->properties; attribute != nullptr;
           attribute = attribute->next) {
        if (Is(xmlNodeListGetString(node->doc, attribute->children, 1), value)) return true;
      }
      if (node->children != nullptr && Is(xmlNodeGetContent(node), value)) return true;
      if (HoldsBelow(node->children, value)) return true;
    }
    return false;
  }
  xmlDocPtr tree;
};

void CheckStrings(const ccplace::v1::TdxDomainSpec& spec, const Document& document) {
  if (!document.Holds(spec.uuid()) || !document.Holds(spec.name())) std::abort();
  if (!document.Holds(spec.owner()) || !document.Holds(spec.serial_log_path())) std::abort();
  for (const auto& disk : spec.disks()) {
    if (!document.Holds(disk.file().path()) || !document.Holds(disk.block().path())) std::abort();
    if (!document.Holds(disk.serial())) std::abort();
    if (disk.has_rbd() && !document.Holds(disk.rbd().pool() + "/" + disk.rbd().image()))
      std::abort();
  }
  for (const auto& interface : spec.interfaces()) {
    if (!document.Holds(interface.mac())) std::abort();
    if (!document.Holds(interface.bridge().bridge())) std::abort();
    if (!document.Holds(interface.vhost_user().socket_path())) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  FuzzedDataProvider data(bytes, size);
  const DefineTdxDomainRequest request = Build(data);
  if (!ccplace::CheckDomainSpec(request).ok()) return 0;
  ccplace::DomainPolicy policy;
  policy.machine_type = request.domain().machine_type();
  policy.quote_service_path = request.launch().quote_service_path();
  policy.defined_at = "2026-01-01T00:00:00Z";
  const auto xml = ccplace::BuildDomainXml(request, policy);
  if (!xml.ok()) std::abort();
  const Document document(*xml);
  if (document.Count("/domain") != 1) std::abort();
  if (document.Count("//launchSecurity") != 1) std::abort();
  CheckStrings(request.domain(), document);
  const auto read = ccplace::ReadDomainXml(*xml);
  if (!read.ok() || read->name != request.domain().name()) std::abort();
  return 0;
}
