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

// Replaces UUIDs, MAC and IP addresses, names in certificates ("dns:nova.example"), hosts in URLs,
// and the given names by placeholders ("uuid-1"). The same text gets the same placeholder, so that
// a reader sees what belongs together. Not thread-safe.
class Redactor {
 public:
  // `names`: of hosts, each replaced where it is a whole word; those of fewer than three bytes are
  // left.
  explicit Redactor(const std::vector<std::string>& names);

  // `text` line by line; a line of more than 64 KiB is left out, which the result says.
  std::string Redact(absl::string_view text);

 private:
  std::string RedactLine(std::string line);
  std::string StandIn(const std::string& kind, const std::string& what);

  const std::shared_ptr<const re2::RE2> next_;    // Finds the next thing to replace.
  std::map<std::string, std::string> stand_ins_;  // By the text that they replace.
  std::map<std::string, int> counts_;             // By kind.
};

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_REPORT_REDACTOR_H_
