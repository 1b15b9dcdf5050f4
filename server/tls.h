// TLS: certificates from files that may be renewed at any time.
#ifndef CCPLACE_SERVER_TLS_H_
#define CCPLACE_SERVER_TLS_H_

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "absl/status/status.h"
#include "server/options.h"

namespace ccplace {

// INVALID_ARGUMENT when a file cannot be read or is no PEM of its kind, or when key and certificate
// do not belong together. gRPC itself would start, and refuse every handshake in silence.
[[nodiscard]] absl::Status CheckTlsFiles(const TlsOptions& options);

// TLS 1.2 or 1.3, client certificates demanded and verified, files read again every few seconds.
std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(const TlsOptions& options);

}  // namespace ccplace

#endif  // CCPLACE_SERVER_TLS_H_
