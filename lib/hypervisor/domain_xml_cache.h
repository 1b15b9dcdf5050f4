// Domains' XML, kept until libvirt says that it changed.
#ifndef CCPLACE_LIB_HYPERVISOR_DOMAIN_XML_CACHE_H_
#define CCPLACE_LIB_HYPERVISOR_DOMAIN_XML_CACHE_H_

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace ccplace {

// By uuid. Thread-safe. A reader of libvirt's XML first calls Look, then Keep, which drops what was
// read if the domain changed in between, since it may be older than the change.
class DomainXmlCache {
 public:
  // As libvirt's id of a domain that is not active.
  static constexpr int kInactive = -1;

  struct Found {
    std::optional<std::string> xml;  // Nothing: not known.
    uint64_t age = 0;                // For Keep.
  };

  // `id`: of the domain as it is now. What was kept under another one is forgotten: libvirt gives a
  // new one with each start, and XML of an active domain is another than its definition.
  Found Look(const std::string& uuid, int id = kInactive);
  // `age` as Look gave it.
  void Keep(const std::string& uuid, uint64_t age, const std::string& xml);
  // The domain changed.
  void Forget(const std::string& uuid);
  // Forgets all domains but these.
  void KeepOnly(const std::unordered_set<std::string>& uuids);

 private:
  struct Entry {
    std::optional<std::string> xml;
    uint64_t age = 0;  // Never the same for two states of one domain.
    int id = kInactive;
  };

  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  uint64_t last_age_ = 0;
};

}  // namespace ccplace

#endif  // CCPLACE_LIB_HYPERVISOR_DOMAIN_XML_CACHE_H_
