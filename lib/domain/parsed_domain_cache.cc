#include "lib/domain/parsed_domain_cache.h"

#include <utility>

namespace ccplace {

ParsedDomainCache::ParsedDomain ParsedDomainCache::Read(const std::string& uuid,
                                                        absl::string_view xml) {
  ParsedDomain parsed = Known(uuid, xml);
  if (parsed != nullptr) return parsed;
  parsed = std::make_shared<const absl::StatusOr<DefinedDomain>>(ReadDomainXml(xml));
  const std::lock_guard<std::mutex> lock(mutex_);
  entries_[uuid] = {std::string(xml), parsed};
  return parsed;
}

ParsedDomainCache::ParsedDomain ParsedDomainCache::Known(const std::string& uuid,
                                                         absl::string_view xml) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = entries_.find(uuid);
  return found != entries_.end() && found->second.xml == xml ? found->second.parsed : nullptr;
}

bool ParsedDomainCache::Knows(const std::string& uuid) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return entries_.count(uuid) > 0;
}

std::vector<ParsedDomainCache::ParsedDomain> ParsedDomainCache::All() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<ParsedDomain> all;
  for (const auto& [uuid, entry] : entries_) all.push_back(entry.parsed);
  return all;
}

void ParsedDomainCache::KeepOnly(const std::unordered_set<std::string>& uuids) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    entry = uuids.count(entry->first) > 0 ? std::next(entry) : entries_.erase(entry);
  }
}

}  // namespace ccplace
