// The options of the TLS listener.
#ifndef CCPLACE_SERVER_TLS_TLS_OPTIONS_H_
#define CCPLACE_SERVER_TLS_TLS_OPTIONS_H_

#include <chrono>
#include <string>

#include "server/auth/role.h"

namespace ccplace {

// Certificates and keys, PEM files that are read again when they change.
struct TlsOptions {
  std::string address;  // "IP:PORT". Empty: no TLS listener.
  std::string certificate_file;
  std::string key_file;
  std::string client_ca_file;
  CertificateRoles roles;
  std::chrono::seconds look_interval{3};  // How often to look for changes of the files.
  std::string revoked_file;               // As Revocations::Parse has it. Empty: none.
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_TLS_TLS_OPTIONS_H_
