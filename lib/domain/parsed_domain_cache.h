// What domains' XML said, by uuid.
#ifndef CCPLACE_LIB_DOMAIN_PARSED_DOMAIN_CACHE_H_
#define CCPLACE_LIB_DOMAIN_PARSED_DOMAIN_CACHE_H_

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/domain/domain_xml.h"

namespace ccplace {

// Parses XML that did not change once for all callers. Holds as many domains as were read since
// KeepOnly. Thread-safe; XML is parsed outside of the lock.
class ParsedDomainCache {
 public:
  // Never null.
  using ParsedDomain = std::shared_ptr<const absl::StatusOr<DefinedDomain>>;

  // What ReadDomainXml says of `xml`, which is that of the domain `uuid`.
  ParsedDomain Read(const std::string& uuid, absl::string_view xml);

  // Whether the domain `uuid` was ever read.
  bool Knows(const std::string& uuid) const;

  // Of every domain the latest that was read.
  std::vector<ParsedDomain> All() const;

  // Forgets all domains but these.
  void KeepOnly(const std::unordered_set<std::string>& uuids);

 private:
  struct Entry {
    std::string xml;
    ParsedDomain parsed;
  };

  ParsedDomain Known(const std::string& uuid, absl::string_view xml);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_DOMAIN_PARSED_DOMAIN_CACHE_H_
