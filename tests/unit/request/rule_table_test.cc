// Holds the table of rules to docs/rules.md, and both to the contract's enums.
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/request/rule.h"
#include "tests/unit/request/request_builder.h"

namespace ccplace {
namespace {

using ::testing::Contains;

// The lines of the table under `heading` in docs/rules.md, without its two head lines.
std::vector<std::string> DocumentedRows(const std::string& heading) {
  std::ifstream file(CCPLACE_SOURCE_DIR "/docs/rules.md");
  std::vector<std::string> rows;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("## ", 0) == 0) inside = line == "## " + heading;
    if (inside && line.rfind("| ", 0) == 0) rows.push_back(line);
  }
  return std::vector<std::string>(rows.begin() + std::min<size_t>(1, rows.size()), rows.end());
}

std::string ModelsOf(uint32_t need) {
  if (need == rules::kEveryModel) return "all";
  std::vector<std::string> names;
  for (const rules::Model& model : rules::Models()) {
    if ((model.needs & need) == need) names.emplace_back(model.name);
  }
  return absl::StrJoin(names, ", ");
}

std::string DialectsOf(uint32_t dialects) {
  if (dialects == rules::kBothDialects) return "both";
  return dialects == rules::kNova ? "nova" : "blueprint";
}

template <typename... Cells>
std::string Row(const Cells&... cells) {
  std::string row = "|";
  (absl::StrAppend(&row, " ", cells, " |"), ...);
  return row;
}

TEST(RuleTableTest, DocumentationShowsEveryViolationRule) {
  std::vector<std::string> rows;
  for (const rules::Rule& rule : rules::Rules()) {
    rows.push_back(Row(v1::ViolationReason_Name(rule.reason).substr(17), ModelsOf(rule.need),
                       DialectsOf(rule.dialects), rule.keys, rule.requirement, rule.remedy));
  }
  EXPECT_EQ(DocumentedRows("Violations"), rows) << "docs/rules.md must hold:\n"
                                                << absl::StrJoin(rows, "\n");
}

TEST(RuleTableTest, DocumentationShowsEveryWarning) {
  const char* when_names[] = {"always", "asked for", "not asked for"};
  std::vector<std::string> rows;
  for (const rules::WarningRule& rule : rules::WarningRules()) {
    rows.push_back(Row(v1::WarningReason_Name(rule.reason).substr(15), ModelsOf(rule.need),
                       DialectsOf(rule.dialects), when_names[static_cast<int>(rule.when)],
                       rule.keys, rule.meaning, rule.remedy));
  }
  EXPECT_EQ(DocumentedRows("Warnings"), rows) << "docs/rules.md must hold:\n"
                                              << absl::StrJoin(rows, "\n");
}

std::string ValuesOf(const rules::NovaProperty& property) {
  if (property.kind == rules::NovaProperty::Kind::kInteger) return "a whole number";
  return absl::StrJoin(property.words, ", ");
}

TEST(RuleTableTest, DocumentationShowsEveryValueOfNovasProperties) {
  const char* cases[] = {"", "-", "exact", "any"};
  std::vector<std::string> rows;
  for (const rules::NovaProperty& property : rules::NovaProperties()) {
    if (property.kind == rules::NovaProperty::Kind::kText) continue;
    rows.push_back(Row(property.name, ValuesOf(property), cases[static_cast<int>(property.kind)]));
  }
  EXPECT_EQ(DocumentedRows("Values of image properties"), rows) << "docs/rules.md must hold:\n"
                                                                << absl::StrJoin(rows, "\n");
}

TEST(RuleTableTest, DocumentationShowsEveryModel) {
  std::vector<std::string> rows;
  for (const rules::Model& model : rules::Models()) {
    const auto says = [&model](rules::Need need) {
      return (model.needs & need) != 0 ? "yes" : "no";
    };
    rows.push_back(Row(model.name, model.trait, says(rules::kStatelessFirmware),
                       says(rules::kNoVideo), says(rules::kNoScsiBoot), says(rules::kNoPmu),
                       says(rules::kSmallPages)));
  }
  EXPECT_EQ(DocumentedRows("Models"), rows) << "docs/rules.md must hold:\n"
                                            << absl::StrJoin(rows, "\n");
}

TEST(RuleTableTest, DocumentationShowsEveryOperationAsItIsJudged) {
  std::vector<std::string> rows;
  for (int value = v1::OPERATION_BOOT; v1::Operation_IsValid(value); ++value) {
    const auto operation = static_cast<v1::Operation>(value);
    const auto answer = Judged(With(Good("amd-sev"), operation));
    const bool accepted = answer.decision() == v1::DECISION_ACCEPTED;
    const auto warnings = WarningsOf(answer);
    rows.push_back(Row(v1::Operation_Name(operation).substr(10), accepted ? "accepted" : "refused",
                       warnings.empty() ? "none" : *warnings.begin()));
  }
  EXPECT_EQ(DocumentedRows("Operations"), rows) << "docs/rules.md must hold:\n"
                                                << absl::StrJoin(rows, "\n");
}

TEST(RuleTableTest, DocumentationShowsEveryKeyThatIsRead) {
  std::string text;
  for (const std::string& row : DocumentedRows("Violations")) text += row;
  for (const std::string& row : DocumentedRows("Warnings")) text += row;
  for (const rules::KnownKey& known : rules::KnownKeys()) {
    EXPECT_THAT(text, testing::HasSubstr(std::string(known.name)));
  }
}

// A request for every reason of the contract; the test below fails for one that has none.
std::map<v1::ViolationReason, v1::ValidateRequestRequest> Offending() {
  const auto tdx = [](const Pairs& image, const Pairs& flavor = {}) {
    return Good("intel-tdx", image, flavor);
  };
  return {
      {v1::VIOLATION_REASON_INVALID_BOOLEAN, tdx({{"hw_mem_encryption", "enabled"}})},
      {v1::VIOLATION_REASON_ENCRYPTION_CONFLICT, tdx({{"hw_mem_encryption", "no"}})},
      {v1::VIOLATION_REASON_MODEL_CONFLICT, tdx({{"hw_mem_encryption_model", "amd-sev"}})},
      {v1::VIOLATION_REASON_UNKNOWN_MODEL, Good("intel-sgx")},
      {v1::VIOLATION_REASON_FIRMWARE_NOT_UEFI, tdx({{"hw_firmware_type", "bios"}})},
      {v1::VIOLATION_REASON_FIRMWARE_CONFLICT, Blueprint(tdx({}, {{"hw:firmware_type", "bios"}}))},
      {v1::VIOLATION_REASON_MACHINE_NOT_Q35, tdx({{"hw_machine_type", "pc"}})},
      {v1::VIOLATION_REASON_MACHINE_CONFLICT,
       Blueprint(tdx({}, {{"hw:machine_type", "pc-q35-9.2"}}))},
      {v1::VIOLATION_REASON_FIRMWARE_NOT_STATELESS, tdx({{"hw_firmware_stateless", "no"}})},
      {v1::VIOLATION_REASON_VIDEO_MODEL_NOT_NONE, tdx({{"hw_video_model", "qxl"}})},
      {v1::VIOLATION_REASON_SCSI_BOOT_DISK, tdx({{"hw_disk_bus", "scsi"}})},
      {v1::VIOLATION_REASON_PMU_REQUESTED, tdx({{"hw_pmu", "true"}})},
      {v1::VIOLATION_REASON_PMU_CONFLICT, tdx({{"hw_pmu", "true"}}, {{"hw:pmu", "no"}})},
      {v1::VIOLATION_REASON_OPERATION_REFUSED, With(tdx({}), v1::OPERATION_SUSPEND)},
      {v1::VIOLATION_REASON_INVALID_VALUE, With(tdx({}), {Device("virtio", "first")})},
      {v1::VIOLATION_REASON_SECURE_BOOT_CONFLICT,
       tdx({{"os_secure_boot", "required"}}, {{"os:secure_boot", "optional"}})},
      {v1::VIOLATION_REASON_PAGE_SIZE_CONFLICT, tdx({{"hw_mem_page_size", "2MB"}})},
      {v1::VIOLATION_REASON_CPU_POLICY_CONFLICT,
       tdx({{"hw_cpu_policy", "dedicated"}}, {{"hw:cpu_policy", "shared"}})},
      {v1::VIOLATION_REASON_LOCKED_MEMORY_CONFLICT,
       tdx({{"hw_locked_memory", "no"}}, {{"hw:locked_memory", "yes"}})},
      {v1::VIOLATION_REASON_LOCKED_MEMORY_WITHOUT_PAGE_SIZE, tdx({{"hw_locked_memory", "yes"}})},
      {v1::VIOLATION_REASON_SETTING_CONFLICT, tdx({{"hw_pci_numa_affinity_policy", "legacy"}},
                                                  {{"hw:pci_numa_affinity_policy", "socket"}})},
      {v1::VIOLATION_REASON_DEDICATED_CPUS_NEEDED, tdx({{"hw_cpu_thread_policy", "require"}})},
      {v1::VIOLATION_REASON_IMAGE_NOT_ACTIVE, WithStatus(tdx({}), "deactivated")},
  };
}

TEST(RuleTableTest, EveryReasonOfTheContractHasARequestThatGetsIt) {
  const auto offending = Offending();
  const auto* reasons = v1::ViolationReason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<v1::ViolationReason>(reasons->value(i)->number());
    if (reason == v1::VIOLATION_REASON_UNSPECIFIED) continue;
    ASSERT_EQ(offending.count(reason), 1u) << "no request for " << v1::ViolationReason_Name(reason);
    const auto answer = Judged(offending.at(reason));
    EXPECT_EQ(answer.decision(), v1::DECISION_REJECTED);
    EXPECT_THAT(ReasonsOf(answer), Contains(v1::ViolationReason_Name(reason).substr(17)));
  }
}

std::map<v1::WarningReason, v1::ValidateRequestRequest> Warned() {
  return {
      {v1::WARNING_REASON_VNC_USELESS, Good("intel-tdx", {{"hw_video_ram", "64"}})},
      {v1::WARNING_REASON_HUGE_PAGES_DEMOTED, Good("intel-tdx", {}, {{"hw:mem_page_size", "1GB"}})},
      {v1::WARNING_REASON_EXTRA_SPEC_REFUSED, Good("intel-tdx", {}, {{"hw:gpu", "1"}})},
      {v1::WARNING_REASON_KEY_NOT_READ, Good("intel-tdx", {}, {{"hw:machine_type", "q35"}})},
      {v1::WARNING_REASON_RELEASED_NOVA_REFUSES,
       Blueprint(
           Good("intel-tdx", {{"hw_firmware_type", "(none)"}}, {{"hw:firmware_type", "uefi"}}))},
      {v1::WARNING_REASON_SOFT_REBOOT_IS_RESTART, With(Good("amd-sev"), v1::OPERATION_SOFT_REBOOT)},
      {v1::WARNING_REASON_MODEL_IGNORED, Request({{"hw:mem_encryption_model", "intel-tdx"}}, {})},
      {v1::WARNING_REASON_ENCRYPTION_NOT_ASKED,
       Request({{"trait:HW_CPU_X86_INTEL_TDX", "required"}}, {})},
      {v1::WARNING_REASON_KEY_MISSPELT, Request({{"hw:mem_encrypt", "true"}}, {})},
      {v1::WARNING_REASON_MODEL_DEFAULTED, Request({{"hw:mem_encryption", "true"}}, {})},
  };
}

// Of a domain to be defined, which ValidateRequest does not know: lifecycle.RepeatTest and
// DefineTest have them.
bool IsOfDefinitions(v1::WarningReason reason) {
  return reason == v1::WARNING_REASON_DEBUG_NEVER_STARTS ||
         reason == v1::WARNING_REASON_DOMAIN_NOT_COMPARED;
}

// Of a host's firmware, which EvaluateHost knows: HostVerdictTest has it.
constexpr v1::WarningReason kOfHosts = v1::WARNING_REASON_ONLY_SIGNED_LOADERS;

TEST(RuleTableTest, EveryWarningOfTheContractHasARequestThatGetsIt) {
  const auto warned = Warned();
  const auto* reasons = v1::WarningReason_descriptor();
  for (int i = 0; i < reasons->value_count(); ++i) {
    const auto reason = static_cast<v1::WarningReason>(reasons->value(i)->number());
    if (reason == v1::WARNING_REASON_UNSPECIFIED || IsOfDefinitions(reason)) continue;
    if (reason == kOfHosts) continue;
    ASSERT_EQ(warned.count(reason), 1u) << "no request for " << v1::WarningReason_Name(reason);
    EXPECT_THAT(WarningsOf(Judged(warned.at(reason))),
                Contains(v1::WarningReason_Name(reason).substr(15)));
  }
}

TEST(RuleTableTest, EveryModelOfTheContractHasARow) {
  std::set<int> known;
  for (const rules::Model& model : rules::Models()) known.insert(model.model);
  const auto* models = v1::EncryptionModel_descriptor();
  for (int i = 0; i < models->value_count(); ++i) {
    const int number = models->value(i)->number();
    EXPECT_EQ(known.count(number), number == 0 ? 0u : 1u) << models->value(i)->name();
  }
}

}  // namespace
}  // namespace ccplace
