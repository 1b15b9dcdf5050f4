#include "lib/capability/facts/firmware_inquiry.h"

#include <algorithm>
#include <functional>
#include <set>
#include <tuple>
#include <utility>

#include "absl/hash/hash.h"
#include "lib/domain/firmware_question.h"
#include "lib/hypervisor/command_line.h"

namespace ccplace {
namespace {

bool IsNoAnswer(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status);
}

size_t StateOf(const FirmwareCatalog& catalog) {
  size_t state = catalog.state;
  for (const absl::Status& problem : catalog.problems) {
    state = absl::HashOf(state, std::string(problem.message()));
  }
  return state;
}

bool Offers(const DomainCapabilities& capabilities, absl::string_view sectype) {
  return std::find(capabilities.sectypes.begin(), capabilities.sectypes.end(), sectype) !=
         capabilities.sectypes.end();
}

std::vector<v1::EncryptionModel> OfferedModels(const DomainCapabilities& capabilities) {
  std::vector<v1::EncryptionModel> models;
  if (capabilities.tdx == Offer::kYes) models.push_back(v1::ENCRYPTION_MODEL_INTEL_TDX);
  if (capabilities.sev != Offer::kYes) return models;
  if (Offers(capabilities, "sev-snp")) models.push_back(v1::ENCRYPTION_MODEL_AMD_SEV_SNP);
  models.push_back(v1::ENCRYPTION_MODEL_AMD_SEV_ES);
  models.push_back(v1::ENCRYPTION_MODEL_AMD_SEV);
  return models;
}

absl::StatusOr<std::string> Ask(Hypervisor& hypervisor, v1::EncryptionModel model,
                                const std::string& machine, SecureBoot secure_boot) {
  const auto question = BuildFirmwareQuestion(model, machine, secure_boot);
  if (!question.ok()) return question.status();
  const auto command_line = hypervisor.TranslateToNative(*question);
  if (!command_line.ok()) return command_line.status();
  auto firmware = FirmwareOfCommandLine(*command_line);
  // Not libvirt's "no": its answer was not understood.
  if (!firmware.ok()) return absl::InternalError(firmware.status().message());
  return firmware;
}

// Fails where libvirt is silent, and then asks no further.
absl::StatusOr<FirmwareAnswers> AskAll(Hypervisor& hypervisor, v1::EncryptionModel model,
                                       const std::string& machine) {
  FirmwareAnswers answers;
  for (const auto& [secure_boot, answer] :
       {std::pair(SecureBoot::kUnstated, &answers.unstated),
        std::pair(SecureBoot::kOff, &answers.off), std::pair(SecureBoot::kOn, &answers.on)}) {
    *answer = Ask(hypervisor, model, machine, secure_boot);
    if (IsNoAnswer(answer->status())) return answer->status();
  }
  return answers;
}

}  // namespace

bool FirmwareInquiry::Basis::operator==(const Basis& other) const {
  return std::tie(machine, connection, capabilities, descriptors, round) ==
         std::tie(other.machine, other.connection, other.capabilities, other.descriptors,
                  other.round);
}

void FirmwareInquiry::NoteDescriptors(const FirmwareCatalog& catalog) {
  const size_t state = StateOf(catalog);
  const std::lock_guard<std::mutex> lock(mutex_);
  descriptors_ = state;
}

void FirmwareInquiry::AskAnew() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++round_;
}

absl::StatusOr<FirmwareAnswersByModel> FirmwareInquiry::Read(
    Hypervisor& hypervisor, const std::string& machine, uint64_t connection,
    const std::string& capabilities_xml, const DomainCapabilities& capabilities) {
  Basis basis{machine, connection, absl::HashOf(capabilities_xml), 0, 0};
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    basis.descriptors = descriptors_;
    basis.round = round_;
    if (basis == basis_) return answers_;
  }
  FirmwareAnswersByModel answers;
  for (const v1::EncryptionModel model : OfferedModels(capabilities)) {
    auto asked = AskAll(hypervisor, model, machine);
    if (!asked.ok()) return asked.status();
    answers[model] = *std::move(asked);
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  basis_ = basis;
  answers_ = std::move(answers);
  return answers_;
}

std::vector<std::string> FirmwareInquiry::TdxPaths() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto tdx = answers_.find(v1::ENCRYPTION_MODEL_INTEL_TDX);
  if (tdx == answers_.end()) return {};
  std::set<std::string> paths;
  for (const auto* answer : {&tdx->second.unstated, &tdx->second.off, &tdx->second.on}) {
    if (answer->ok()) paths.insert(**answer);
  }
  return {paths.begin(), paths.end()};
}

}  // namespace ccplace
