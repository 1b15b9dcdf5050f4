// The reasons that errors of a domain's life carry (ReasonOf), stable: programs branch on them.
#ifndef CCPLACE_LIB_LIFECYCLE_REASONS_H_
#define CCPLACE_LIB_LIFECYCLE_REASONS_H_

#include "absl/strings/string_view.h"

namespace ccplace::reasons {

// The request as such.
inline constexpr absl::string_view kNotConfidential = "REQUEST_NOT_CONFIDENTIAL";
inline constexpr absl::string_view kModelNotTdx = "MODEL_NOT_INTEL_TDX";
inline constexpr absl::string_view kRulesBroken = "REQUEST_BREAKS_RULES";
inline constexpr absl::string_view kDebugNotAllowed = "DEBUG_NOT_ALLOWED";
inline constexpr absl::string_view kPathNotAllowed = "PATH_NOT_ALLOWED";

// What is there already.
inline constexpr absl::string_view kContentDiffers = "UUID_HAS_OTHER_CONTENT";
inline constexpr absl::string_view kNameTaken = "NAME_TAKEN";
inline constexpr absl::string_view kForeignDomain = "DOMAIN_OF_SOMEBODY_ELSE";
inline constexpr absl::string_view kDomainRuns = "DOMAIN_RUNS";
inline constexpr absl::string_view kDomainCrashed = "DOMAIN_CRASHED";
inline constexpr absl::string_view kDomainShutsDown = "DOMAIN_SHUTS_DOWN";

// The host.
inline constexpr absl::string_view kPathNotUsable = "PATH_NOT_USABLE";
inline constexpr absl::string_view kPathInUse = "PATH_IN_USE";
inline constexpr absl::string_view kHostCannotRun = "HOST_CANNOT_RUN_INTEL_TDX";
inline constexpr absl::string_view kNoQuoteService = "QUOTE_SERVICE_NOT_READY";
inline constexpr absl::string_view kSecureBoot = "SECURE_BOOT_NOT_POSSIBLE";
inline constexpr absl::string_view kNoFreeKey = "NO_FREE_KEY";
inline constexpr absl::string_view kStartsBusy = "STARTS_BUSY";
inline constexpr absl::string_view kDefinitionRefused = "DEFINITION_REFUSED";
inline constexpr absl::string_view kStartFailed = "START_FAILED";

}  // namespace ccplace::reasons

#endif  // CCPLACE_LIB_LIFECYCLE_REASONS_H_
