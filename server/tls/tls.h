// TLS: certificates from files that may be renewed at any time.
#ifndef CCPLACE_SERVER_TLS_TLS_H_
#define CCPLACE_SERVER_TLS_TLS_H_

#include <grpcpp/security/server_credentials.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/atomic_shared_ptr.h"
#include "lib/base/clock.h"
#include "server/auth/client_trust.h"
#include "server/auth/revocations.h"
#include "server/tls/certificate_warnings.h"
#include "server/tls/tls_files.h"
#include "server/tls/tls_options.h"

namespace ccplace {

// The TLS of an endpoint: 1.2 or 1.3, client certificates demanded and verified. Looks at the files
// every few seconds and serves what they hold, once two looks found it the same and whole: while
// one of them is renewed and the others are not yet, callers get what was served before. gRPC alone
// would shut them out. Faults of files that are served nevertheless are logged, at once and then
// once a day. Thread-safe; must outlive the servers that use its credentials.
class Tls {
 public:
  // Reads the files, and goes on to look at them until it is destroyed, calling `after_look` each
  // time. Publishes how long what is served lasts in `dates`, which it shares. `clock` must outlive
  // it. INVALID_ARGUMENT: as ReadTlsFiles and ReadRevocations. UNAVAILABLE: the system's text.
  static absl::StatusOr<std::unique_ptr<Tls>> Start(
      const TlsOptions& options, std::shared_ptr<AtomicSharedPtr<CertificateValidity>> dates,
      std::function<void()> after_look, const Clock& clock = Clock::System());
  ~Tls();

  std::shared_ptr<grpc::ServerCredentials> credentials() const;

  // Which certificates count now: by the authorities that are served, and without those that are
  // revoked. What is added to the list of those counts at the first look, what is taken from it at
  // the second: a list that is being rewritten restores no certificate.
  std::shared_ptr<const AtomicSharedPtr<ClientTrust>> trust() const { return trust_; }

 private:
  Tls(TlsOptions options, std::shared_ptr<AtomicSharedPtr<CertificateValidity>> dates,
      std::function<void()> after_look, const Clock& clock);

  absl::Status Serve(const PemBundle& bundle);
  void PublishTrust();
  void Loop();
  void Reload();
  void ReloadRevocations();
  void LogOnce(const absl::Status& fault);
  void LogWarnings();

  const TlsOptions options_;
  const std::shared_ptr<AtomicSharedPtr<CertificateValidity>> dates_;
  const std::function<void()> after_look_;
  const Clock& clock_;
  const std::shared_ptr<AtomicSharedPtr<ClientTrust>> trust_;
  MemoryFile certificate_;
  MemoryFile key_;
  MemoryFile client_ca_;
  PemBundle served_;
  PemBundle seen_;                     // At the look before.
  Revocations revoked_;                // In force.
  Revocations revoked_seen_;           // At the look before.
  std::string revoked_fault_;          // Told to the log.
  std::string fault_;                  // Of the look before.
  bool logged_ = false;                // That fault.
  std::vector<std::string> warnings_;  // As logged last.
  std::chrono::steady_clock::time_point warnings_due_ = {};

  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_TLS_TLS_H_
