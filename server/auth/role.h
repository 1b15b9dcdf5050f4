// What callers may do.
#ifndef CCPLACE_SERVER_AUTH_ROLE_H_
#define CCPLACE_SERVER_AUTH_ROLE_H_

#include <array>
#include <set>
#include <string>

#include "absl/strings/string_view.h"

namespace ccplace {

// What a caller may do. An operator may do all that a reader may.
enum class Role { kNone, kReader, kOperator };

// "none", "reader", "operator".
absl::string_view RoleName(Role role);

// Subject alternative names of client certificates, as "dns:nova.example.org",
// "uri:spiffe://cluster/scheduler", "ip:10.0.0.1", "email:ops@example.org"; "*" is any certificate
// that the client CA signed.
struct CertificateRoles {
  std::set<std::string> readers;
  std::set<std::string> operators;
};

// What a name of each kind begins with.
inline constexpr std::array<absl::string_view, 4> kCertificateNamePrefixes = {
    "uri:", "dns:", "ip:", "email:"};

// Whether a certificate could be meant by `name` in CertificateRoles: "*", or a kind as above, a
// colon and printable text without a space.
bool IsCertificateName(absl::string_view name);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_AUTH_ROLE_H_
