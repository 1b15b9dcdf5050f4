// Client certificates that count no more, although they have not ended.
#ifndef CCPLACE_SERVER_AUTH_REVOCATIONS_H_
#define CCPLACE_SERVER_AUTH_REVOCATIONS_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ccplace {

// Immutable once made; for any thread. A list of nothing revokes nothing.
class Revocations {
 public:
  // Of a text with one entry a line: "serial:" and a serial number in hexadecimal digits, with
  // colons or without, or a subject alternative name as in CertificateRoles or as openssl(1) prints
  // it ("DNS:a.example", "IP Address:10.0.0.1"). Blank lines and what follows "#" say nothing.
  // INVALID_ARGUMENT: the line's number, what it holds and the remedy.
  static absl::StatusOr<Revocations> Parse(absl::string_view text);

  // Whether a certificate with this serial number, in hexadecimal digits, is revoked.
  bool HasSerial(absl::string_view serial) const;

  // The first of `names`, subject alternative names with their kinds, that is revoked; null: none.
  // Whatever the case of its letters, the form of its address, or the dot at its end: a name that
  // is written otherwise is no way around.
  const std::string* FindName(const std::vector<std::string>& names) const;

  // What either revokes.
  Revocations Plus(const Revocations& other) const;

  size_t size() const { return entries_.size(); }
  bool operator==(const Revocations& other) const { return entries_ == other.entries_; }
  bool operator!=(const Revocations& other) const { return !(*this == other); }

 private:
  std::set<std::string> entries_;  // In lower case; of serials without colons and leading zeros.
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_AUTH_REVOCATIONS_H_
