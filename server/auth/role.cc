#include "server/auth/role.h"

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "lib/base/text.h"

namespace ccplace {

absl::string_view RoleName(Role role) {
  switch (role) {
    case Role::kNone:
      return "none";
    case Role::kReader:
      return "reader";
    case Role::kOperator:
      return "operator";
  }
  return "none";
}

bool IsCertificateName(absl::string_view name) {
  if (name == "*") return true;
  for (const absl::string_view prefix : kCertificateNamePrefixes) {
    if (!absl::ConsumePrefix(&name, prefix)) continue;
    return !name.empty() && IsPrintable(name) && !absl::StrContains(name, ' ');
  }
  return false;
}

}  // namespace ccplace
