#include "lib/domain/domain_compare.h"

#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/domain/domain_settings.h"

namespace ccplace {
namespace {

using Devices = std::map<std::string, Settings>;

class Differences {
 public:
  explicit Differences(v1::DomainSide side) : side_(side) {}

  void Add(const std::string& field, const std::string& asked, const std::string& found) {
    v1::DomainDifference& difference = list_.emplace_back();
    difference.set_field(field);
    difference.set_asked(asked);
    difference.set_found(found);
    difference.set_side(side_);
  }
  void Compare(const std::string& prefix, const Settings& asked, const Settings& found);
  // Devices of one kind, where `order` has the request's place of each, by its key.
  void CompareDevices(const std::string& field, const std::string& element, const Devices& asked,
                      const Devices& found, const std::map<std::string, int>& order);
  std::vector<v1::DomainDifference> Take() { return std::move(list_); }

 private:
  const v1::DomainSide side_;
  std::vector<v1::DomainDifference> list_;
};

std::string ValueOf(const Settings& settings, const std::string& name) {
  const auto found = settings.find(name);
  return found == settings.end() ? "" : found->second;
}

// libvirt replaces "q35" by the newest it has, and makes up an Open vSwitch port's id.
bool IsFilledIn(const std::string& name, const std::string& asked, const std::string& found) {
  if (name == "domain.machine_type") return asked == "q35" && absl::StartsWith(found, "pc-q35-");
  return name == "ovs.interface_id" && asked.empty();
}

void Differences::Compare(const std::string& prefix, const Settings& asked, const Settings& found) {
  for (const auto& [name, value] : asked) {
    const std::string there = ValueOf(found, name);
    if (there == value || IsFilledIn(name, value, there)) continue;
    Add(absl::StrCat(prefix, name), value, there);
  }
  for (const auto& [name, value] : found) {
    if (asked.count(name) > 0 || IsFilledIn(name, "", value)) continue;
    Add(absl::StrCat(prefix, name), "", value);
  }
}

void Differences::CompareDevices(const std::string& field, const std::string& element,
                                 const Devices& asked, const Devices& found,
                                 const std::map<std::string, int>& order) {
  for (const auto& [key, settings] : asked) {
    const std::string name = absl::StrCat(field, "[", order.at(key), "]");
    const auto there = found.find(key);
    if (there == found.end()) {
      Add(name, ValueOf(settings, "source"), "");
    } else {
      Compare(absl::StrCat(name, "."), settings, there->second);
    }
  }
  for (const auto& [key, settings] : found) {
    if (asked.count(key) > 0) continue;
    Add(absl::StrCat("xml.devices.", element, "[", key, "]"), "", ValueOf(settings, "source"));
  }
}

}  // namespace

absl::StatusOr<std::vector<v1::DomainDifference>> CompareDomainXml(absl::string_view asked,
                                                                   absl::string_view found,
                                                                   v1::DomainSide side) {
  const absl::StatusOr<DomainSettings> wanted = ReadDomainSettings(asked);
  if (!wanted.ok()) return wanted.status();
  const absl::StatusOr<DomainSettings> there = ReadDomainSettings(found);
  if (!there.ok()) return there.status();
  Differences differences(side);
  differences.Compare("", wanted->domain, there->domain);
  differences.CompareDevices("domain.disks", "disk", wanted->disks, there->disks,
                             wanted->disk_order);
  differences.CompareDevices("domain.interfaces", "interface", wanted->interfaces,
                             there->interfaces, wanted->interface_order);
  return differences.Take();
}

}  // namespace ccplace
