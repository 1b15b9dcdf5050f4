#include "client/sync/placement/provider_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/placement/named_uuid.h"

namespace ccplace::sync {
namespace {

constexpr int kReadAttempts = 3;

absl::StatusOr<std::optional<ProviderRow>> FindRoot(PlacementRest& placement,
                                                    const RootQuery& query) {
  absl::StatusOr<std::optional<ProviderRow>> row =
      query.uuid.empty() ? placement.FindByName(query.name) : placement.FindByUuid(query.uuid);
  if (!row.ok() || !row->has_value() || (*row)->parent_uuid.empty()) return row;
  return absl::FailedPreconditionError(absl::StrCat(
      "provider ", Quoted((*row)->name), " is no root, it stands below ", (*row)->parent_uuid,
      ": name the compute node's own provider with --root_name or --root_uuid"));
}

// Reads all of it once; false when it changed meanwhile.
absl::StatusOr<bool> ReadWhole(PlacementRest& placement, ObservedProvider& child) {
  const absl::StatusOr<InventoriesRow> inventories = placement.Inventories(child.uuid);
  if (!inventories.ok()) return inventories.status();
  absl::StatusOr<TraitsRow> traits = placement.Traits(child.uuid);
  if (!traits.ok()) return traits.status();
  const absl::StatusOr<UsagesRow> usages = placement.Usages(child.uuid);
  if (!usages.ok()) return usages.status();
  child.generation = usages->generation;
  child.keys = inventories->keys;
  child.usual_units = inventories->usual_units;
  child.other_inventories = inventories->other_inventories;
  child.traits = std::move(traits->traits);
  child.allocated = usages->allocated;
  return inventories->generation == child.generation && traits->generation == child.generation;
}

absl::Status ReadConsistent(PlacementRest& placement, ObservedProvider& child) {
  for (int attempt = 0; attempt < kReadAttempts; ++attempt) {
    const absl::StatusOr<bool> settled = ReadWhole(placement, child);
    if (!settled.ok()) return settled.status();
    if (*settled) return absl::OkStatus();
  }
  return absl::AbortedError(
      absl::StrCat("Placement: ", Quoted(child.name), " changes faster than it can be read"));
}

// What is not ours is not written, so its traits (whose is it?) are all that matters.
absl::Status ReadTraitsOf(PlacementRest& placement, ObservedProvider& child) {
  absl::StatusOr<TraitsRow> traits = placement.Traits(child.uuid);
  if (!traits.ok()) return traits.status();
  child.traits = std::move(traits->traits);
  return absl::OkStatus();
}

bool MayMatter(const RootProvider& root, const ProviderRow& row) {
  return row.parent_uuid == root.uuid && ModelOfName(row.name) != v1::ENCRYPTION_MODEL_UNSPECIFIED;
}

absl::Status ReadChild(PlacementRest& placement, const RootProvider& root, const ProviderRow& row,
                       ObservedTree& tree) {
  ObservedProvider child;
  child.uuid = row.uuid;
  child.name = row.name;
  child.generation = row.generation;
  const absl::StatusOr<std::string> our_uuid = NamedUuid(root.uuid, row.name);
  if (!our_uuid.ok()) return our_uuid.status();
  absl::Status read =
      *our_uuid == row.uuid ? ReadConsistent(placement, child) : ReadTraitsOf(placement, child);
  if (read.ok()) tree.children.push_back(std::move(child));
  return absl::IsNotFound(read) ? absl::OkStatus() : read;
}

}  // namespace

absl::StatusOr<std::optional<ObservedTree>> ReadTree(PlacementRest& placement,
                                                     const RootQuery& query) {
  const absl::StatusOr<std::optional<ProviderRow>> root = FindRoot(placement, query);
  if (!root.ok()) return root.status();
  if (!root->has_value()) return std::optional<ObservedTree>();
  ObservedTree tree;
  tree.root = {(*root)->uuid, (*root)->name};
  const absl::StatusOr<std::vector<ProviderRow>> rows = placement.Tree(tree.root.uuid);
  if (!rows.ok()) return rows.status();
  for (const ProviderRow& row : *rows) {
    if (!MayMatter(tree.root, row)) continue;
    absl::Status read = ReadChild(placement, tree.root, row, tree);
    if (!read.ok()) return read;
  }
  return std::make_optional(std::move(tree));
}

absl::StatusOr<bool> IsAsRead(PlacementRest& placement, const ObservedTree& tree) {
  const absl::StatusOr<std::vector<ProviderRow>> rows = placement.Tree(tree.root.uuid);
  if (!rows.ok()) return rows.status();
  size_t known = 0;
  bool has_root = false;
  for (const ProviderRow& row : *rows) {
    if (row.uuid == tree.root.uuid) has_root = row.name == tree.root.name;
    if (!MayMatter(tree.root, row)) continue;
    const bool same = std::any_of(tree.children.begin(), tree.children.end(),
                                  [&row](const ObservedProvider& child) {
                                    return child.uuid == row.uuid && child.name == row.name &&
                                           child.generation == row.generation;
                                  });
    if (!same) return false;
    ++known;
  }
  return has_root && known == tree.children.size();
}

absl::Status RefreshChild(PlacementRest& placement, ObservedProvider& child) {
  const absl::StatusOr<UsagesRow> usages = placement.Usages(child.uuid);
  if (!usages.ok()) return usages.status();
  child.allocated = usages->allocated;
  if (usages->generation == child.generation) return absl::OkStatus();
  return ReadConsistent(placement, child);
}

}  // namespace ccplace::sync
