#include "client/sync/sync/host_sync.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

constexpr int kAttempts = 6;
constexpr std::chrono::milliseconds kFirstPause{20};
constexpr char kCustomPrefix[] = "CUSTOM_";

bool Has(const std::vector<std::string>& traits, const std::string& trait) {
  return std::find(traits.begin(), traits.end(), trait) != traits.end();
}

// Whose keys nova counts and allocates: removed allocations show in no generation.
bool IsNovas(const RootProvider& root, const ObservedProvider& child) {
  return root.owner == HostOwner::kNova && child.keys.has_value();
}

// A failure that a re-read may repair: somebody else wrote, or removed what was read.
bool IsWorthAReread(const absl::Status& status) {
  return absl::IsAborted(status) || absl::IsNotFound(status);
}

}  // namespace

HostSync::HostSync(PlacementRest* placement, HostSyncOptions options)
    : placement_(placement), options_(std::move(options)), random_(options_.seed) {}

SyncReport HostSync::Sync(const v1::HostCapabilities& capabilities) {
  return Round(capabilities, SyncReport());
}

SyncReport HostSync::Check(const v1::HostCapabilities& capabilities) {
  removed_.OnLook();
  overwritten_.OnLook();
  SyncReport report;
  if (tree_.has_value()) {
    const absl::StatusOr<TreeChange> look = CheckNext();
    report.quiet = look.ok() && *look == TreeChange::kUnchanged;
    if (!look.ok() || *look == TreeChange::kMustReread) tree_.reset();
  }
  return Round(capabilities, std::move(report));
}

SyncReport HostSync::Round(const v1::HostCapabilities& capabilities, SyncReport report) {
  LoadRemovals();
  overwritten_.OnRound();
  std::atomic<bool>* const asked = options_.make_removed_again;
  if (asked != nullptr && asked->exchange(false)) {
    removed_.Forgive();
    overwritten_.Forgive();
  }
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    report.status = Attempt(capabilities, report);
    if (report.status.ok()) break;
    if (std::exchange(learnt_, false)) continue;
    const bool waits = !tree_.has_value() && absl::IsNotFound(report.status);
    tree_.reset();
    if (waits || !IsWorthAReread(report.status)) break;
    ++report.conflicts;
    if (!Pause(attempt)) break;
  }
  if (tree_.has_value()) {
    removed_.Remember(*tree_);
    overwritten_.Remember(*tree_);
  }
  SaveRemovals();
  report.state_file = state_file_;
  report.renamed_traits = trait_aliases_;
  report.quiet = report.quiet && report.status.ok() && report.steps.empty();
  return report;
}

void HostSync::LoadRemovals() {
  if (options_.state_file.empty() || std::exchange(loaded_, true)) return;
  const absl::StatusOr<RemovalCounts> counts = ReadRemovals(options_.state_file);
  state_file_ = counts.status();
  if (!counts.ok()) return;
  saved_removals_ = *counts;
  removed_.Restore(*counts);
}

void HostSync::SaveRemovals() {
  const RemovalCounts counts = removed_.Counts();
  if (options_.state_file.empty() || options_.dry_run || counts == saved_removals_) return;
  state_file_ = WriteRemovals(options_.state_file, counts);
  if (state_file_.ok()) saved_removals_ = counts;
}

absl::Status HostSync::Attempt(const v1::HostCapabilities& capabilities, SyncReport& report) {
  const bool fresh = !tree_.has_value();
  absl::Status done = fresh ? ReadRoot(capabilities, report) : absl::OkStatus();
  if (!done.ok()) return done;
  absl::StatusOr<std::vector<ChildProvider>> desired = Desired(capabilities);
  if (!desired.ok()) return desired.status();
  done = LearnFromChildren(*desired);
  if (!done.ok()) return done;
  Plan plan = MakePlan(*tree_, *desired);
  const absl::StatusOr<bool> allocated = LookAtAllocations(plan);
  if (!allocated.ok()) return allocated.status();
  if (*allocated) plan = MakePlan(*tree_, *desired);
  report.overwritten += overwritten_.HoldBack(plan);
  report.notes = plan.notes;
  return Execute(plan, report);
}

absl::Status HostSync::ReadRoot(const v1::HostCapabilities& capabilities, SyncReport& report) {
  RootQuery query = options_.root;
  if (query.name.empty() && query.uuid.empty()) query.name = capabilities.node_name();
  absl::StatusOr<std::optional<ObservedTree>> tree = ReadTree(*placement_, query);
  if (!tree.ok()) return tree.status();
  if (tree->has_value()) {
    tree_ = *std::move(*tree);
    report.removed += removed_.Compare(*tree_);
    return absl::OkStatus();
  }
  return absl::NotFoundError(
      absl::StrCat("waiting for nova: Placement has no resource provider ",
                   query.uuid.empty() ? Quoted(query.name) : query.uuid,
                   " yet (if the node has another name there, say --root_name or --root_uuid)"));
}

absl::StatusOr<std::vector<ChildProvider>> HostSync::Desired(
    const v1::HostCapabilities& capabilities) {
  absl::StatusOr<std::vector<ChildProvider>> desired =
      DesiredChildren(capabilities, tree_->root, options_.nova);
  if (!desired.ok()) return desired;
  for (ChildProvider& child : *desired) {
    ApplyTraitAliases(child);
    child.withheld = removed_.WhyNot(child.uuid);
  }
  return desired;
}

void HostSync::ApplyTraitAliases(ChildProvider& child) const {
  for (std::string& trait : child.traits) {
    const auto found = trait_aliases_.find(trait);
    if (found != trait_aliases_.end()) trait = found->second;
  }
}

absl::StatusOr<TreeChange> HostSync::CheckNext() {
  std::vector<ObservedProvider*> watched;
  for (ObservedProvider& child : tree_->children) {
    if (IsOurs(tree_->root, child) || IsNovas(tree_->root, child)) watched.push_back(&child);
  }
  // Reading the tree shows children that others made or left, the root's name and its owner.
  const size_t turn = next_check_++ % (watched.size() + 1);
  return turn < watched.size() ? RefreshChild(*placement_, *watched[turn])
                               : CheckTree(*placement_, *tree_);
}

absl::StatusOr<bool> HostSync::LookAtAllocations(const Plan& plan) {
  bool changed = false;
  for (const ChildStatus& note : plan.notes) {
    if (note.state != ChildState::kNovaPromisesMore) continue;
    for (ObservedProvider& child : tree_->children) {
      if (child.name != note.name) continue;
      const absl::StatusOr<TreeChange> look = RefreshChild(*placement_, child);
      if (!look.ok()) return look.status();
      changed = changed || *look != TreeChange::kUnchanged;
    }
  }
  return changed;
}

absl::Status HostSync::LearnFromChildren(std::vector<ChildProvider>& desired) {
  for (ChildProvider& child : desired) {
    const ObservedProvider* seen = FindChild(child.uuid);
    if (seen == nullptr) continue;
    for (const std::string& trait : child.traits) {
      const std::string custom = absl::StrCat(kCustomPrefix, trait);
      if (Has(seen->traits, trait) || !Has(seen->traits, custom)) continue;
      const absl::StatusOr<bool> exists = placement_->TraitExists(trait);
      if (!exists.ok()) return exists.status();
      if (!*exists) trait_aliases_[trait] = custom;
    }
    ApplyTraitAliases(child);
  }
  return absl::OkStatus();
}

// os-traits older than the model: only CUSTOM_ traits can be made there.
absl::Status HostSync::ResolveTraitAliases(const std::vector<std::string>& traits) {
  for (const std::string& trait : traits) {
    const absl::StatusOr<bool> exists = placement_->TraitExists(trait);
    if (!exists.ok()) return exists.status();
    if (*exists) continue;
    const bool custom = absl::StartsWith(trait, kCustomPrefix);
    const std::string name = custom ? trait : absl::StrCat(kCustomPrefix, trait);
    absl::Status made = placement_->CreateTrait(name);
    if (!made.ok()) return made;
    if (!custom) trait_aliases_[trait] = name;
    learnt_ = true;
  }
  return absl::OkStatus();
}

// Only classes of CUSTOM_ can be missing.
absl::Status HostSync::LearnResourceClass(const std::string& resource_class) {
  if (!absl::StartsWith(resource_class, kCustomPrefix)) return absl::OkStatus();
  learnt_ = true;
  return placement_->CreateResourceClass(resource_class);
}

ObservedProvider* HostSync::FindChild(const std::string& uuid) {
  auto& children = tree_->children;
  const auto found = std::find_if(children.begin(), children.end(),
                                  [&uuid](const auto& child) { return child.uuid == uuid; });
  return found == children.end() ? nullptr : &*found;
}

bool HostSync::Pause(int attempt) {
  const auto most = (kFirstPause * (1 << attempt)).count();
  std::uniform_int_distribution<int64_t> jitter(most / 2, most);
  return !options_.sleep || options_.sleep(std::chrono::milliseconds(jitter(random_)));
}

}  // namespace ccplace::sync
