// What the checks of paths in use share.
#ifndef CCPLACE_LIB_LIFECYCLE_PATH_IN_USE_H_
#define CCPLACE_LIB_LIFECYCLE_PATH_IN_USE_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/host/host_files.h"
#include "lib/lifecycle/reasons.h"

namespace ccplace {

// FAILED_PRECONDITION: the path of `field` is `by`, a text such as "the log of domain 'a'".
inline absl::Status InUse(const std::string& field, const std::string& path, absl::string_view by) {
  return WithReason(
      absl::FailedPreconditionError(absl::StrCat(field, ": ", Quoted(path), " is ", by)),
      reasons::kPathInUse, field);
}

// Nothing: there is nothing at the path, or it cannot be looked at.
inline std::optional<std::string> IdentityOf(const HostFiles& files, const std::string& path) {
  auto identity = files.Identity(path);
  if (!identity.ok()) return std::nullopt;
  return *std::move(identity);
}

}  // namespace ccplace

#endif  // CCPLACE_LIB_LIFECYCLE_PATH_IN_USE_H_
