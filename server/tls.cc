#include "server/tls.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

constexpr unsigned kReloadSeconds = 10;

struct CloseFile {
  void operator()(FILE* file) const { fclose(file); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Certificate = std::unique_ptr<X509, FreeCertificate>;
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

absl::Status Fault(const char* flag, const std::string& value, absl::string_view problem) {
  return InvalidFieldsError(
      {{absl::StrCat("--", flag), absl::StrCat(Quoted(value), " ", problem)}});
}

// What `read` makes of the PEM file at `path`.
template <typename Thing, typename Read>
absl::StatusOr<Thing> ReadPem(const char* flag, const std::string& path, Read read) {
  const std::unique_ptr<FILE, CloseFile> file(fopen(path.c_str(), "re"));
  if (file == nullptr) {
    return Fault(flag, path,
                 absl::StrCat("cannot be read (", std::strerror(errno),
                              "); give a PEM file that the daemon may read"));
  }
  Thing thing(read(file.get()));
  ERR_clear_error();
  if (thing == nullptr) return Fault(flag, path, "is no PEM file of that kind; give one");
  return thing;
}

absl::StatusOr<Certificate> ReadCertificate(const char* flag, const std::string& path) {
  return ReadPem<Certificate>(
      flag, path, [](FILE* file) { return PEM_read_X509(file, nullptr, nullptr, nullptr); });
}

// An encrypted key cannot be used: nobody is there to type.
int NoPassword(char*, int, int, void*) { return 0; }

absl::StatusOr<Key> ReadKey(const std::string& path) {
  return ReadPem<Key>("tls_key", path, [](FILE* file) {
    return PEM_read_PrivateKey(file, nullptr, NoPassword, nullptr);
  });
}

}  // namespace

absl::Status CheckTlsFiles(const TlsOptions& options) {
  const auto certificate = ReadCertificate("tls_certificate", options.certificate_file);
  if (!certificate.ok()) return certificate.status();
  const auto key = ReadKey(options.key_file);
  if (!key.ok()) return key.status();
  const auto ca = ReadCertificate("tls_client_ca", options.client_ca_file);
  if (!ca.ok()) return ca.status();
  if (X509_check_private_key(certificate->get(), key->get()) == 1) return absl::OkStatus();
  ERR_clear_error();
  return Fault("tls_key", options.key_file,
               "is not the key of --tls_certificate; give the two that belong together");
}

std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(const TlsOptions& options) {
  namespace tls = grpc::experimental;
  tls::TlsServerCredentialsOptions credentials(
      std::make_shared<tls::FileWatcherCertificateProvider>(
          options.key_file, options.certificate_file, options.client_ca_file, kReloadSeconds));
  credentials.watch_identity_key_cert_pairs();
  credentials.watch_root_certs();
  credentials.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return tls::TlsServerCredentials(credentials);
}

}  // namespace ccplace
