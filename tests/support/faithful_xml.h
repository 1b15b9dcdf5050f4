// Whether a definition's XML says what was asked for: an oracle that owes nothing to the code under
// test. For GoogleTest and libFuzzer alike.
#ifndef CCPLACE_TESTS_SUPPORT_FAITHFUL_XML_H_
#define CCPLACE_TESTS_SUPPORT_FAITHFUL_XML_H_

#include <google/protobuf/text_format.h>

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "ccplace/v1/domain.pb.h"
#include "tests/support/parsed_xml.h"

namespace ccplace {

// A request with every string that a caller can set.
inline v1::DefineTdxDomainRequest RequestWithEveryText() {
  v1::DefineTdxDomainRequest request;
  google::protobuf::TextFormat::ParseFromString(R"(
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
           mr_owner_config: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" })",
                                                &request);
  return request;
}

// A string that is set: which message's, and which field of it.
struct TextPlace {
  google::protobuf::Message* message;
  const google::protobuf::FieldDescriptor* field;
};

inline void FindTexts(google::protobuf::Message& message, std::vector<TextPlace>& places) {
  using google::protobuf::FieldDescriptor;
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) places.push_back({&message, field});
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 0;
    for (int i = 0; i < count; ++i) {
      FindTexts(*reflection.MutableRepeatedMessage(&message, field, i), places);
    }
    if (!field->is_repeated()) FindTexts(*reflection.MutableMessage(&message, field), places);
  }
}

// Every string of a request, of text or of bytes.
inline std::vector<TextPlace> TextsOf(v1::DefineTdxDomainRequest& request) {
  std::vector<TextPlace> places;
  FindTexts(request, places);
  return places;
}

// Looks for a request's strings in its XML, and notes the places where something else stands.
class TextSearch {
 public:
  explicit TextSearch(const std::string& xml) : xml_(xml) {}

  void LookFor(const v1::DefineTdxDomainRequest& request) {
    LookFor(request.domain());
    LookFor(request.launch());
    Holds("//*[local-name()='launchSecurity']/@type", "tdx", 0);
  }

  // Of the strings that are set, those that were looked for.
  size_t looked_for() const { return looked_for_; }
  // Empty: all is well.
  const std::string& faults() const { return faults_; }

 private:
  // `text` holds so many of the caller's strings, and is all that stands at `path`; where it is
  // empty nothing does.
  void Holds(const std::string& path, const std::string& text, size_t strings = 1) {
    const std::vector<std::string> wanted(text.empty() ? 0 : 1, text);
    if (xml_.Select(path) != wanted) absl::StrAppend(&faults_, path, " ");
    looked_for_ += text.empty() ? 0 : strings;
  }

  void HoldsBytes(const std::string& path, const std::string& bytes) {
    Holds(path, absl::Base64Escape(bytes));
  }

  void LookForStorage(const v1::Disk& disk, const std::string& source) {
    const auto& hosts = disk.rbd().hosts();
    for (int i = 0; i < hosts.size(); ++i) {
      Holds(absl::StrCat(source, "/host[", i + 1, "]/@name"), hosts[i].name());
    }
    const auto& auth = disk.has_rbd() ? disk.rbd().auth() : disk.iscsi().auth();
    Holds(source + "/auth/@username", auth.username());
    Holds(source + "/auth/secret/@uuid", auth.secret_uuid());
    if (disk.has_rbd()) {
      Holds(source + "/@name", absl::StrCat(disk.rbd().pool(), "/", disk.rbd().image()), 2);
    } else if (disk.has_iscsi()) {
      Holds(source + "/@name", absl::StrCat(disk.iscsi().target(), "/", disk.iscsi().lun()));
      Holds(source + "/host/@name", disk.iscsi().portal().name());
    } else {
      Holds(source + "/@name", "");
    }
  }

  void LookFor(const v1::Disk& disk, const std::string& path) {
    Holds(path + "/source/@file", disk.file().path());
    Holds(path + "/source/@dev", disk.block().path());
    Holds(path + "/serial", disk.serial());
    LookForStorage(disk, path + "/source");
  }

  void LookFor(const v1::NetworkInterface& interface, const std::string& path) {
    const auto& bridge =
        interface.has_ovs() ? interface.ovs().bridge() : interface.bridge().bridge();
    Holds(path + "/mac/@address", absl::AsciiStrToLower(interface.mac()));
    Holds(path + "/source/@bridge", bridge);
    Holds(path + "/source/@network", interface.network().network());
    Holds(path + "/source/@path", interface.vhost_user().socket_path());
    Holds(path + "/virtualport/parameters/@interfaceid", interface.ovs().interface_id());
    Holds(path + "/target/@dev", interface.target_device());
  }

  void LookFor(const v1::TdxDomainSpec& spec) {
    Holds("/domain/uuid", spec.uuid());
    Holds("/domain/name", spec.name());
    Holds("/domain/metadata/c:domain/c:owner", spec.owner());
    Holds("/domain/vcpu/@cpuset", spec.placement().cpuset());
    Holds("/domain/cputune/emulatorpin/@cpuset", spec.placement().emulator_cpuset());
    Holds("/domain/numatune/memory/@nodeset", spec.placement().numa_nodeset());
    Holds("/domain/devices/serial/log/@file", spec.serial_log_path());
    if (!spec.machine_type().empty()) Holds("/domain/os/type/@machine", spec.machine_type());
    for (int i = 0; i < spec.disks_size(); ++i) {
      LookFor(spec.disks(i), absl::StrCat("/domain/devices/disk[", i + 1, "]"));
    }
    for (int i = 0; i < spec.interfaces_size(); ++i) {
      LookFor(spec.interfaces(i), absl::StrCat("/domain/devices/interface[", i + 1, "]"));
    }
  }

  void LookFor(const v1::LaunchData& launch) {
    const std::string path = "/domain/launchSecurity";
    HoldsBytes(path + "/mrConfigId", launch.mr_config_id());
    HoldsBytes(path + "/mrOwner", launch.mr_owner());
    HoldsBytes(path + "/mrOwnerConfig", launch.mr_owner_config());
    Holds(path + "/quoteGenerationService/@path", launch.quote_service_path());
  }

  const ParsedXml xml_;
  size_t looked_for_ = 0;
  std::string faults_;
};

// Where `xml`, which a policy of the request's own machine type and quote service was made into,
// does not say what `request` asks for: one trust domain, with each string unchanged where it
// belongs. Empty: it does. Strings that this does not know of, be they of a field that is added to
// the contract, are a fault too.
inline std::string FaultsOfXml(v1::DefineTdxDomainRequest request, const std::string& xml) {
  TextSearch search(xml);
  search.LookFor(request);
  return search.looked_for() == TextsOf(request).size()
             ? search.faults()
             : absl::StrCat(search.faults(), "not every string was looked for");
}

}  // namespace ccplace

#endif  // CCPLACE_TESTS_SUPPORT_FAITHFUL_XML_H_
