// A whole catalog of flavors and images, folded to what matters for a verdict.
#ifndef CCPLACE_CLIENT_CTL_INPUT_CATALOG_H_
#define CCPLACE_CLIENT_CTL_INPUT_CATALOG_H_

#include <istream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "ccplace/v1/request.pb.h"
#include "nlohmann/json_fwd.hpp"

namespace ccplace::ctl {

// A flavor or image by name alone.
struct CatalogEntry {
  std::string id;
  std::string name;
};

// One that no verdict can be given on.
struct UnjudgedEntry {
  CatalogEntry entry;
  std::string why;  // A sentence's end. Empty: it does not say its properties.
};

// Flavors (images) whose settings are the same as far as rules read them: one verdict holds for
// all. `settings` has those settings and no name, `devices` what an image brings along.
template <typename Message>
struct CatalogGroup {
  std::unique_ptr<Message> settings;
  std::vector<v1::BlockDevice> devices;
  std::vector<CatalogEntry> members;  // In the order they were read.
};

using FlavorGroup = CatalogGroup<v1::Flavor>;
using ImageGroup = CatalogGroup<v1::Image>;

// One side of a catalog. Add is not thread-safe; reading is.
template <typename Message>
class CatalogSide {
 public:
  // Adds what an object of the client's JSON describes. One that does not say its properties, is
  // malformed or past a limit goes to `unjudged`. INVALID_ARGUMENT for what is no flavor (image) at
  // all.
  [[nodiscard]] absl::Status Add(const nlohmann::json& object);

  const std::vector<CatalogGroup<Message>>& groups() const { return groups_; }
  const std::vector<UnjudgedEntry>& unjudged() const { return unjudged_; }
  size_t size() const { return size_; }  // Members of all groups.

 private:
  // INVALID_ARGUMENT: this one cannot be judged.
  [[nodiscard]] absl::Status AddJudged(const nlohmann::json& object);

  std::vector<CatalogGroup<Message>> groups_;
  std::vector<UnjudgedEntry> unjudged_;
  std::map<std::map<std::string, std::string>, size_t> group_by_settings_;
  size_t size_ = 0;
};

// Reads every object of every file (see input_file.h) into `side`. Errors name the file.
template <typename Message>
[[nodiscard]] absl::Status ReadCatalog(const std::vector<std::string>& paths, std::istream* in,
                                       CatalogSide<Message>& side);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_INPUT_CATALOG_H_
