// The patterns of AppArmor's file rules.
#ifndef CCPLACE_LIB_HOST_PROFILE_GLOB_H_
#define CCPLACE_LIB_HOST_PROFILE_GLOB_H_

#include "absl/strings/string_view.h"

namespace ccplace {

// Whether `path` is matched by `pattern` (apparmor.d(5), "Globbing"): ** crosses slashes, * and ?
// do not, [a-c] and {one,other} as in a shell, a backslash takes a character as it stands. False
// for what is not understood: a variable, more than 1,024 bytes, more than 64 alternatives.
// Thread-safe: a pure function.
bool MatchesProfileGlob(absl::string_view pattern, absl::string_view path);

}  // namespace ccplace

#endif  // CCPLACE_LIB_HOST_PROFILE_GLOB_H_
