// Words for the contract's values, as people read and type them. Thread-safe: pure functions.
#ifndef CCPLACE_CLIENT_CTL_CONSOLE_ENUM_NAMES_H_
#define CCPLACE_CLIENT_CTL_CONSOLE_ENUM_NAMES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ccplace/v1/capability.pb.h"
#include "ccplace/v1/domain.pb.h"
#include "ccplace/v1/inventory.pb.h"
#include "ccplace/v1/request.pb.h"
#include "client/ctl/console/console.h"
#include "lib/base/enum_name.h"

namespace ccplace::ctl {

// Of other enums UpperEnumName: "SUPPORTED", "PASS".
inline std::string ModelName(v1::EncryptionModel model) { return LowerEnumName(model, "-"); }
inline std::string CheckKindName(v1::CheckKind kind) { return LowerEnumName(kind, " "); }
inline std::string OperationName(v1::Operation operation) { return LowerEnumName(operation, "-"); }
inline std::string DialectName(v1::RequestDialect dialect) { return LowerEnumName(dialect, "-"); }
std::string DecisionName(v1::Decision decision);     // "NOT CONFIDENTIAL"
std::string DomainStateName(v1::DomainState state);  // "running"

Style StyleOf(v1::Support support);
Style StyleOf(v1::CheckResult result);
Style StyleOf(v1::Decision decision);

// `text`, or "unknown" where it is empty.
std::string OrUnknown(const std::string& text);

// The first 12 hexadecimal digits, enough to distinguish images; "unknown" where it is empty.
std::string MrtdText(const std::string& mrtd);

// "63", or "unknown".
std::string FigureText(const v1::Figure& figure);

// "850 ms", "12.0 s", "5 min", "3.2 h".
std::string AgeText(uint64_t age_ms);

// Every model by name, in the order of the enum; every operation likewise.
std::vector<std::string> ModelNames();
std::vector<std::string> OperationNames();

// "nova" or "blueprint"; UNSPECIFIED for anything else.
v1::RequestDialect DialectNamed(absl::string_view word);

// INVALID_ARGUMENT, with what is allowed, for a word that is none.
absl::StatusOr<v1::EncryptionModel> ParseModel(absl::string_view word);
absl::StatusOr<v1::Operation> ParseOperation(absl::string_view word);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_CONSOLE_ENUM_NAMES_H_
