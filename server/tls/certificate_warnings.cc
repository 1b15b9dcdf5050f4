#include "server/tls/certificate_warnings.h"

#include <sys/stat.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "lib/base/text.h"
#include "server/common/certificates.h"

namespace ccplace {
namespace {

constexpr absl::Duration kLongestNotice = absl::Hours(24 * 14);
constexpr int kNoticePart = 10;  // Of the time that a certificate lasts.

// Of each certificate in `pem`, as far as it can be read.
std::vector<ValidityPeriod> ValiditiesIn(const std::string& pem) {
  std::vector<ValidityPeriod> found;
  for (const CertificateHandle& one : ReadCertificates(pem)) {
    const auto from = NotBefore(*one);
    const auto until = NotAfter(*one);
    if (from.has_value() && until.has_value()) found.push_back({*from, *until});
  }
  return found;
}

absl::Time Earlier(absl::Time one, absl::Time other) { return std::min(one, other); }
absl::Time Later(absl::Time one, absl::Time other) { return std::max(one, other); }

using Choice = absl::Time(absl::Time, absl::Time);

// From what `from` chooses of their beginnings until what `until` chooses of their ends.
std::optional<ValidityPeriod> Combine(const std::vector<ValidityPeriod>& all, Choice* from,
                                      Choice* until) {
  if (all.empty()) return std::nullopt;
  ValidityPeriod combined = all.front();
  for (const ValidityPeriod& one : all) {
    combined = {from(combined.from, one.from), until(combined.until, one.until)};
  }
  return combined;
}

// A file that ends some day, and what that leads to.
struct Lasting {
  absl::string_view flag;
  const std::string& path;
  const std::optional<ValidityPeriod>& validity;
  absl::string_view consequence;
};

// No sentence counts down: it stays the same for as long as what it says is so.
void AddConcern(const Lasting& file, absl::Time now, std::vector<std::string>& sentences) {
  if (!file.validity.has_value()) return;
  const auto [from, until] = *file.validity;
  const std::string subject = absl::StrCat("--", file.flag, ": ", Quoted(file.path));
  constexpr absl::string_view kRenew = "; put a renewed one in its place, no restart is needed";
  if (now > until) {
    sentences.push_back(
        absl::StrCat(subject, " expired at ", UtcText(until), ", and ", file.consequence, kRenew));
  } else if (now < from) {
    sentences.push_back(absl::StrCat(subject, " is not valid before ", UtcText(from), ", and ",
                                     file.consequence, "; correct this host's clock, or put one ",
                                     "that is valid in its place"));
  } else if (until - now < std::min(kLongestNotice, (until - from) / kNoticePart)) {
    sentences.push_back(absl::StrCat(subject, " expires at ", UtcText(until), ", and then ",
                                     file.consequence, kRenew));
  }
}

// What of `mode` is too much for a key's file (PostgreSQL 15, "Secure TCP/IP Connections with
// SSL"): root may let a group read it, as Debian's ssl-cert and Kubernetes' fsGroup do.
mode_t Exposed(mode_t mode, uid_t owner) {
  return mode & (owner == 0 ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO);
}

void AddKeyConcern(const std::string& path, std::vector<std::string>& sentences) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0 || Exposed(info.st_mode, info.st_uid) == 0) return;
  sentences.push_back(absl::StrCat(
      "--tls_key: ", Quoted(path), " is open to other users (mode ",
      absl::StrFormat("%04o", info.st_mode & 07777), ", owner ", info.st_uid,
      "), which lets them impersonate this daemon; chmod 0600 it, or 0640 where root owns it"));
}

}  // namespace

CertificateValidity ValidityOf(const PemBundle& texts) {
  // Of the chain, all must be valid; of the authorities one, and they are taken to leave no gap.
  return {Combine(ValiditiesIn(texts.certificate), Later, Earlier),
          Combine(ValiditiesIn(texts.client_ca), Earlier, Later)};
}

std::vector<std::string> CertificateWarnings(const TlsOptions& options,
                                             const CertificateValidity& dates, absl::Time now) {
  std::vector<std::string> sentences;
  AddKeyConcern(options.key_file, sentences);
  AddConcern({"tls_certificate", options.certificate_file, dates.certificate,
              "callers refuse this endpoint"},
             now, sentences);
  AddConcern({"tls_client_ca", options.client_ca_file, dates.client_ca, "no caller is let in"}, now,
             sentences);
  return sentences;
}

}  // namespace ccplace
