#include "lib/hypervisor/domain_xml_cache.h"

namespace ccplace {

DomainXmlCache::Found DomainXmlCache::Look(const std::string& uuid, int id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto [entry, added] = entries_.try_emplace(uuid);
  if (added || entry->second.id != id) entry->second = {std::nullopt, ++last_age_, id};
  return {entry->second.xml, entry->second.age};
}

void DomainXmlCache::Keep(const std::string& uuid, uint64_t age, const std::string& xml) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto entry = entries_.find(uuid);
  if (entry != entries_.end() && entry->second.age == age) entry->second.xml = xml;
}

void DomainXmlCache::Forget(const std::string& uuid) {
  const std::lock_guard<std::mutex> lock(mutex_);
  entries_.erase(uuid);
}

void DomainXmlCache::KeepOnly(const std::unordered_set<std::string>& uuids) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    entry = uuids.count(entry->first) == 0 ? entries_.erase(entry) : ++entry;
  }
}

}  // namespace ccplace
