// Whatever trust domain is asked for: it is refused, or its XML parses, holds exactly one
// launchSecurity, and every string of the caller comes back out unchanged where it belongs.
#include <fuzzer/FuzzedDataProvider.h>
#include <google/protobuf/text_format.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/domain/domain_xml.h"
#include "tests/fuzz/expect.h"

namespace {

using ccplace::fuzz::Expect;
using ccplace::v1::DefineTdxDomainRequest;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Has every string that a caller can set; what is asked for is a variation of it.
constexpr char kEverything[] = R"(
  domain {
    uuid: "6a1d2f3c-58b7-4c0e-9d51-0c6f3a7b9e24" name: "td-1" vcpus: 2 memory_mib: 2048
    owner: "project 1" machine_type: "q35" serial_log_path: "/var/log/ccplace/td-1.log"
    placement { cpuset: "0-3" numa_nodeset: "0" emulator_cpuset: "4" }
    disks { file { path: "/var/lib/libvirt/images/a.img" } serial: "serial-1" }
    disks { block { path: "/dev/disk/by-id/b" } }
    disks { rbd { pool: "volumes" image: "volume-1" hosts { name: "mon1" } hosts { name: "mon2" }
                  auth { username: "u" secret_uuid: "11111111-2222-4333-8444-555555555555" } } }
    disks { iscsi { portal { name: "192.0.2.1" } target: "iqn.2026-01.org.example:t1" lun: 3
                    auth { username: "v" secret_uuid: "11111111-2222-4333-8444-555555555556" } } }
    interfaces { bridge { bridge: "br0" } mac: "52:54:00:12:34:56" target_device: "tap1" }
    interfaces { ovs { bridge: "br-int" interface_id: "11111111-2222-4333-8444-555555555557" }
                 mac: "52:54:00:12:34:57" }
    interfaces { vhost_user { socket_path: "/run/ovs/vhu1" } mac: "52:54:00:12:34:58" }
    interfaces { network { network: "default" } mac: "52:54:00:12:34:59" }
  }
  launch { quote_service_path: "/run/qgs.socket"
           mr_config_id: "cccccccccccccccccccccccccccccccccccccccccccccccc"
           mr_owner: "oooooooooooooooooooooooooooooooooooooooooooooooo"
           mr_owner_config: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" })";

const char* const kPieces[] = {"'",
                               "\"",
                               "<",
                               ">",
                               "&",
                               "]]>",
                               "<!--",
                               "&amp;",
                               "\n",
                               "\x01",
                               "\xC3\xA9",
                               "../",
                               "/var",
                               "<a b='c'>",
                               "%s",
                               "a",
                               "0",
                               "A",
                               "</owner><owner>",
                               "'/><launchSecurity type='none'/>"};

// A string that is set: which message's, and which field of it.
struct Place {
  Message* message;
  const FieldDescriptor* field;
};

void FindStrings(Message& message, std::vector<Place>& places) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) places.push_back({&message, field});
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 0;
    for (int i = 0; i < count; ++i) {
      FindStrings(*reflection.MutableRepeatedMessage(&message, field, i), places);
    }
    if (!field->is_repeated()) FindStrings(*reflection.MutableMessage(&message, field), places);
  }
}

std::vector<Place> StringsOf(DefineTdxDomainRequest& request) {
  std::vector<Place> places;
  FindStrings(request, places);
  return places;
}

std::string Text(FuzzedDataProvider& data, const std::string& good) {
  switch (data.ConsumeIntegralInRange<int>(0, 3)) {
    case 0:
      return data.ConsumeRandomLengthString(64);
    case 1:
      return good + data.PickValueInArray(kPieces);
    case 2:
      return data.PickValueInArray(kPieces) + good;
    default:
      return "";
  }
}

std::string Bytes(FuzzedDataProvider& data) {
  std::string bytes = data.ConsumeBytesAsString(48);
  if (data.ConsumeBool()) bytes.resize(48);
  return bytes;
}

void ChangeString(FuzzedDataProvider& data, DefineTdxDomainRequest& request) {
  const std::vector<Place> places = StringsOf(request);
  const auto& [message, field] = places[data.ConsumeIntegralInRange<size_t>(0, places.size() - 1)];
  const auto& reflection = *message->GetReflection();
  reflection.SetString(message, field,
                       field->type() == FieldDescriptor::TYPE_BYTES
                           ? Bytes(data)
                           : Text(data, reflection.GetString(*message, field)));
}

template <typename List>
void Shuffle(FuzzedDataProvider& data, List& list) {
  list.SwapElements(0, data.ConsumeIntegralInRange<int>(0, list.size() - 1));
  const int left = data.ConsumeIntegralInRange<int>(0, list.size());
  while (list.size() > left) list.RemoveLast();
}

DefineTdxDomainRequest Build(FuzzedDataProvider& data) {
  DefineTdxDomainRequest request;
  Expect(google::protobuf::TextFormat::ParseFromString(kEverything, &request));
  for (int i = data.ConsumeIntegralInRange<int>(0, 3); i > 0; --i) ChangeString(data, request);
  auto& spec = *request.mutable_domain();
  if (data.ConsumeBool()) spec.set_vcpus(data.ConsumeIntegralInRange<uint32_t>(0, 1100));
  if (data.ConsumeBool()) spec.set_memory_mib(data.ConsumeIntegralInRange<uint64_t>(0, 20000000));
  for (auto& disk : *spec.mutable_disks()) {
    if (!data.ConsumeBool()) continue;
    disk.set_bus(static_cast<ccplace::v1::DiskBus>(data.ConsumeIntegralInRange<int>(0, 3)));
    disk.set_format(static_cast<ccplace::v1::DiskFormat>(data.ConsumeIntegralInRange<int>(0, 3)));
    disk.set_queues(data.ConsumeIntegralInRange<uint32_t>(0, 300));
  }
  for (auto& interface : *spec.mutable_interfaces()) {
    if (data.ConsumeBool()) interface.set_mtu(data.ConsumeIntegralInRange<uint32_t>(0, 70000));
  }
  if (data.ConsumeBool()) Shuffle(data, *spec.mutable_disks());
  if (data.ConsumeBool()) Shuffle(data, *spec.mutable_interfaces());
  return request;
}

struct Free {
  void operator()(xmlDoc* tree) const { xmlFreeDoc(tree); }
  void operator()(xmlXPathContext* context) const { xmlXPathFreeContext(context); }
  void operator()(xmlXPathObject* object) const { xmlXPathFreeObject(object); }
  void operator()(xmlChar* text) const { xmlFree(text); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

// The XML, and how many of the caller's strings were found in it.
class Document {
 public:
  explicit Document(const std::string& xml)
      : tree_(xmlReadMemory(xml.data(), static_cast<int>(xml.size()), nullptr, nullptr,
                            XML_PARSE_NONET | XML_PARSE_NOERROR)),
        context_(xmlXPathNewContext(tree_.get())) {
    Expect(tree_ != nullptr && context_ != nullptr);
  }

  // The texts of the elements and attributes that an XPath finds.
  std::vector<std::string> Select(const std::string& path) const {
    const Owned<xmlXPathObject> found(
        xmlXPathEval(reinterpret_cast<const xmlChar*>(path.c_str()), context_.get()));
    Expect(found != nullptr);
    std::vector<std::string> texts;
    for (int i = 0; found->nodesetval != nullptr && i < found->nodesetval->nodeNr; ++i) {
      const Owned<xmlChar> text(xmlNodeGetContent(found->nodesetval->nodeTab[i]));
      texts.emplace_back(reinterpret_cast<const char*>(text.get()));
    }
    return texts;
  }

  // `text` holds so many of the caller's strings, and is all that stands at `path`; where it is
  // empty nothing does.
  void Holds(const std::string& path, const std::string& text, size_t strings = 1) {
    const std::vector<std::string> wanted(text.empty() ? 0 : 1, text);
    Expect(Select(path) == wanted);
    strings_ += text.empty() ? 0 : strings;
  }
  void HoldsBytes(const std::string& path, const std::string& bytes) {
    const std::vector<std::string> found = Select(path);
    std::string decoded;
    Expect(found.size() == (bytes.empty() ? 0 : 1));
    Expect(found.empty() || (absl::Base64Unescape(found[0], &decoded) && decoded == bytes));
    strings_ += found.size();
  }

  size_t strings() const { return strings_; }

 private:
  const Owned<xmlDoc> tree_;
  const Owned<xmlXPathContext> context_;
  size_t strings_ = 0;
};

void CheckNetworkStorage(const ccplace::v1::Disk& disk, const std::string& source,
                         Document& document) {
  const auto& hosts = disk.rbd().hosts();
  for (int i = 0; i < hosts.size(); ++i) {
    document.Holds(absl::StrCat(source, "/host[", i + 1, "]/@name"), hosts[i].name());
  }
  const auto& auth = disk.has_rbd() ? disk.rbd().auth() : disk.iscsi().auth();
  document.Holds(source + "/auth/@username", auth.username());
  document.Holds(source + "/auth/secret/@uuid", auth.secret_uuid());
  if (disk.has_rbd()) {
    document.Holds(source + "/@name", absl::StrCat(disk.rbd().pool(), "/", disk.rbd().image()), 2);
  } else if (disk.has_iscsi()) {
    document.Holds(source + "/@name", absl::StrCat(disk.iscsi().target(), "/", disk.iscsi().lun()));
    document.Holds(source + "/host/@name", disk.iscsi().portal().name());
  } else {
    document.Holds(source + "/@name", "");
  }
}

void CheckDisk(const ccplace::v1::Disk& disk, const std::string& path, Document& document) {
  document.Holds(path + "/source/@file", disk.file().path());
  document.Holds(path + "/source/@dev", disk.block().path());
  document.Holds(path + "/serial", disk.serial());
  CheckNetworkStorage(disk, path + "/source", document);
}

void CheckInterface(const ccplace::v1::NetworkInterface& interface, const std::string& path,
                    Document& document) {
  const auto& bridge = interface.has_ovs() ? interface.ovs().bridge() : interface.bridge().bridge();
  document.Holds(path + "/mac/@address", absl::AsciiStrToLower(interface.mac()));
  document.Holds(path + "/source/@bridge", bridge);
  document.Holds(path + "/source/@network", interface.network().network());
  document.Holds(path + "/source/@path", interface.vhost_user().socket_path());
  document.Holds(path + "/virtualport/parameters/@interfaceid", interface.ovs().interface_id());
  document.Holds(path + "/target/@dev", interface.target_device());
}

void CheckSpec(const ccplace::v1::TdxDomainSpec& spec, Document& document) {
  document.Holds("/domain/uuid", spec.uuid());
  document.Holds("/domain/name", spec.name());
  document.Holds("/domain/metadata/*/*[local-name()='owner']", spec.owner());
  document.Holds("/domain/vcpu/@cpuset", spec.placement().cpuset());
  document.Holds("/domain/cputune/emulatorpin/@cpuset", spec.placement().emulator_cpuset());
  document.Holds("/domain/numatune/memory/@nodeset", spec.placement().numa_nodeset());
  document.Holds("/domain/devices/serial/log/@file", spec.serial_log_path());
  if (!spec.machine_type().empty()) document.Holds("/domain/os/type/@machine", spec.machine_type());
  for (int i = 0; i < spec.disks_size(); ++i) {
    CheckDisk(spec.disks(i), absl::StrCat("/domain/devices/disk[", i + 1, "]"), document);
  }
  for (int i = 0; i < spec.interfaces_size(); ++i) {
    CheckInterface(spec.interfaces(i), absl::StrCat("/domain/devices/interface[", i + 1, "]"),
                   document);
  }
}

void CheckLaunch(const ccplace::v1::LaunchData& launch, Document& document) {
  const std::string path = "/domain/launchSecurity";
  document.HoldsBytes(path + "/mrConfigId", launch.mr_config_id());
  document.HoldsBytes(path + "/mrOwner", launch.mr_owner());
  document.HoldsBytes(path + "/mrOwnerConfig", launch.mr_owner_config());
  document.Holds(path + "/quoteGenerationService/@path", launch.quote_service_path());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  FuzzedDataProvider data(bytes, size);
  DefineTdxDomainRequest request = Build(data);
  const bool accepted = ccplace::CheckDomainSpec(request).ok();
  // No bytes ask for kEverything as it is: were that refused, little would be looked at.
  Expect(accepted || size > 0);
  if (!accepted) return 0;
  ccplace::DomainPolicy policy;
  policy.machine_type = request.domain().machine_type();
  if (policy.machine_type.empty()) policy.machine_type = "q35";
  policy.quote_service_path = request.launch().quote_service_path();
  policy.defined_at = "2026-01-01T00:00:00Z";
  const auto xml = ccplace::BuildDomainXml(request, policy);
  Expect(xml.ok());
  Document document(*xml);
  Expect(document.Select("/domain").size() == 1);
  Expect(document.Select("//*[local-name()='launchSecurity']/@type") ==
         std::vector<std::string>{"tdx"});
  CheckSpec(request.domain(), document);
  CheckLaunch(request.launch(), document);
  // None was left out above, be it one of a field that is added to the contract.
  Expect(document.strings() == StringsOf(request).size());
  const auto read = ccplace::ReadDomainXml(*xml);
  Expect(read.ok() && read->name == request.domain().name());
  return 0;
}
