// Which firmware libvirt gives to confidential guests, in its own words.
#ifndef CCPLACE_LIB_CAPABILITY_FACTS_FIRMWARE_INQUIRY_H_
#define CCPLACE_LIB_CAPABILITY_FACTS_FIRMWARE_INQUIRY_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ccplace/v1/capability.pb.h"
#include "lib/host/firmware.h"
#include "lib/hypervisor/domain_capabilities.h"
#include "lib/hypervisor/hypervisor.h"

namespace ccplace {

// libvirt's answers for guests of one model: the firmware's path as libvirt sees it, for each way
// of secure boot. FAILED_PRECONDITION: libvirt refuses such a guest, and says why. Any other code:
// it could not be asked.
struct FirmwareAnswers {
  absl::StatusOr<std::string> unstated = absl::UnknownError("not asked yet");
  absl::StatusOr<std::string> off = absl::UnknownError("not asked yet");
  absl::StatusOr<std::string> on = absl::UnknownError("not asked yet");
};

// Of the models that libvirt offers; the others were not asked about.
using FirmwareAnswersByModel = std::map<v1::EncryptionModel, FirmwareAnswers>;

// Asks libvirt to translate the guests in question, which defines nothing, and keeps its answers
// until something changed that they can hang on: the connection, the firmware descriptors in sight,
// or the domain capabilities; or until AskAnew. Thread-safe; no lock is held while libvirt is
// asked.
class FirmwareInquiry {
 public:
  // What there is of descriptors now.
  void NoteDescriptors(const FirmwareCatalog& catalog);

  // The next Read asks whatever is known.
  void AskAnew();

  // The answers for machine type `machine`. `connection`, `capabilities_xml` and `capabilities` are
  // what libvirt said of itself in the same reading. Blocks as libvirt does where it asks.
  // UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED: libvirt did not answer, and nothing is
  // kept.
  absl::StatusOr<FirmwareAnswersByModel> Read(Hypervisor& hypervisor, const std::string& machine,
                                              uint64_t connection,
                                              const std::string& capabilities_xml,
                                              const DomainCapabilities& capabilities);

  // Every path in the answers for trust domains, each once.
  std::vector<std::string> TdxPaths() const;

 private:
  // What the answers hang on.
  struct Basis {
    std::string machine;
    uint64_t connection = 0;
    size_t capabilities = 0;  // Hash of their XML.
    size_t descriptors = 0;   // Their state, and what was wrong with them.
    uint64_t round = 0;       // Grows with each AskAnew.
    bool operator==(const Basis& other) const;
  };

  mutable std::mutex mutex_;
  size_t descriptors_ = 0;
  uint64_t round_ = 1;
  Basis basis_;  // Of answers_; its round is 0 before the first.
  FirmwareAnswersByModel answers_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_CAPABILITY_FACTS_FIRMWARE_INQUIRY_H_
