#include "client/sync/sync/removed_children.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/placement/plan.h"
#include "nlohmann/json.hpp"

namespace ccplace::sync {
namespace {

constexpr int kRemovalsForgiven = 1;

bool Holds(const ObservedTree& tree, const std::string& uuid) {
  return std::any_of(tree.children.begin(), tree.children.end(),
                     [&uuid](const ObservedProvider& child) { return child.uuid == uuid; });
}

// A host has five children of ours at most.
constexpr size_t kRecordLimitBytes = 4096;
constexpr int kCountLimit = 1'000'000;

absl::Status NotUsable(const std::string& path, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(Quoted(path), " ", what, ": remove it, and removals are counted from 0"));
}

// NOT_FOUND: there is no such file. Else UNAVAILABLE.
absl::Status Failed(int error, const std::string& path, absl::string_view what) {
  const absl::StatusCode code =
      error == ENOENT ? absl::StatusCode::kNotFound : absl::StatusCode::kUnavailable;
  return absl::Status(code,
                      absl::StrCat("cannot ", what, " ", Quoted(path), ": ", std::strerror(error),
                                   "; let this user use its folder (--state_file)"));
}

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(kRecordLimitBytes + 1, '\0');
  if (!file.is_open()) return Failed(errno, path, "open");
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return Failed(errno, path, "read");
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

absl::StatusOr<RemovalCounts> Parse(const std::string& path, const std::string& text) {
  const nlohmann::json content = nlohmann::json::parse(text, nullptr, false);
  const bool whole = content.is_object() && content.contains("root") &&
                     content["root"].is_string() && content.contains("removals") &&
                     content["removals"].is_object();
  if (!whole) return NotUsable(path, "is not what ccplace-sync writes");
  RemovalCounts counts;
  counts.root_uuid = content["root"].get<std::string>();
  for (const auto& [uuid, count] : content["removals"].items()) {
    if (!count.is_number_unsigned() || count > kCountLimit) {
      return NotUsable(path, "is not what ccplace-sync writes");
    }
    counts.removals[uuid] = count.get<int>();
  }
  return counts;
}

}  // namespace

absl::StatusOr<RemovalCounts> ReadRemovals(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadWhole(path);
  if (absl::IsNotFound(text.status())) return RemovalCounts();
  if (!text.ok()) return text.status();
  if (text->size() > kRecordLimitBytes) return NotUsable(path, "is too large");
  return Parse(path, *text);
}

absl::Status WriteRemovals(const std::string& path, const RemovalCounts& counts) {
  const nlohmann::json content = {{"root", counts.root_uuid}, {"removals", counts.removals}};
  const std::string part = absl::StrCat(path, ".part");
  errno = 0;
  std::ofstream file(part, std::ios::binary | std::ios::trunc);
  file << content.dump() << "\n";
  file.close();
  if (!file) return Failed(errno, part, "write");
  if (std::rename(part.c_str(), path.c_str()) != 0) return Failed(errno, path, "replace");
  return absl::OkStatus();
}

uint64_t RemovedChildren::Compare(const ObservedTree& tree) {
  if (tree.root.uuid != root_uuid_) {
    removals_.clear();
    known_.clear();
    return 0;
  }
  uint64_t removed = 0;
  for (auto uuid = known_.begin(); uuid != known_.end();) {
    if (Holds(tree, *uuid)) {
      ++uuid;
      continue;
    }
    Removals& removals = removals_[*uuid];
    ++removals.count;
    removals.at_look = looks_;
    ++removed;
    uuid = known_.erase(uuid);
  }
  return removed;
}

void RemovedChildren::Remember(const ObservedTree& tree) {
  root_uuid_ = tree.root.uuid;
  known_.clear();
  for (const ObservedProvider& child : tree.children) {
    if (IsOurs(tree.root, child) && child.keys.has_value()) known_.insert(child.uuid);
  }
}

RemovalCounts RemovedChildren::Counts() const {
  RemovalCounts counts;
  counts.root_uuid = removals_.empty() ? "" : root_uuid_;
  for (const auto& [uuid, removals] : removals_) counts.removals[uuid] = removals.count;
  return counts;
}

void RemovedChildren::Restore(const RemovalCounts& counts) {
  root_uuid_ = counts.root_uuid;
  for (const auto& [uuid, count] : counts.removals) removals_[uuid] = {count, 0};
}

std::string RemovedChildren::WhyNot(const std::string& uuid) const {
  const auto found = removals_.find(uuid);
  if (found == removals_.end()) return "";
  if (found->second.count > kRemovalsForgiven) {
    return "somebody removed it again, so it is left alone: find out who (Placement's log names "
           "the user), then `systemctl reload ccplace-sync` to have it made again";
  }
  if (found->second.at_look < looks_) return "";
  return "somebody else removed it; it is made again at the next look, and left alone if it is "
         "removed once more";
}

}  // namespace ccplace::sync
