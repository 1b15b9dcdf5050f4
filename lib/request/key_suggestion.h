// Keys that look like misspellings of keys that matter. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_REQUEST_KEY_SUGGESTION_H_
#define CCPLACE_LIB_REQUEST_KEY_SUGGESTION_H_

#include "absl/strings/string_view.h"
#include "ccplace/v1/request.pb.h"
#include "lib/request/settings.h"

namespace ccplace::rules {

// The known key that `key`, found in the flavor or image (`origin`) and not known there, was
// probably meant to be: the nearest by edits, letter case and ":" for "_" not counted; at most one
// edit for every five characters of the known key, none of them at the first. A key of the other
// side counts ("hw_pmu" in a flavor). Null when none is near. Costs a few hundred nanoseconds at
// most, whatever the key.
const KnownKey* SuggestKey(v1::OffenderOrigin origin, absl::string_view key);

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_KEY_SUGGESTION_H_
