#include "lib/hypervisor/libvirt_hypervisor.h"

#include <array>
#include <chrono>
#include <thread>
#include <unordered_set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/hypervisor/definition_xml.h"
#include "lib/hypervisor/domain_state.h"
#include "lib/hypervisor/libvirt_connection.h"
#include "lib/hypervisor/libvirt_connector.h"
#include "lib/hypervisor/libvirt_error.h"
#include "lib/hypervisor/libvirt_functions.h"

namespace ccplace {
namespace {

using absl::StatusCode;
using Connection = std::shared_ptr<LibvirtConnection>;

std::string Attempt(absl::string_view what, absl::string_view object) {
  return absl::StrCat(what, " ", Quoted(object));
}

// libvirt packs a version as major * 1000000 + minor * 1000 + release (virGetVersion).
std::string VersionText(unsigned long version) {
  if (version == 0) return "";
  return absl::StrCat(version / 1000000, ".", version / 1000 % 1000, ".", version % 1000);
}

// libvirt states none where no QEMU is installed; the other facts are still worth reading.
absl::StatusOr<std::string> HypervisorVersionOf(LibvirtConnection& connection) {
  unsigned long version = 0;
  if (virConnectGetVersion(connection.get(), &version) == 0) return VersionText(version);
  const absl::Status failure =
      connection.Failure("read the hypervisor's version", StatusCode::kInternal);
  if (absl::IsUnavailable(failure) || absl::IsDeadlineExceeded(failure)) return failure;
  return std::string();
}

static_assert(RowOfLibvirt(VIR_DOMAIN_RUNNING).runs && RowOfLibvirt(VIR_DOMAIN_BLOCKED).runs);
static_assert(RowOfLibvirt(VIR_DOMAIN_PAUSED).state == v1::DOMAIN_STATE_PAUSED);
static_assert(RowOfLibvirt(VIR_DOMAIN_SHUTDOWN).state == v1::DOMAIN_STATE_SHUTTING_DOWN);
static_assert(!RowOfLibvirt(VIR_DOMAIN_SHUTOFF).active);
static_assert(RowOfLibvirt(VIR_DOMAIN_CRASHED).state == v1::DOMAIN_STATE_CRASHED);
static_assert(RowOfLibvirt(VIR_DOMAIN_PMSUSPENDED).state == v1::DOMAIN_STATE_PAUSED);

std::string UuidOf(virDomain* domain) {
  std::array<char, VIR_UUID_STRING_BUFLEN> uuid{};
  return virDomainGetUUIDString(domain, uuid.data()) == 0 ? uuid.data() : "";
}

int IdOf(virDomain* domain) {
  constexpr auto kNone = static_cast<unsigned>(-1);
  const unsigned id = virDomainGetID(domain);
  return id == kNone ? DomainXmlCache::kInactive : static_cast<int>(id);
}

std::string NameOf(virDomain* domain) {
  const char* name = virDomainGetName(domain);
  return name == nullptr ? "" : name;
}

std::string AttemptToRead(virDomain* domain) {
  return Attempt("read the XML of domain", NameOf(domain));
}

constexpr unsigned kInForce = 0;  // Live where there is a guest, else the definition.

// Names are read first: any call that works clears libvirt's last error.
absl::StatusOr<std::string> XmlOf(LibvirtConnection& connection, virDomain* domain,
                                  unsigned flags) {
  const std::string attempted = AttemptToRead(domain);
  const LibvirtText xml(virDomainGetXMLDesc(domain, flags));
  if (xml != nullptr) return std::string(xml.get());
  return connection.Failure(attempted, StatusCode::kInternal);
}

// libvirt gives XML of an active domain out under a job of that domain (12.8), and waits half a
// minute for one that is taken; a command that QEMU does not answer takes it. Control info needs
// none.
absl::Status AwaitQemu(virDomain* domain) {
  constexpr std::chrono::milliseconds kPatience(1000);
  constexpr std::chrono::milliseconds kPause(20);
  for (std::chrono::milliseconds left = kPatience; left.count() > 0; left -= kPause) {
    virDomainControlInfo control{};
    if (virDomainGetControlInfo(domain, &control, 0) != 0) break;  // Not active, or not supported.
    if (control.state != VIR_DOMAIN_CONTROL_OCCUPIED) break;
    // stateTime: since the command was sent, in milliseconds.
    if (control.stateTime >= static_cast<uint64_t>(kPatience.count())) {
      return DomainHeldError(AttemptToRead(domain), UuidOf(domain));
    }
    std::this_thread::sleep_for(kPause);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> CachedXmlOf(LibvirtConnection& connection, virDomain* domain,
                                        const std::string& uuid) {
  // The id came with the domain: no call.
  DomainXmlCache::Found found = connection.xml().Look(uuid, IdOf(domain));
  if (found.xml.has_value()) return *std::move(found.xml);
  if (IdOf(domain) != DomainXmlCache::kInactive) {
    const absl::Status answers = AwaitQemu(domain);
    if (!answers.ok()) return answers;
  }
  absl::StatusOr<std::string> xml = XmlOf(connection, domain, kInForce);
  if (xml.ok()) connection.xml().Keep(uuid, found.age, *xml);
  return xml;
}

absl::StatusOr<bool> HasDefinition(LibvirtConnection& connection, virDomain* domain) {
  const std::string attempted = Attempt("see whether there is a definition of", NameOf(domain));
  const int persistent = virDomainIsPersistent(domain);
  if (persistent < 0) return connection.Failure(attempted, StatusCode::kInternal);
  return persistent == 1;
}

// The definition beside the XML in force; empty where there is none.
absl::StatusOr<std::string> DefinitionOf(LibvirtConnection& connection, virDomain* domain) {
  const absl::StatusOr<bool> defined = HasDefinition(connection, domain);
  if (!defined.ok()) return defined.status();
  return *defined ? XmlOf(connection, domain, VIR_DOMAIN_XML_INACTIVE) : std::string();
}

absl::StatusOr<DomainStateRow> StateOf(LibvirtConnection& connection, virDomain* domain) {
  const std::string attempted = Attempt("read the state of domain", NameOf(domain));
  int libvirt_state = VIR_DOMAIN_NOSTATE;
  if (virDomainGetState(domain, &libvirt_state, nullptr, 0) < 0) {
    return connection.Failure(attempted, StatusCode::kInternal);
  }
  return RowOfLibvirt(libvirt_state);
}

absl::StatusOr<DomainDescription> Describe(LibvirtConnection& connection, virDomain* domain) {
  const absl::StatusOr<DomainStateRow> row = StateOf(connection, domain);
  if (!row.ok()) return row.status();
  if (row->active) {
    const absl::Status answers = AwaitQemu(domain);
    if (!answers.ok()) return answers;
  }
  absl::StatusOr<std::string> xml = XmlOf(connection, domain, kInForce);
  if (!xml.ok()) return xml.status();
  DomainDescription description{UuidOf(domain), NameOf(domain), row->state, *std::move(xml)};
  if (!row->active) {
    description.definition = description.xml;
    return description;
  }
  absl::StatusOr<std::string> definition = DefinitionOf(connection, domain);
  if (!definition.ok()) return definition.status();
  description.definition = *std::move(definition);
  return description;
}

absl::StatusOr<std::string> ElementOf(LibvirtConnection& connection, virDomain* domain,
                                      const std::string& space, unsigned side) {
  const std::string attempted = Attempt("read the metadata of domain", NameOf(domain));
  const LibvirtText element(
      virDomainGetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, space.c_str(), side));
  if (element != nullptr) return std::string(element.get());
  const virError* error = virGetLastError();
  if (error != nullptr && error->code == VIR_ERR_NO_DOMAIN_METADATA) return std::string();
  return connection.Failure(attempted, StatusCode::kInternal);
}

// None of these calls needs a job of the domain, as its XML does.
absl::StatusOr<FoundMetadata> MetadataOf(LibvirtConnection& connection, virDomain* domain,
                                         const std::string& space) {
  const absl::StatusOr<DomainStateRow> row = StateOf(connection, domain);
  if (!row.ok()) return row.status();
  FoundMetadata found{row->state};
  const absl::StatusOr<bool> defined = row->active ? HasDefinition(connection, domain) : true;
  if (!defined.ok()) return defined.status();
  if (*defined) {
    auto definition = ElementOf(connection, domain, space, VIR_DOMAIN_AFFECT_CONFIG);
    if (!definition.ok()) return definition.status();
    found.definition = found.in_force = *std::move(definition);
  }
  if (!row->active) return found;
  // Of the definition, where the guest has ended since.
  auto in_force = ElementOf(connection, domain, space, VIR_DOMAIN_AFFECT_CURRENT);
  if (!in_force.ok()) return in_force.status();
  found.in_force = *std::move(in_force);
  return found;
}

// The driver says with the domain whether it is active, so that it need not be asked again.
absl::StatusOr<DomainDescription> DescribeKnown(LibvirtConnection& connection, virDomain* domain) {
  if (IdOf(domain) != DomainXmlCache::kInactive) return Describe(connection, domain);
  absl::StatusOr<std::string> xml = XmlOf(connection, domain, kInForce);
  if (!xml.ok()) return xml.status();
  DomainDescription description{UuidOf(domain), NameOf(domain), v1::DOMAIN_STATE_SHUT_OFF,
                                *std::move(xml)};
  description.definition = description.xml;
  return description;
}

// After a change of ours: the readings then take the XML from here.
absl::StatusOr<DomainDescription> DescribeChanged(LibvirtConnection& connection,
                                                  LibvirtConnector& connector,
                                                  const std::string& uuid, virDomain* domain) {
  const uint64_t age = connector.Forget(uuid);
  auto changed = DescribeKnown(connection, domain);
  if (changed.ok() && !RowOf(changed->state).active) connector.Keep(uuid, age, changed->xml);
  return changed;
}

absl::StatusOr<DomainDescription> DescribeRecord(LibvirtConnection& connection,
                                                 const virDomainStatsRecord& record) {
  int state = VIR_DOMAIN_NOSTATE;
  virTypedParamsGetInt(record.params, record.nparams, "state.state", &state);
  DomainDescription description{UuidOf(record.dom), NameOf(record.dom), RowOfLibvirt(state).state,
                                ""};
  absl::StatusOr<std::string> xml = CachedXmlOf(connection, record.dom, description.uuid);
  // Without a connection nothing is to be had, and one that was undefined since is none any more.
  if (absl::IsUnavailable(xml.status()) || absl::IsNotFound(xml.status())) return xml.status();
  if (xml.ok()) {
    description.xml = *std::move(xml);
  } else {
    description.unread = xml.status();
  }
  return description;
}

LibvirtDomain Lookup(LibvirtConnection& connection, const std::string& uuid) {
  return LibvirtDomain(virDomainLookupByUUIDString(connection.get(), uuid.c_str()));
}

// libvirt says that a name or uuid is taken with its most general error code.
bool IsTakenByAnother(LibvirtConnection& connection, const DomainIdentity& wanted) {
  const LibvirtDomain by_name(virDomainLookupByName(connection.get(), wanted.name.c_str()));
  if (by_name != nullptr && UuidOf(by_name.get()) != wanted.uuid) return true;
  const LibvirtDomain by_uuid = Lookup(connection, wanted.uuid);
  return by_uuid != nullptr && NameOf(by_uuid.get()) != wanted.name;
}

absl::Status WhyNotDefined(LibvirtConnection& connection, const std::string& xml) {
  const absl::StatusOr<DomainIdentity> wanted = ReadDomainIdentity(xml);
  const std::string name = wanted.ok() ? wanted->name : "";
  const absl::Status failure =
      connection.Failure(Attempt("define domain", name), StatusCode::kFailedPrecondition);
  if (!absl::IsFailedPrecondition(failure) || !wanted.ok()) return failure;
  if (!IsTakenByAnother(connection, *wanted)) return failure;
  return absl::AlreadyExistsError(failure.message());
}

}  // namespace

LibvirtHypervisor::LibvirtHypervisor(LibvirtOptions options)
    : connector_(std::make_unique<LibvirtConnector>(std::move(options))) {}

absl::Status LibvirtHypervisor::Load() { return LoadLibvirt(); }

LibvirtHypervisor::~LibvirtHypervisor() { SetListener(nullptr); }

absl::StatusOr<HypervisorVersions> LibvirtHypervisor::Versions() {
  const absl::StatusOr<Connection> connection = connector_->Readings();
  if (!connection.ok()) return connection.status();
  unsigned long libvirt = 0;
  if (virConnectGetLibVersion((*connection)->get(), &libvirt) < 0) {
    return (*connection)->Failure("read libvirt's version", StatusCode::kInternal);
  }
  absl::StatusOr<std::string> hypervisor = HypervisorVersionOf(**connection);
  if (!hypervisor.ok()) return hypervisor.status();
  return HypervisorVersions{VersionText(libvirt), *std::move(hypervisor), (*connection)->number()};
}

absl::StatusOr<std::string> LibvirtHypervisor::DomainCapabilitiesXml(const std::string& machine,
                                                                     const std::string& virt_type) {
  const absl::StatusOr<Connection> connection = connector_->Readings();
  if (!connection.ok()) return connection.status();
  const LibvirtText xml(virConnectGetDomainCapabilities((*connection)->get(), nullptr, "x86_64",
                                                        machine.c_str(), virt_type.c_str(), 0));
  if (xml != nullptr) return std::string(xml.get());
  const absl::Status failure =
      (*connection)
          ->Failure(absl::StrCat("read domain capabilities of machine ", Quoted(machine),
                                 ", virt type ", Quoted(virt_type)),
                    StatusCode::kInternal);
  // That no emulator is installed is "unsupported configuration" to libvirt: a "no" as well.
  return absl::IsFailedPrecondition(failure) ? absl::InvalidArgumentError(failure.message())
                                             : failure;
}

absl::StatusOr<std::string> LibvirtHypervisor::CapabilitiesXml() {
  const absl::StatusOr<Connection> connection = connector_->Readings();
  if (!connection.ok()) return connection.status();
  const LibvirtText xml(virConnectGetCapabilities((*connection)->get()));
  if (xml != nullptr) return std::string(xml.get());
  return (*connection)->Failure("read libvirt's capabilities", StatusCode::kInternal);
}

absl::StatusOr<std::vector<DomainDescription>> LibvirtHypervisor::ListDomains() {
  const absl::StatusOr<Connection> connection = connector_->Readings();
  if (!connection.ok()) return connection.status();
  // One call for every domain and its state; it asks no QEMU.
  virDomainStatsRecordPtr* list = nullptr;
  const int count =
      virConnectGetAllDomainStats((*connection)->get(), VIR_DOMAIN_STATS_STATE, &list, 0);
  const LibvirtStats records(list);
  if (count < 0) return (*connection)->Failure("list domains", StatusCode::kInternal);
  std::vector<DomainDescription> descriptions;
  std::unordered_set<std::string> uuids;
  for (int i = 0; i < count; ++i) {
    absl::StatusOr<DomainDescription> one = DescribeRecord(**connection, *list[i]);
    if (absl::IsNotFound(one.status())) continue;  // Undefined since it was listed.
    if (!one.ok()) return one.status();
    uuids.insert(one->uuid);
    descriptions.push_back(*std::move(one));
  }
  (*connection)->xml().KeepOnly(uuids);
  return descriptions;
}

absl::StatusOr<DomainDescription> LibvirtHypervisor::FindByUuid(const std::string& uuid) {
  const absl::StatusOr<Connection> connection = connector_->Own();
  if (!connection.ok()) return connection.status();
  const LibvirtDomain domain = Lookup(**connection, uuid);
  if (domain != nullptr) return Describe(**connection, domain.get());
  return (*connection)->Failure(Attempt("find domain", uuid), StatusCode::kInternal);
}

absl::StatusOr<DomainDescription> LibvirtHypervisor::FindByName(const std::string& name) {
  const absl::StatusOr<Connection> connection = connector_->Own();
  if (!connection.ok()) return connection.status();
  const LibvirtDomain domain(virDomainLookupByName((*connection)->get(), name.c_str()));
  if (domain != nullptr) return Describe(**connection, domain.get());
  return (*connection)->Failure(Attempt("find domain", name), StatusCode::kInternal);
}

absl::StatusOr<FoundMetadata> LibvirtHypervisor::FindMetadata(const std::string& uuid,
                                                              const std::string& space) {
  const absl::StatusOr<Connection> connection = connector_->Own();
  if (!connection.ok()) return connection.status();
  const LibvirtDomain domain = Lookup(**connection, uuid);
  if (domain == nullptr) {
    return (*connection)->Failure(Attempt("find domain", uuid), StatusCode::kInternal);
  }
  return MetadataOf(**connection, domain.get(), space);
}

absl::StatusOr<DomainDescription> LibvirtHypervisor::Define(const std::string& xml) {
  const absl::StatusOr<Connection> connection = connector_->Own();
  if (!connection.ok()) return connection.status();
  const LibvirtDomain domain(
      virDomainDefineXMLFlags((*connection)->get(), xml.c_str(), VIR_DOMAIN_DEFINE_VALIDATE));
  if (domain == nullptr) return WhyNotDefined(**connection, xml);
  return DescribeChanged(**connection, *connector_, UuidOf(domain.get()), domain.get());
}

absl::StatusOr<std::string> LibvirtHypervisor::TranslateToNative(const std::string& xml) {
  const absl::StatusOr<Connection> connection = connector_->Own();
  if (!connection.ok()) return connection.status();
  const LibvirtText native(
      virConnectDomainXMLToNative((*connection)->get(), "qemu-argv", xml.c_str(), 0));
  if (native != nullptr) return std::string(native.get());
  const auto otherwise = IsPassingShortage(virGetLastError()) ? StatusCode::kResourceExhausted
                                                              : StatusCode::kFailedPrecondition;
  absl::Status failure = (*connection)->Failure("translate a domain", otherwise);
  // An argument that does not fit is the domain: it is the only one.
  return absl::IsInvalidArgument(failure) ? absl::FailedPreconditionError(failure.message())
                                          : failure;
}

absl::Status LibvirtHypervisor::Start(const std::string& uuid) {
  const absl::StatusOr<Connection> connection = connector_->Own();
  if (!connection.ok()) return connection.status();
  const std::string attempted = Attempt("start domain", uuid);
  const LibvirtDomain domain = Lookup(**connection, uuid);
  if (domain == nullptr) return (*connection)->Failure(attempted, StatusCode::kInternal);
  if (virDomainCreate(domain.get()) == 0) return absl::OkStatus();
  absl::Status failure = (*connection)->Failure(attempted, StatusCode::kAborted);
  if (absl::IsUnavailable(failure)) return failure;
  if (virDomainIsActive(domain.get()) == 1) return absl::OkStatus();
  // A definition that libvirt took and cannot run after all.
  return absl::IsFailedPrecondition(failure) ? absl::AbortedError(failure.message()) : failure;
}

absl::StatusOr<DomainDescription> LibvirtHypervisor::SetMetadata(const std::string& uuid,
                                                                 MetadataSide side,
                                                                 const DomainMetadata& metadata) {
  const absl::StatusOr<Connection> connection = connector_->Own();
  if (!connection.ok()) return connection.status();
  const std::string attempted = Attempt("set the metadata of domain", uuid);
  const LibvirtDomain domain = Lookup(**connection, uuid);
  if (domain == nullptr) return (*connection)->Failure(attempted, StatusCode::kInternal);
  const unsigned affected =
      side == MetadataSide::kDefinition ? VIR_DOMAIN_AFFECT_CONFIG : VIR_DOMAIN_AFFECT_LIVE;
  const int set =
      virDomainSetMetadata(domain.get(), VIR_DOMAIN_METADATA_ELEMENT, metadata.xml.c_str(),
                           metadata.prefix.c_str(), metadata.space.c_str(), affected);
  if (set == 0) return DescribeChanged(**connection, *connector_, uuid, domain.get());
  const absl::Status failure = (*connection)->Failure(attempted, StatusCode::kInternal);
  // A side that is not there is an argument that does not fit to libvirt.
  return absl::IsInvalidArgument(failure) ? absl::FailedPreconditionError(failure.message())
                                          : failure;
}

absl::Status LibvirtHypervisor::Stop(const std::string& uuid) {
  const absl::StatusOr<Connection> connection = connector_->Own();
  if (!connection.ok()) return connection.status();
  const std::string attempted = Attempt("stop domain", uuid);
  const LibvirtDomain domain = Lookup(**connection, uuid);
  if (domain == nullptr) return (*connection)->Failure(attempted, StatusCode::kInternal);
  if (virDomainDestroy(domain.get()) == 0) return absl::OkStatus();
  absl::Status failure = (*connection)->Failure(attempted, StatusCode::kInternal);
  if (virDomainIsActive(domain.get()) == 0) return absl::OkStatus();
  return failure;
}

absl::Status LibvirtHypervisor::Undefine(const std::string& uuid) {
  const absl::StatusOr<Connection> connection = connector_->Own();
  if (!connection.ok()) return connection.status();
  const std::string attempted = Attempt("undefine domain", uuid);
  const LibvirtDomain domain = Lookup(**connection, uuid);
  if (domain == nullptr) {
    const absl::Status failure = (*connection)->Failure(attempted, StatusCode::kInternal);
    return absl::IsNotFound(failure) ? absl::OkStatus() : failure;
  }
  // libvirt would make a running domain transient, which nobody asked for.
  if (virDomainIsActive(domain.get()) == 1) {
    return absl::FailedPreconditionError(absl::StrCat(attempted, ": it runs; stop it first"));
  }
  const absl::StatusOr<std::string> xml = XmlOf(**connection, domain.get(), kInForce);
  if (!xml.ok()) return absl::IsNotFound(xml.status()) ? absl::OkStatus() : xml.status();
  const absl::StatusOr<DomainIdentity> identity = ReadDomainIdentity(*xml);
  // libvirt refuses to leave these behind, and drivers without a variable store refuse its flag.
  unsigned flags = VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA;
  if (identity.ok() && identity->has_nvram) flags |= VIR_DOMAIN_UNDEFINE_NVRAM;
  const bool undefined = virDomainUndefineFlags(domain.get(), flags) == 0;
  connector_->Forget(uuid);
  if (undefined) return absl::OkStatus();
  const absl::Status failure = (*connection)->Failure(attempted, StatusCode::kInternal);
  return absl::IsNotFound(failure) ? absl::OkStatus() : failure;
}

void LibvirtHypervisor::SetListener(std::function<void(HypervisorEvent)> listener) {
  connector_->listener().Set(std::move(listener));
}

}  // namespace ccplace
