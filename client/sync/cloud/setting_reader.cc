#include "client/sync/cloud/setting_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace ccplace::sync {

std::string SettingReader::Auth(std::initializer_list<const char*> names) {
  std::vector<Candidate> candidates;
  for (const char* name : names) {
    const auto inside = layers_.auth.find(name);
    if (inside != layers_.auth.end()) {
      candidates.push_back({absl::StrCat("auth.", name), &inside->second});
    }
    const Setting* beside = Raw(name);
    if (beside != nullptr) candidates.push_back({name, beside});
  }
  return Agreed(candidates);
}

std::string SettingReader::Text(std::initializer_list<const char*> names) {
  std::vector<Candidate> candidates;
  for (const char* name : names) {
    const Setting* setting = Raw(name);
    if (setting != nullptr) candidates.push_back({name, setting});
  }
  return Agreed(candidates);
}

const Setting* SettingReader::Raw(const char* name) const {
  const auto found = layers_.settings.find(name);
  return found == layers_.settings.end() ? nullptr : &found->second;
}

const Setting* SettingReader::FoundAt(const char* name) const {
  const auto inside = layers_.auth.find(name);
  return inside != layers_.auth.end() ? &inside->second : Raw(name);
}

void SettingReader::Fault(absl::Status status) {
  if (status_.ok()) status_ = std::move(status);
}

std::string SettingReader::Agreed(const std::vector<Candidate>& candidates) {
  std::string agreed;
  const Candidate* first = nullptr;
  for (const Candidate& candidate : candidates) {
    const absl::StatusOr<std::string> text = TextOf(*candidate.setting, candidate.name);
    if (!text.ok()) Fault(text.status());
    if (!text.ok() || text->empty()) continue;
    if (first != nullptr && *text != agreed) {
      Fault(Refuse(*candidate.setting, candidate.name,
                   absl::StrCat("is something else than ", first->name, " (",
                                Where(*first->setting), "): leave one of them")));
    }
    if (first == nullptr) agreed = *text;
    if (first == nullptr) first = &candidate;
  }
  return agreed;
}

}  // namespace ccplace::sync
