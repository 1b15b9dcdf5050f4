#include "client/sync/placement/provider_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/sync/placement/placement_json.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

constexpr int kReadAttempts = 3;

absl::StatusOr<std::optional<ProviderRow>> FindRoot(PlacementRest& placement,
                                                    const RootQuery& query) {
  absl::StatusOr<std::optional<ProviderRow>> row =
      query.uuid.empty() ? placement.FindByName(query.name) : placement.FindByUuid(query.uuid);
  if (!row.ok() || !row->has_value() || (*row)->parent_uuid.empty()) return row;
  return absl::FailedPreconditionError(absl::StrCat(
      "provider ", Quoted((*row)->name), " is no root, it is below ", (*row)->parent_uuid,
      ": name the compute node's own provider with --root_name or --root_uuid"));
}

// Reads all of it once; false when it changed meanwhile.
absl::StatusOr<bool> ReadWhole(PlacementRest& placement, ObservedProvider& child) {
  const absl::StatusOr<InventoriesRow> inventories =
      placement.Inventories(child.uuid, child.resource_class);
  if (!inventories.ok()) return inventories.status();
  absl::StatusOr<TraitsRow> traits = placement.Traits(child.uuid);
  if (!traits.ok()) return traits.status();
  const absl::StatusOr<UsagesRow> usages = placement.Usages(child.uuid, child.resource_class);
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

// Who looks after the root: 2 reads.
absl::Status ReadOwner(PlacementRest& placement, RootProvider& root) {
  const absl::StatusOr<TraitsRow> traits = placement.Traits(root.uuid);
  if (!traits.ok()) return traits.status();
  const absl::StatusOr<InventoriesRow> inventories =
      placement.Inventories(root.uuid, kMemEncryptionContext);
  if (!inventories.ok()) return inventories.status();
  root.owner = OwnerOf(traits->traits);
  root.holds_keys = inventories->keys.has_value();
  return absl::OkStatus();
}

bool MayMatter(const RootProvider& root, const ProviderRow& row) {
  return row.parent_uuid == root.uuid && ModelOfName(row.name) != v1::ENCRYPTION_MODEL_UNSPECIFIED;
}

bool HasChildren(const std::vector<ProviderRow>& rows, const std::string& uuid) {
  return std::any_of(rows.begin(), rows.end(),
                     [&uuid](const ProviderRow& row) { return row.parent_uuid == uuid; });
}

absl::Status ReadChild(PlacementRest& placement, const RootProvider& root, const ProviderRow& row,
                       ObservedTree& tree) {
  ObservedProvider child;
  child.uuid = row.uuid;
  child.name = row.name;
  child.generation = row.generation;
  child.resource_class = std::string(KeyClassOf(root, row.name));
  absl::Status read = ReadConsistent(placement, child);
  if (read.ok()) tree.children.push_back(std::move(child));
  return absl::IsNotFound(read) ? absl::OkStatus() : read;
}

// All of the tree, and nothing else. NOT_FOUND: the root is gone.
absl::StatusOr<std::vector<ProviderRow>> ReadRows(PlacementRest& placement,
                                                  const RootProvider& root) {
  absl::StatusOr<std::vector<ProviderRow>> rows = placement.Tree(root.uuid);
  if (!rows.ok()) return rows;
  if (rows->empty()) {
    return absl::NotFoundError(absl::StrCat("Placement: provider ", Quoted(root.name), " is gone"));
  }
  absl::Status valid = CheckIsTree(*rows, root.uuid);
  if (!valid.ok()) return valid;
  return rows;
}

bool HasSameChildren(const ObservedTree& tree, const std::vector<ProviderRow>& rows) {
  size_t known = 0;
  for (const ProviderRow& row : rows) {
    if (!MayMatter(tree.root, row)) continue;
    const bool below = HasChildren(rows, row.uuid);
    const bool same = std::any_of(
        tree.children.begin(), tree.children.end(), [&row, below](const ObservedProvider& child) {
          return child.uuid == row.uuid && child.name == row.name &&
                 child.generation == row.generation && child.has_children == below;
        });
    if (!same) return false;
    ++known;
  }
  return known == tree.children.size();
}

absl::StatusOr<TreeChange> CheckRoot(PlacementRest& placement, uint64_t generation,
                                     ObservedTree& tree) {
  const RootProvider before = tree.root;
  absl::Status read = ReadOwner(placement, tree.root);
  if (!read.ok()) return read;
  tree.root_generation = generation;
  if (tree.root.owner == before.owner && tree.root.holds_keys == before.holds_keys) {
    return TreeChange::kUnchanged;
  }
  // A child's class depends on the owner, and nova may be about to adopt or to remove it.
  return TreeChange::kMustReread;
}

}  // namespace

absl::StatusOr<std::optional<ObservedTree>> ReadTree(PlacementRest& placement,
                                                     const RootQuery& query) {
  const absl::StatusOr<std::optional<ProviderRow>> root = FindRoot(placement, query);
  if (!root.ok()) return root.status();
  if (!root->has_value()) return std::optional<ObservedTree>();
  ObservedTree tree;
  tree.root.uuid = (*root)->uuid;
  tree.root.name = (*root)->name;
  tree.root_generation = (*root)->generation;
  const absl::StatusOr<std::vector<ProviderRow>> rows = ReadRows(placement, tree.root);
  if (!rows.ok()) return rows.status();
  absl::Status owner = ReadOwner(placement, tree.root);
  if (!owner.ok()) return owner;
  for (const ProviderRow& row : *rows) {
    if (!MayMatter(tree.root, row)) continue;
    absl::Status read = ReadChild(placement, tree.root, row, tree);
    if (!read.ok()) return read;
  }
  for (ObservedProvider& child : tree.children) child.has_children = HasChildren(*rows, child.uuid);
  return std::make_optional(std::move(tree));
}

absl::StatusOr<TreeChange> CheckTree(PlacementRest& placement, ObservedTree& tree) {
  const absl::StatusOr<std::vector<ProviderRow>> rows = ReadRows(placement, tree.root);
  if (absl::IsNotFound(rows.status())) return TreeChange::kMustReread;
  if (!rows.ok()) return rows.status();
  if (!HasSameChildren(tree, *rows)) return TreeChange::kMustReread;
  const auto root = std::find_if(rows->begin(), rows->end(), [&tree](const ProviderRow& row) {
    return row.uuid == tree.root.uuid;
  });
  if (root->name != tree.root.name) return TreeChange::kMustReread;
  if (root->generation == tree.root_generation) return TreeChange::kUnchanged;
  return CheckRoot(placement, root->generation, tree);
}

absl::StatusOr<TreeChange> RefreshChild(PlacementRest& placement, ObservedProvider& child) {
  const absl::StatusOr<UsagesRow> usages = placement.Usages(child.uuid, child.resource_class);
  if (!usages.ok()) return usages.status();
  const bool moved = usages->generation != child.generation;
  const TreeChange look =
      moved || usages->allocated != child.allocated ? TreeChange::kChanged : TreeChange::kUnchanged;
  child.settled = !moved;
  child.allocated = usages->allocated;
  absl::Status read = moved ? ReadConsistent(placement, child) : absl::OkStatus();
  if (!read.ok()) return read;
  return look;
}

}  // namespace ccplace::sync
