// How the values of extra specs and properties are read. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_REQUEST_VALUES_H_
#define CCPLACE_LIB_REQUEST_VALUES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace ccplace::rules {

// Whether `text` is one of `words`.
bool IsOneOf(absl::string_view text, absl::Span<const absl::string_view> words);
bool IsOneOfAnyCase(absl::string_view text, absl::Span<const absl::string_view> words);

// A number as Python's int reads it: a sign or none, digits, single underscores between them,
// spaces around; of ASCII alone. One past int64_t's limits is taken for the limit. Nothing: no
// number.
std::optional<int64_t> ReadInteger(absl::string_view text);

// Whether nova takes it for the size of a memory page: "small", "large", "any", digits (KiB), or
// what oslo.utils' string_to_bytes reads by the IEC's units.
bool IsPageSize(const std::string& text);

// Whether a flavor's page size lets the image choose one.
inline bool LeavesPageSizeOpen(absl::string_view size) { return size == "any" || size == "large"; }

// A boolean as oslo.utils' bool_from_string reads it when it is strict.
enum class Boolean : uint8_t { kUnset, kFalse, kTrue, kInvalid };

// Trimmed, case-insensitive: 1 t true on y yes; 0 f false off n no; all else (empty too) invalid.
Boolean ReadBoolean(absl::string_view text);

// Place of a block device in the boot order.
enum class BootPlace { kNone, kFirst, kLater, kInvalid };

// As nova takes it: an integer with or without a sign, spaces around it; empty, "None", "null"
// and negative numbers: not booted from.
BootPlace ReadBootIndex(absl::string_view text);

// Whether a bus or controller name says SCSI, in any case and with spaces around it.
bool IsScsi(absl::string_view bus);

// Whether nova, on KVM, puts a disk on this bus rather than falling back to the image's.
bool IsBusOfKvm(absl::string_view bus);

// Whether a page size can only mean ordinary 4 KiB pages. Sizes without unit are KiB.
bool IsSmallPageSize(absl::string_view text);

// Whether Placement takes it for the name of a resource class or trait: A-Z 0-9 _, 255 bytes.
bool IsPlacementName(absl::string_view text);

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_VALUES_H_
