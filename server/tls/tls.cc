#include "server/tls/tls.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "lib/base/text.h"

namespace ccplace {
namespace {

// How often the log is told of what is still as it was.
constexpr std::chrono::hours kReminder{24};

}  // namespace

absl::StatusOr<std::unique_ptr<Tls>> Tls::Start(const TlsOptions& options,
                                                std::shared_ptr<Published<TlsDates>> dates,
                                                const Clock& clock) {
  auto texts = ReadTlsFiles(options);
  if (!texts.ok()) return texts.status();
  std::unique_ptr<Tls> tls(new Tls(options, std::move(dates), clock));
  const absl::Status served = tls->Serve(*texts);
  if (!served.ok()) return served;
  tls->TellConcerns();
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

absl::Status Tls::Serve(const TlsTexts& texts) {
  // gRPC may look between the first and the last. It finds the rest at its next look.
  absl::Status status = certificate_.Replace(texts.certificate);
  status.Update(key_.Replace(texts.key));
  status.Update(client_ca_.Replace(texts.client_ca));
  if (!status.ok()) return status;
  served_ = texts;
  dates_->Publish(std::make_shared<const TlsDates>(DatesOf(texts)));
  return status;
}

void Tls::Loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stop_.wait_for(lock, options_.look_interval, [this] { return stopping_; })) {
    Look();
    TellConcerns();
  }
}

void Tls::Look() {
  auto texts = ReadTlsFiles(options_);
  if (!texts.ok()) return Tell(texts.status());
  const bool still = std::exchange(seen_, *texts) == *texts;
  if (*texts == served_) fault_.clear();
  if (*texts == served_ || !still) return;
  const absl::Status status = Serve(*texts);
  if (!status.ok()) return Tell(status);
  fault_.clear();
  spdlog::info(
      "--tls_address: serving the files of --tls_certificate, --tls_key and "
      "--tls_client_ca as they are now");
}

void Tls::TellConcerns() {
  auto concerns = TlsConcerns(options_, *dates_->Current(), absl::FromChrono(clock_.Wall()));
  const auto now = clock_.Monotonic();
  const bool due = now >= concerns_due_;
  if (due) concerns_due_ = now + kReminder;
  for (const std::string& sentence : concerns) {
    const bool told = std::count(concerns_.begin(), concerns_.end(), sentence) > 0;
    if (due || !told) spdlog::warn("{}", sentence);
  }
  concerns_ = std::move(concerns);
}

// Once, and only what lasts: files that are renewed one by one do not fit for a moment.
void Tls::Tell(const absl::Status& fault) {
  const std::string message(fault.message());
  if (std::exchange(fault_, message) != message) {
    told_ = false;
  } else if (!std::exchange(told_, true)) {
    spdlog::warn("--tls_address: still serving the certificates of before: {}",
                 Printable(message, 512));
  }
}

}  // namespace ccplace
