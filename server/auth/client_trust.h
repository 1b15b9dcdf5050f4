// Which client certificates count at the TLS endpoint.
#ifndef CCPLACE_SERVER_AUTH_CLIENT_TRUST_H_
#define CCPLACE_SERVER_AUTH_CLIENT_TRUST_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/auth/revocations.h"
#include "server/common/openssl_handles.h"
#include "server/common/refusal_counts.h"

namespace ccplace {

// A certificate that a client proved to have the key of, as gRPC reports it.
struct ClientCertificate {
  absl::string_view pem;
  absl::string_view chain_pem;     // What the client sent beside it. May be empty.
  std::vector<std::string> names;  // As in CertificateRoles.
};

// What became of one.
struct CertificateVerdict {
  absl::Status status;                        // OK or UNAUTHENTICATED.
  std::optional<CertificateRefusal> refusal;  // Why not OK.
  absl::Time until;                           // OK: the last second of it.
  std::string serial;                         // Hexadecimal digits. Empty: it cannot be read.
  std::string sha256;                         // Of its DER, as openssl x509 -fingerprint digests.
};

// The authorities and revocations of one moment. Immutable, thread-safe.
class ClientTrust {
 public:
  // `authorities`: PEM texts of certificates, of which those that cannot be read are ignored.
  ClientTrust(absl::string_view authorities, Revocations revoked);

  // Whether an authority vouches for `certificate` at `now`, by the rules that gRPC's handshake
  // has: every certificate from it to the authority is valid, and none is revoked. Builds the chain
  // and checks its signatures, so remember the answer.
  CertificateVerdict Judge(const ClientCertificate& certificate, absl::Time now) const;

 private:
  void CheckChain(const X509_STORE_CTX& context, CertificateVerdict& verdict) const;

  const CertificateStoreHandle authorities_;
  const Revocations revoked_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_AUTH_CLIENT_TRUST_H_
