// Removes from a text what identifies hosts and people.
#ifndef CCPLACE_CLIENT_CTL_REPORT_REDACTOR_H_
#define CCPLACE_CLIENT_CTL_REPORT_REDACTOR_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace ccplace::ctl {

// Replaces UUIDs, MAC, IP and mail addresses, names in certificates ("dns:nova.example"), hosts in
// URLs, home folders, domains' names as ccplace quotes them, and the names that it was given, by
// stand-ins ("uuid-1"). The same text gets the same stand-in, so that a reader sees what belongs
// together. Where something was escaped ("\x0a", "\n") begins and ends a text of its own. Not
// thread-safe.
class Redactor {
 public:
  // `names`: of hosts, each replaced wherever no letter or digit stands beside it, with the labels
  // before it ("db.node-7" for "node-7"); those of fewer than three bytes are left.
  explicit Redactor(const std::vector<std::string>& names);

  // `text` line by line; a line of more than 64 KiB is left out, which the result says.
  std::string Redact(absl::string_view text);

  // Redact, for a message about guests: what it quotes goes too, and every path but those of
  // programs, devices, sockets and the kernel (/usr, /dev, /run, /var/run, /sys, /proc).
  std::string RedactMessage(absl::string_view message);

  // What stands for `what`, which is of `kind` as a whole.
  std::string StandIn(const std::string& kind, absl::string_view what);

 private:
  std::string RedactLine(absl::string_view line);
  std::string RedactPiece(absl::string_view piece);
  std::string RedactNames(absl::string_view piece);

  std::vector<std::string> names_;                // Lower case, longer ones first.
  const std::shared_ptr<const re2::RE2> next_;    // Finds the next thing to replace.
  const std::shared_ptr<const re2::RE2> domain_;  // A domain by its quoted name.
  const std::shared_ptr<const re2::RE2> guests_;  // What a message quotes, and paths.
  const std::shared_ptr<const re2::RE2> escape_;  // What was escaped.
  std::map<std::string, std::string> stand_ins_;  // By what they stand for.
  std::map<std::string, int> counts_;             // By kind.
};

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_REPORT_REDACTOR_H_
