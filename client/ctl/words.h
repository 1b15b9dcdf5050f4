// Words for the contract's values, as people read and type them. Thread-safe: pure functions.
#ifndef CCPLACE_CLIENT_CTL_WORDS_H_
#define CCPLACE_CLIENT_CTL_WORDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ccplace/v1/capability.pb.h"
#include "ccplace/v1/domain.pb.h"
#include "ccplace/v1/inventory.pb.h"
#include "ccplace/v1/request.pb.h"
#include "client/ctl/console.h"

namespace ccplace::ctl {

// A value that this version does not know is shown as its number.
std::string ModelWord(v1::EncryptionModel model);     // "intel-tdx"
std::string SupportWord(v1::Support support);         // "SUPPORTED"
std::string CheckResultWord(v1::CheckResult result);  // "PASS"
std::string CheckKindWord(v1::CheckKind kind);        // "kernel parameter"
std::string DecisionWord(v1::Decision decision);      // "ACCEPTED"
std::string OperationWord(v1::Operation operation);   // "live-migration"
std::string DomainStateWord(v1::DomainState state);   // "running"
std::string ViolationWord(v1::ViolationReason reason);
std::string WarningWord(v1::WarningReason reason);
std::string BlockerWord(v1::HostBlockerReason reason);

Tone ToneOf(v1::Support support);
Tone ToneOf(v1::CheckResult result);
Tone ToneOf(v1::Decision decision);

// `text`, or "unknown" where it is empty.
std::string OrUnknown(const std::string& text);

// The first 12 hexadecimal digits, which tell images apart; "unknown" where it is empty.
std::string MrtdWord(const std::string& mrtd);

// "63", or "unknown".
std::string FigureWord(const v1::Figure& figure);

// "850 ms", "12.0 s", "5 min", "3.2 h".
std::string AgeWord(uint64_t age_ms);

// Every model by name, in the order of the enum; every operation likewise.
std::vector<std::string> ModelNames();
std::vector<std::string> OperationNames();

// INVALID_ARGUMENT, with what is allowed, for a word that is none.
absl::StatusOr<v1::EncryptionModel> ParseModel(absl::string_view word);
absl::StatusOr<v1::Operation> ParseOperation(absl::string_view word);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_WORDS_H_
