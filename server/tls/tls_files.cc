#include "server/tls/tls_files.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "server/common/openssl_handles.h"

namespace ccplace {
namespace {

constexpr size_t kFileLimitBytes = 1 << 20;

struct CloseFile {
  void operator()(FILE* file) const { fclose(file); }
};

// A flag and the file that it names.
struct FlagFile {
  const char* flag;
  const std::string& path;
  const char* kind = "a PEM file";
};

absl::Status Fault(const FlagFile& file, absl::string_view problem) {
  return InvalidFieldsError(
      {{absl::StrCat("--", file.flag), absl::StrCat(Quoted(file.path), " ", problem)}});
}

absl::Status Unreadable(const FlagFile& file, int error) {
  return Fault(file, absl::StrCat("cannot be read (", std::strerror(error), "); give ", file.kind,
                                  " that the daemon may read"));
}

// Of a regular file: opening a FIFO would wait for who writes to it, and what is read of it is
// gone.
absl::StatusOr<std::string> ReadText(const FlagFile& from) {
  const int fd = open(from.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return Unreadable(from, errno);
  const std::unique_ptr<FILE, CloseFile> file(fdopen(fd, "r"));
  struct stat status = {};
  if (file == nullptr || fstat(fd, &status) != 0) return Unreadable(from, errno);
  if (!S_ISREG(status.st_mode)) {
    return Fault(from, absl::StrCat("is no regular file; give ", from.kind));
  }
  std::string text;
  std::array<char, 4096> piece = {};
  while (const size_t length = fread(piece.data(), 1, piece.size(), file.get())) {
    text.append(piece.data(), length);
    if (text.size() > kFileLimitBytes) {
      return Fault(from, absl::StrCat("is too long for ", from.kind, "; give one"));
    }
  }
  if (ferror(file.get()) != 0) return Unreadable(from, errno);
  return text;
}

// An encrypted key cannot be used: a daemon cannot ask for its passphrase.
int NoPassword(char*, int, int, void*) { return 0; }

// The first thing of its kind in `text`, by one of OpenSSL's readers.
template <typename Thing, typename Read>
absl::StatusOr<Thing> FirstIn(const FlagFile& file, const std::string& text, Read read) {
  const BioHandle bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  Thing thing(bio == nullptr ? nullptr : read(bio.get(), nullptr, NoPassword, nullptr));
  ERR_clear_error();
  if (thing == nullptr) return Fault(file, "is no PEM file of that kind; give one");
  return thing;
}

absl::Status CheckTogether(const FlagFile& certificate_file, const FlagFile& key_file,
                           const FlagFile& ca_file, const PemBundle& texts) {
  const auto certificate =
      FirstIn<CertificateHandle>(certificate_file, texts.certificate, PEM_read_bio_X509);
  if (!certificate.ok()) return certificate.status();
  const auto key = FirstIn<KeyHandle>(key_file, texts.key, PEM_read_bio_PrivateKey);
  if (!key.ok()) return key.status();
  const auto ca = FirstIn<CertificateHandle>(ca_file, texts.client_ca, PEM_read_bio_X509);
  if (!ca.ok()) return ca.status();
  if (X509_check_private_key(certificate->get(), key->get()) == 1) return absl::OkStatus();
  ERR_clear_error();
  return Fault(key_file, "is not the key of --tls_certificate; give the two that belong together");
}

// One that cannot be run as a program, where the kernel has the distinction: hardened hosts refuse
// the other kind (memfd_create(2), MFD_NOEXEC_SEAL, Linux 6.3; sysctl vm.memfd_noexec).
int MakeMemoryFile() {
  constexpr unsigned kNoExecution = 0x8;
  const int fd = memfd_create("ccplaced", MFD_CLOEXEC | kNoExecution);
  return fd < 0 && errno == EINVAL ? memfd_create("ccplaced", MFD_CLOEXEC) : fd;
}

absl::Status SystemError(absl::string_view attempt, int error) {
  return absl::UnavailableError(
      absl::StrCat("a file in memory: cannot ", attempt, ": ", std::strerror(error)));
}

}  // namespace

absl::StatusOr<PemBundle> ReadTlsFiles(const TlsOptions& options) {
  const FlagFile certificate_file = {"tls_certificate", options.certificate_file};
  const FlagFile key_file = {"tls_key", options.key_file};
  const FlagFile ca_file = {"tls_client_ca", options.client_ca_file};
  auto certificate = ReadText(certificate_file);
  if (!certificate.ok()) return certificate.status();
  auto key = ReadText(key_file);
  if (!key.ok()) return key.status();
  auto ca = ReadText(ca_file);
  if (!ca.ok()) return ca.status();
  PemBundle texts = {*std::move(certificate), *std::move(key), *std::move(ca)};
  const absl::Status checked = CheckTogether(certificate_file, key_file, ca_file, texts);
  if (!checked.ok()) return checked;
  return texts;
}

absl::StatusOr<Revocations> ReadRevocations(const TlsOptions& options,
                                            const Revocations& previous) {
  if (options.revoked_file.empty()) return Revocations();
  const FlagFile file = {"tls_revoked", options.revoked_file, "a list of certificates"};
  const auto text = ReadText(file);
  if (!text.ok()) return text.status();
  // As a disk that is full leaves it.
  if (text->empty() && previous.size() > 0) {
    return Fault(file, "is empty, and was not; where nothing is to be revoked write a line of #");
  }
  auto parsed = Revocations::Parse(*text);
  if (!parsed.ok()) return Fault(file, parsed.status().message());
  return parsed;
}

MemoryFile::~MemoryFile() {
  if (fd_ >= 0) close(fd_);
}

absl::Status MemoryFile::Replace(absl::string_view content) {
  const int fd = MakeMemoryFile();
  if (fd < 0) return SystemError("make it", errno);
  auto closer = absl::MakeCleanup([fd] { close(fd); });
  if (write(fd, content.data(), content.size()) != static_cast<ssize_t>(content.size())) {
    return SystemError("write it", errno);
  }
  if (fd_ >= 0) {
    return dup3(fd, fd_, O_CLOEXEC) < 0 ? SystemError("replace it", errno) : absl::OkStatus();
  }
  fd_ = fd;
  std::move(closer).Cancel();
  return absl::OkStatus();
}

std::string MemoryFile::path() const { return absl::StrCat("/proc/self/fd/", fd_); }

}  // namespace ccplace
