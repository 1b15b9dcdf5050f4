// A whole host in memory, from files and libvirt to the snapshot, that tests change piece by piece.
#ifndef CCPLACE_TESTS_UNIT_CAPABILITY_HOST_UNDER_TEST_H_
#define CCPLACE_TESTS_UNIT_CAPABILITY_HOST_UNDER_TEST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/capability/facts/facts.h"
#include "lib/host/in_memory_host_files.h"

namespace ccplace {

constexpr v1::EncryptionModel kTdx = v1::ENCRYPTION_MODEL_INTEL_TDX;
constexpr v1::EncryptionModel kSev = v1::ENCRYPTION_MODEL_AMD_SEV;
constexpr v1::EncryptionModel kSevEs = v1::ENCRYPTION_MODEL_AMD_SEV_ES;
constexpr v1::EncryptionModel kSevSnp = v1::ENCRYPTION_MODEL_AMD_SEV_SNP;

constexpr v1::CheckResult kPass = v1::CHECK_RESULT_PASS;
constexpr v1::CheckResult kFail = v1::CHECK_RESULT_FAIL;
constexpr v1::CheckResult kUnknown = v1::CHECK_RESULT_UNKNOWN;

// `xml` with `to` for every `from`; a test failure when there is none.
std::string ReplaceIn(const absl::StatusOr<std::string>& xml, absl::string_view from,
                      absl::string_view to);

// Content of tests/data/<name>.
std::string TestData(absl::string_view name);

// A hypervisor that only answers questions, with what it holds.
class ListingHypervisor : public Hypervisor {
 public:
  absl::StatusOr<HypervisorVersions> versions = HypervisorVersions{"12.8.0", "11.1.3"};
  absl::StatusOr<std::string> capabilities_xml = absl::UnknownError("not set");
  absl::StatusOr<std::string> host_xml =
      "<capabilities><host><secmodel><model>dac</model><doi>0</doi>"
      "<baselabel type='kvm'>+64055:+64055</baselabel></secmodel></host></capabilities>";
  absl::StatusOr<std::vector<DomainDescription>> domains = std::vector<DomainDescription>();

  absl::StatusOr<HypervisorVersions> Versions() override { return versions; }
  absl::StatusOr<std::string> DomainCapabilitiesXml(const std::string& machine,
                                                    const std::string& virt_type) override {
    asked = machine + " " + virt_type;
    return capabilities_xml;
  }
  absl::StatusOr<std::string> CapabilitiesXml() override { return host_xml; }
  absl::StatusOr<std::vector<DomainDescription>> ListDomains() override { return domains; }

  absl::StatusOr<DomainDescription> FindByUuid(const std::string&) override { return Refusal(); }
  absl::StatusOr<DomainDescription> FindByName(const std::string&) override { return Refusal(); }
  absl::StatusOr<FoundMetadata> FindMetadata(const std::string&, const std::string&) override {
    return Refusal();
  }
  absl::StatusOr<DomainDescription> Define(const std::string&) override { return Refusal(); }
  absl::StatusOr<std::string> TranslateToNative(const std::string& xml) override {
    questions.push_back(xml);
    return translate ? translate(xml) : Refusal();
  }
  absl::Status Start(const std::string&) override { return Refusal(); }
  absl::StatusOr<DomainDescription> SetMetadata(const std::string&, MetadataSide,
                                                const DomainMetadata&) override {
    return Refusal();
  }
  absl::Status Stop(const std::string&) override { return Refusal(); }
  absl::Status Undefine(const std::string&) override { return Refusal(); }
  void SetListener(std::function<void(HypervisorEvent)>) override {}

  // What a translation answers with; nothing: it translates none.
  std::function<absl::StatusOr<std::string>(const std::string& xml)> translate;
  std::vector<std::string> questions;  // Domains that were to be translated.
  std::string asked;                   // Machine and virt type of the last question.

 private:
  static absl::Status Refusal() { return absl::UnimplementedError("it only lists"); }
};

// Starts as a host on which everything is as it must be.
struct HostUnderTest {
  InMemoryHostFiles files;
  ListingHypervisor hypervisor;
  FactOptions fact_options;
  CapabilityOptions options;
  FactCache cache{std::make_shared<ParsedDomainCache>()};

  // Adds a domain of this launchSecurity ("tdx", "sev", "sev-snp"; empty: none) and policy.
  void AddDomain(absl::string_view name, absl::string_view launch_security, v1::DomainState state,
                 absl::string_view policy = "0x10000000");

  Snapshot Read();
  // The entry, and one check of it, of a fresh reading.
  v1::ModelCapability Model(v1::EncryptionModel model);
  v1::Check Check(v1::EncryptionModel model, v1::CheckKind kind);
};

void MakeTdxHost(HostUnderTest& host);
// SEV, SEV-ES and SEV-SNP on; 410 SEV keys and 99 of the ES pool.
void MakeSevHost(HostUnderTest& host);

}  // namespace ccplace

#endif  // CCPLACE_TESTS_UNIT_CAPABILITY_HOST_UNDER_TEST_H_
