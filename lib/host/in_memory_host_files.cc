#include "lib/host/in_memory_host_files.h"

#include <cerrno>
#include <deque>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/digest.h"
#include "lib/base/text.h"
#include "lib/host/file_descriptor.h"

namespace ccplace {
namespace {

// Whether `path` is `folder` or lies below it.
bool IsAtOrBelow(absl::string_view path, absl::string_view folder) {
  if (folder == "/" || path == folder) return true;
  return absl::StartsWith(path, absl::StrCat(folder, "/"));
}

std::string ParentOf(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == 0 || slash == absl::string_view::npos ? "/" : std::string(path.substr(0, slash));
}

std::string ChildOf(absl::string_view folder, absl::string_view name) {
  return folder == "/" ? absl::StrCat("/", name) : absl::StrCat(folder, "/", name);
}

std::deque<std::string> PartsOf(absl::string_view path) {
  return absl::StrSplit(path, '/', absl::SkipEmpty());
}

// Without "." and "..", which leave no trace of what is before them.
std::string PlainOf(absl::string_view path) {
  std::string plain;
  for (const std::string& part : PartsOf(path)) {
    if (part == "..") plain = plain.substr(0, plain.rfind('/'));
    if (part != "." && part != "..") absl::StrAppend(&plain, "/", part);
  }
  return plain.empty() ? "/" : plain;
}

absl::Status TooLarge(absl::string_view path, size_t limit_bytes) {
  return absl::OutOfRangeError(
      absl::StrCat(Quoted(path), " holds more than ", limit_bytes, " bytes"));
}

}  // namespace

InMemoryHostFiles::InMemoryHostFiles() { nodes_["/"] = Node(); }

void InMemoryHostFiles::WriteFile(absl::string_view path, absl::string_view content) {
  Node node;
  node.kind = FileKind::kRegular;
  node.content = std::string(content);
  Put(path, std::move(node));
}

void InMemoryHostFiles::MakeDirectory(absl::string_view path) { Put(path, Node()); }

void InMemoryHostFiles::MakeBlockDevice(absl::string_view path) {
  Node node;
  node.kind = FileKind::kBlockDevice;
  Put(path, std::move(node));
}

void InMemoryHostFiles::MakeOther(absl::string_view path) {
  Node node;
  node.kind = FileKind::kOther;
  Put(path, std::move(node));
}

void InMemoryHostFiles::MakeSocket(absl::string_view path, absl::Status answer) {
  Node node;
  node.kind = FileKind::kSocket;
  node.answer = std::move(answer);
  Put(path, std::move(node));
}

void InMemoryHostFiles::MakeLink(absl::string_view path, absl::string_view target) {
  Node node;
  node.target = std::string(target);
  Put(path, std::move(node));
}

void InMemoryHostFiles::MakeHardLink(absl::string_view path, absl::string_view target) {
  Node node;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    node = nodes_.at(std::string(target));
  }
  Put(path, std::move(node));
}

void InMemoryHostFiles::GiveAway(absl::string_view path) {
  const std::lock_guard<std::mutex> lock(mutex_);
  nodes_.at(std::string(path)).of_root = false;
}

void InMemoryHostFiles::SetAccess(absl::string_view path, const FileAccess& access) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto node = nodes_.find(std::string(path));
  if (node == nodes_.end()) return;
  node->second.access = access;
  node->second.changed = ++changes_;
}

void InMemoryHostFiles::FailAt(absl::string_view path, absl::Status error) {
  const std::lock_guard<std::mutex> lock(mutex_);
  errors_.erase(std::string(path));
  if (!error.ok()) errors_[std::string(path)] = std::move(error);
}

void InMemoryHostFiles::Remove(absl::string_view path) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto it = nodes_.begin(); it != nodes_.end();) {
    const bool gone = it->first != "/" && IsAtOrBelow(it->first, path);
    if (gone) NoteNamesChanged(it->first);
    it = gone ? nodes_.erase(it) : std::next(it);
  }
}

void InMemoryHostFiles::Put(absl::string_view path, Node node) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (std::string folder = ParentOf(path); folder != "/"; folder = ParentOf(folder)) {
    nodes_.try_emplace(folder, Node());
  }
  if (node.inode == 0) node.inode = ++inodes_;
  node.changed = ++changes_;
  NoteNamesChanged(path);
  nodes_[std::string(path)] = std::move(node);
}

void InMemoryHostFiles::NoteNamesChanged(absl::string_view path) {
  const auto folder = nodes_.find(ParentOf(path));
  if (folder != nodes_.end()) folder->second.changed = ++changes_;
}

absl::StatusOr<std::string> InMemoryHostFiles::Walk(absl::string_view path) const {
  if (path.empty() || path[0] != '/' || path.find('\0') != absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(Quoted(path), " is not an absolute path"));
  }
  std::deque<std::string> left = PartsOf(path);
  std::string at = "/";
  for (int links = 0; !left.empty();) {
    const std::string part = left.front();
    left.pop_front();
    if (nodes_.at(at).kind != FileKind::kDirectory) return FileError(path, "open", ENOTDIR);
    if (part == ".") continue;
    const std::string next = part == ".." ? ParentOf(at) : ChildOf(at, part);
    if (const auto error = errors_.find(next); error != errors_.end()) return error->second;
    const auto node = nodes_.find(next);
    if (node == nodes_.end()) return FileError(path, "open", ENOENT);
    if (!node->second.target.has_value()) {
      at = next;
      continue;
    }
    if (++links > kLinkLimit) return FileError(path, "open", ELOOP);
    if (absl::StartsWith(*node->second.target, "/")) at = "/";
    const std::deque<std::string> target = PartsOf(*node->second.target);
    left.insert(left.begin(), target.begin(), target.end());
  }
  return at;
}

absl::StatusOr<const InMemoryHostFiles::Node*> InMemoryHostFiles::Find(
    absl::string_view path) const {
  const absl::StatusOr<std::string> found = Walk(path);
  if (!found.ok()) return found.status();
  return &nodes_.at(*found);
}

absl::StatusOr<const InMemoryHostFiles::Node*> InMemoryHostFiles::FindRegular(
    absl::string_view path) const {
  absl::StatusOr<const Node*> node = Find(path);
  if (!node.ok() || (*node)->kind == FileKind::kRegular) return node;
  return absl::FailedPreconditionError(absl::StrCat(Quoted(path), " is no regular file"));
}

absl::StatusOr<std::string> InMemoryHostFiles::ReadFile(absl::string_view path,
                                                        size_t limit_bytes) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const absl::StatusOr<const Node*> node = FindRegular(path);
  if (!node.ok()) return node.status();
  if ((*node)->content.size() > limit_bytes) return TooLarge(path, limit_bytes);
  return (*node)->content;
}

absl::StatusOr<std::string> InMemoryHostFiles::ReadHead(absl::string_view path,
                                                        size_t bytes) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const absl::StatusOr<const Node*> node = Find(path);
  if (!node.ok()) return node.status();
  const FileKind kind = (*node)->kind;
  if (kind == FileKind::kRegular || kind == FileKind::kBlockDevice) {
    return (*node)->content.substr(0, bytes);
  }
  return absl::FailedPreconditionError(
      absl::StrCat(Quoted(path), " is neither a regular file nor a block device"));
}

absl::StatusOr<std::vector<std::string>> InMemoryHostFiles::ListDirectory(
    absl::string_view path) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const absl::StatusOr<std::string> folder = Walk(path);
  if (!folder.ok()) return folder.status();
  if (nodes_.at(*folder).kind != FileKind::kDirectory) return FileError(path, "read", ENOTDIR);
  std::vector<std::string> names;
  for (const auto& [at, node] : nodes_) {
    if (at != "/" && ParentOf(at) == *folder) names.push_back(at.substr(at.rfind('/') + 1));
  }
  if (names.size() > kDirectoryLimit) {
    return absl::OutOfRangeError(
        absl::StrCat(Quoted(path), " holds more than ", kDirectoryLimit, " names"));
  }
  return names;
}

absl::StatusOr<std::string> InMemoryHostFiles::Resolve(absl::string_view path) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return Walk(path);
}

absl::StatusOr<FileKind> InMemoryHostFiles::Kind(absl::string_view path) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const absl::StatusOr<const Node*> node = Find(path);
  if (!node.ok()) return node.status();
  return (*node)->kind;
}

absl::StatusOr<std::string> InMemoryHostFiles::Identity(absl::string_view path) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const absl::StatusOr<const Node*> node = Find(path);
  if (!node.ok()) return node.status();
  return absl::StrCat("inode ", (*node)->inode);
}

absl::StatusOr<bool> InMemoryHostFiles::IsRootControlled(absl::string_view path) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::string name = PlainOf(path);
  for (int links = 0; links < kLinkLimit; ++links) {
    for (std::string folder = ParentOf(name);; folder = ParentOf(folder)) {
      const auto node = nodes_.find(folder);
      if (node == nodes_.end()) return FileError(path, "look at", ENOENT);
      if (node->second.target.has_value() || !node->second.of_root) return false;
      if (folder == "/") break;
    }
    const auto node = nodes_.find(name);
    if (node == nodes_.end()) return FileError(path, "look at", ENOENT);
    const auto& target = node->second.target;
    if (!target.has_value()) return true;
    name = PlainOf(absl::StartsWith(*target, "/") ? *target
                                                  : absl::StrCat(ParentOf(name), "/", *target));
  }
  return false;
}

absl::StatusOr<FileAccess> InMemoryHostFiles::Access(absl::string_view path) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const absl::StatusOr<const Node*> node = Find(path);
  if (!node.ok()) return node.status();
  FileAccess access = (*node)->access;
  access.changed_ns = (*node)->changed;
  return access;
}

absl::Status InMemoryHostFiles::ConnectUnixSocket(absl::string_view path) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const absl::StatusOr<const Node*> node = Find(path);
  if (!node.ok()) return node.status();
  if ((*node)->kind == FileKind::kSocket) return (*node)->answer;
  return absl::FailedPreconditionError(absl::StrCat(Quoted(path), " is no unix socket"));
}

absl::StatusOr<std::string> InMemoryHostFiles::Sha384(absl::string_view path) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const absl::StatusOr<const Node*> node = FindRegular(path);
  if (!node.ok()) return node.status();
  if ((*node)->content.size() > kHashLimitBytes) return TooLarge(path, kHashLimitBytes);
  return DigestOf(DigestAlgorithm::kSha384, (*node)->content);
}

}  // namespace ccplace
