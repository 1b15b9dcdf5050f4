// Flags: addresses to listen on, and which callers are allowed.
#include <set>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_format.h"
#include "server/config/flags.h"

namespace ccplace {
namespace {

// A file's permissions, in octal as chmod(1) takes them.
struct FileMode {
  mode_t bits = 0;
};

bool AbslParseFlag(absl::string_view text, FileMode* mode, std::string* error) {
  mode->bits = 0;
  if (text.empty() || text.size() > 4) text = "x";
  for (const char digit : text) {
    if (digit < '0' || digit > '7') {
      *error = "give an octal mode, as 0660";
      return false;
    }
    mode->bits = mode->bits * 8 + static_cast<mode_t>(digit - '0');
  }
  return true;
}

std::string AbslUnparseFlag(const FileMode& mode) { return absl::StrFormat("%04o", mode.bits); }

// A role on the command line.
struct RoleFlag {
  Role role = Role::kReader;
};

bool AbslParseFlag(absl::string_view text, RoleFlag* flag, std::string* error) {
  for (const Role role : {Role::kReader, Role::kOperator}) {
    flag->role = role;
    if (text == RoleName(role)) return true;
  }
  *error = "give reader or operator";
  return false;
}

std::string AbslUnparseFlag(const RoleFlag& flag) { return std::string(RoleName(flag.role)); }

}  // namespace
}  // namespace ccplace

ABSL_FLAG(
    std::string, operator_socket, "/run/ccplace/ccplaced.sock",
    "Unix socket for all calls: every user who can open it has the role operator, which is as good "
    "as root on this host. Empty: none.");
ABSL_FLAG(std::string, operator_socket_owner, "",
          "User, by name or number, that the operator socket is given to. Empty: the daemon's.");
ABSL_FLAG(std::string, operator_socket_group, "",
          "Group, by name or number, of the operator socket. Empty: the daemon's.");
ABSL_FLAG(ccplace::FileMode, operator_socket_mode, {0660}, "Mode of the operator socket, octal.");
ABSL_FLAG(
    std::string, readonly_socket, "/run/ccplace/ccplaced-ro.sock",
    "Unix socket for calls that change nothing: every user who can open it has the role reader. "
    "Empty: none.");
ABSL_FLAG(std::string, readonly_socket_owner, "",
          "User, by name or number, that the read-only socket is given to. Empty: the daemon's.");
ABSL_FLAG(std::string, readonly_socket_group, "",
          "Group, by name or number, of the read-only socket. Empty: the daemon's.");
ABSL_FLAG(ccplace::FileMode, readonly_socket_mode, {0666}, "Mode of the read-only socket, octal.");
ABSL_FLAG(std::string, tls_address, "",
          "IP:PORT or [IPV6]:PORT to serve over TLS 1.2 or later, with client certificates. "
          "Empty: none.");
ABSL_FLAG(std::string, tls_certificate, "",
          "PEM file of the server's certificate and its chain; read again when it changes.");
ABSL_FLAG(std::string, tls_key, "", "PEM file of the certificate's key, without a password.");
ABSL_FLAG(std::string, tls_client_ca, "", "PEM file of the CA that client certificates come from.");
ABSL_FLAG(std::vector<std::string>, tls_readers, {},
          "Client certificates with the role reader, by subject alternative name, with commas "
          "between: dns:NAME, uri:URI, ip:ADDRESS or email:ADDRESS; * is every verified one.");
ABSL_FLAG(std::vector<std::string>, tls_operators, {},
          "Client certificates with the role operator, by subject alternative name.");
ABSL_FLAG(std::string, tls_revoked, "",
          "File of client certificates that count no more, one a line: serial:HEX, or a subject "
          "alternative name; what follows \"#\" is a remark. Read again when it changes; takes the "
          "role from open connections too. Empty: none.");
ABSL_FLAG(std::string, plaintext_address, "",
          "Loopback IP:PORT or [::1]:PORT to serve without TLS, to every user of this host. Empty: "
          "none.");
ABSL_FLAG(ccplace::RoleFlag, plaintext_role, {},
          "Role of callers over plaintext: reader or operator.");

namespace ccplace {
namespace {

std::set<std::string> AsSet(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

}  // namespace

void ReadListenFlags(ListenOptions& options) {
  options.operator_socket = {
      absl::GetFlag(FLAGS_operator_socket), absl::GetFlag(FLAGS_operator_socket_owner),
      absl::GetFlag(FLAGS_operator_socket_group), absl::GetFlag(FLAGS_operator_socket_mode).bits};
  options.readonly_socket = {
      absl::GetFlag(FLAGS_readonly_socket), absl::GetFlag(FLAGS_readonly_socket_owner),
      absl::GetFlag(FLAGS_readonly_socket_group), absl::GetFlag(FLAGS_readonly_socket_mode).bits};
  options.tls.address = absl::GetFlag(FLAGS_tls_address);
  options.tls.certificate_file = absl::GetFlag(FLAGS_tls_certificate);
  options.tls.key_file = absl::GetFlag(FLAGS_tls_key);
  options.tls.client_ca_file = absl::GetFlag(FLAGS_tls_client_ca);
  options.tls.roles.readers = AsSet(absl::GetFlag(FLAGS_tls_readers));
  options.tls.roles.operators = AsSet(absl::GetFlag(FLAGS_tls_operators));
  options.tls.revoked_file = absl::GetFlag(FLAGS_tls_revoked);
  options.plaintext_address = absl::GetFlag(FLAGS_plaintext_address);
  options.plaintext_role = absl::GetFlag(FLAGS_plaintext_role).role;
}

}  // namespace ccplace
