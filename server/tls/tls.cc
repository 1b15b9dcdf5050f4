#include "server/tls/tls.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/ssl.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "lib/base/text.h"

namespace ccplace {
namespace {

// How often a warning that still holds is logged again.
constexpr std::chrono::hours kReminder{24};

// What OpenSSL calls for each new SSL_CTX (CRYPTO_get_ex_new_index(3), new_func). gRPC's servers
// leave both settings as they are then; TlsTest resumes sessions of either version to see.
void OnNewContext(void* parent, void* /*value*/, CRYPTO_EX_DATA* /*data*/, int /*index*/,
                  long /*number*/, void* /*argument*/) {
  auto* context = static_cast<SSL_CTX*>(parent);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // With TLS 1.3 tickets then name sessions in the cache, which is off.
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
}

// Has every TLS context that this process makes from here on keep no sessions and give out no
// tickets: a resumed session shows no certificate again, and none of its chain. gRPC 1.51 has no
// setting for it. May be called again.
void TurnOffSessionResumption() {
  [[maybe_unused]] static const int index =
      SSL_CTX_get_ex_new_index(0, nullptr, OnNewContext, nullptr, nullptr);
}

}  // namespace

Tls::Tls(TlsOptions options, std::shared_ptr<AtomicSharedPtr<CertificateValidity>> dates,
         std::function<void()> after_look, const Clock& clock)
    : options_(std::move(options)),
      dates_(std::move(dates)),
      after_look_(std::move(after_look)),
      clock_(clock),
      trust_(std::make_shared<AtomicSharedPtr<ClientTrust>>(
          std::make_shared<const ClientTrust>("", Revocations()))) {}

absl::StatusOr<std::unique_ptr<Tls>> Tls::Start(
    const TlsOptions& options, std::shared_ptr<AtomicSharedPtr<CertificateValidity>> dates,
    std::function<void()> after_look, const Clock& clock) {
  auto bundle = ReadTlsFiles(options);
  if (!bundle.ok()) return bundle.status();
  auto revoked = ReadRevocations(options);
  if (!revoked.ok()) return revoked.status();
  TurnOffSessionResumption();
  std::unique_ptr<Tls> tls(new Tls(options, std::move(dates), std::move(after_look), clock));
  tls->revoked_ = tls->revoked_seen_ = *std::move(revoked);
  const absl::Status served = tls->Serve(*bundle);
  if (!served.ok()) return served;
  tls->LogWarnings();
  tls->thread_ = std::thread([&tls = *tls] { tls.Loop(); });
  return tls;
}

Tls::~Tls() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<grpc::ServerCredentials> Tls::credentials() const {
  namespace tls = grpc::experimental;
  tls::TlsServerCredentialsOptions credentials(
      std::make_shared<tls::FileWatcherCertificateProvider>(
          key_.path(), certificate_.path(), client_ca_.path(),
          static_cast<unsigned>(options_.look_interval.count())));
  credentials.watch_identity_key_cert_pairs();
  credentials.watch_root_certs();
  credentials.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return tls::TlsServerCredentials(credentials);
}

absl::Status Tls::Serve(const PemBundle& bundle) {
  // gRPC may look between the first and the last. It finds the rest at its next look.
  absl::Status status = certificate_.Replace(bundle.certificate);
  status.Update(key_.Replace(bundle.key));
  status.Update(client_ca_.Replace(bundle.client_ca));
  if (!status.ok()) return status;
  served_ = bundle;
  dates_->Publish(std::make_shared<const CertificateValidity>(ValidityOf(bundle)));
  PublishTrust();
  return status;
}

void Tls::PublishTrust() {
  trust_->Publish(std::make_shared<const ClientTrust>(served_.client_ca, revoked_));
}

void Tls::Loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stop_.wait_for(lock, options_.look_interval, [this] { return stopping_; })) {
    Reload();
    ReloadRevocations();
    LogWarnings();
    after_look_();
  }
}

void Tls::Reload() {
  auto bundle = ReadTlsFiles(options_);
  if (!bundle.ok()) return LogOnce(bundle.status());
  const bool still = std::exchange(seen_, *bundle) == *bundle;
  if (*bundle == served_) fault_.clear();
  if (*bundle == served_ || !still) return;
  const absl::Status status = Serve(*bundle);
  if (!status.ok()) return LogOnce(status);
  fault_.clear();
  spdlog::info(
      "--tls_address: serving the files of --tls_certificate, --tls_key and "
      "--tls_client_ca as they are now");
}

void Tls::ReloadRevocations() {
  auto revoked = ReadRevocations(options_, revoked_);
  if (!revoked.ok()) {
    const std::string fault(revoked.status().message());
    if (std::exchange(revoked_fault_, fault) == fault) return;
    return spdlog::warn("--tls_revoked: keeping the previous revocations: {}",
                        Printable(fault, 512));
  }
  revoked_fault_.clear();
  const bool still = *revoked == revoked_seen_;
  revoked_seen_ = *revoked;
  Revocations next = still ? *std::move(revoked) : revoked_.Plus(*revoked);
  if (next == revoked_) return;
  revoked_ = std::move(next);
  PublishTrust();
  spdlog::info("--tls_revoked: {} certificates and names are revoked now", revoked_.size());
}

void Tls::LogWarnings() {
  auto concerns =
      CertificateWarnings(options_, *dates_->Current(), absl::FromChrono(clock_.Wall()));
  const auto now = clock_.Monotonic();
  const bool due = now >= warnings_due_;
  if (due) warnings_due_ = now + kReminder;
  for (const std::string& sentence : concerns) {
    const bool told = std::count(warnings_.begin(), warnings_.end(), sentence) > 0;
    if (due || !told) spdlog::warn("{}", sentence);
  }
  warnings_ = std::move(concerns);
}

// Once, and only what lasts: files that are renewed one by one do not fit for a moment.
void Tls::LogOnce(const absl::Status& fault) {
  const std::string message(fault.message());
  if (std::exchange(fault_, message) != message) {
    logged_ = false;
  } else if (!std::exchange(logged_, true)) {
    spdlog::warn("--tls_address: still serving the previous certificates: {}",
                 Printable(message, 512));
  }
}

}  // namespace ccplace
