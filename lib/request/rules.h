// Whether a flavor and an image may run: nova's semantics for the four models, the TDX blueprint's
// rules, and what no peer checks. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_REQUEST_RULES_H_
#define CCPLACE_LIB_REQUEST_RULES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "ccplace/v1/capability.pb.h"
#include "ccplace/v1/request.pb.h"

namespace ccplace {

namespace rules {
struct RequestFacts;
}

// Limits of a flavor's extra specs and an image's properties, as request.proto states them.
struct SettingLimits {
  size_t count;
  size_t key_bytes;
  size_t value_bytes;
};
inline constexpr SettingLimits kExtraSpecLimits = {128, 255, 255};
inline constexpr SettingLimits kPropertyLimits = {256, 255, 4096};

// OK when every string, count and enum of `request` is within the limits that request.proto
// states; else INVALID_ARGUMENT that names every field past them (FieldErrorsOf).
[[nodiscard]] absl::Status CheckRequestBounds(const v1::ValidateRequestRequest& request);

// Whether a rule can read an extra spec (OFFENDER_ORIGIN_FLAVOR) or a property
// (OFFENDER_ORIGIN_IMAGE) of that name. What none reads changes no verdict.
bool RulesRead(v1::OffenderOrigin origin, const std::string& key);

// The same of a setting with that value: what nova takes, and no rule looks at, changes no verdict.
bool RulesRead(v1::OffenderOrigin origin, const std::string& key, const std::string& value);

// Judges `request`, which must be within bounds, on any host with this policy. Fills decision,
// model, violations, warnings, scheduling and judged of `answer` (empty on entry; may live on an
// arena). Leaves host, simulated and freshness empty: they are facts of a host.
void EvaluateRequest(const v1::ValidateRequestRequest& request, const v1::HostPolicy& policy,
                     v1::ValidateRequestResponse& answer);

// The same without scheduling: for callers that want verdicts on many requests.
void EvaluateWithoutScheduling(const v1::ValidateRequestRequest& request,
                               const v1::HostPolicy& policy, v1::ValidateRequestResponse& answer);

// The same of a request that was read before (request_facts.h): for callers that read each flavor
// and each image once and judge all their pairings.
void EvaluateFacts(const rules::RequestFacts& facts, v1::ValidateRequestResponse& answer);

// What is counted of a verdict, without texts of its own.
struct BriefVerdict {
  template <typename Reason>
  struct Finding {
    Reason reason;
    absl::string_view remedy;  // Lives as long as the program.
  };

  v1::Decision decision = v1::DECISION_UNSPECIFIED;
  v1::EncryptionModel model = v1::ENCRYPTION_MODEL_UNSPECIFIED;
  // All violations, and those warnings that say that the guest runs unencrypted (RunsUnencrypted).
  absl::InlinedVector<Finding<v1::ViolationReason>, 8> violations;
  absl::InlinedVector<Finding<v1::WarningReason>, 2> mistakes;
};

// The same verdict as EvaluateFacts, in a fraction of the time where there is much to say.
BriefVerdict EvaluateBriefly(const rules::RequestFacts& facts);

// What is told of a verdict in sentences, as Violation and Warning have them.
struct ToldVerdict {
  template <typename Reason>
  struct Finding {
    Reason reason;
    std::string message;
    absl::string_view remedy;  // Lives as long as the program.
  };

  v1::Decision decision = v1::DECISION_UNSPECIFIED;
  v1::EncryptionModel model = v1::ENCRYPTION_MODEL_UNSPECIFIED;
  std::vector<Finding<v1::ViolationReason>> violations;
  std::vector<Finding<v1::WarningReason>> warnings;
};

// The same verdict as EvaluateFacts.
ToldVerdict EvaluateInSentences(const rules::RequestFacts& facts);

// Whether the guest would run unencrypted although something is asked for that is for encrypted
// ones: as grave as a rejection.
bool RunsUnencrypted(const v1::ValidateRequestResponse& answer);

// What flavor and image ask of secure boot. Where they differ, the strictest; a word that is none
// of nova's counts as unset.
enum class SecureBootWish { kUnset, kOptional, kDisabled, kRequired };
SecureBootWish SecureBootWishOf(const v1::ValidateRequestRequest& request);

}  // namespace ccplace

#endif  // CCPLACE_LIB_REQUEST_RULES_H_
