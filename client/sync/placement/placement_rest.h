// Placement's REST API, as far as ccplace-sync uses it.
#ifndef CCPLACE_CLIENT_SYNC_PLACEMENT_PLACEMENT_REST_H_
#define CCPLACE_CLIENT_SYNC_PLACEMENT_PLACEMENT_REST_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/sync/http/http_client.h"
#include "client/sync/keystone/token.h"
#include "lib/placement/provider_tree.h"
#include "nlohmann/json_fwd.hpp"

namespace ccplace::sync {

// A provider as lists show it.
struct ProviderRow {
  std::string uuid;
  std::string name;
  std::string parent_uuid;  // Empty: a root.
  std::string root_uuid;
  uint64_t generation = 0;
};

// One provider's inventories.
struct InventoriesRow {
  uint64_t generation = 0;
  std::optional<KeyFigures> keys;  // Of the class asked for.
  bool usual_units = true;
  bool other_inventories = false;  // Of any other class.
};

// One provider's traits, sorted.
struct TraitsRow {
  uint64_t generation = 0;
  std::vector<std::string> traits;
};

// What is allocated from one provider.
struct UsagesRow {
  uint64_t generation = 0;
  uint64_t allocated = 0;  // Of the class asked for.
};

// How many requests were sent since the start, by method and the answer's status; 0: none came.
using RequestCounts = std::map<std::pair<std::string, int>, uint64_t>;

// A session with one Placement. For one thread at a time.
//
// The microversion is 1.39, the latest of every release since Debian 12's; with an older
// server its own latest is used, down to 1.26 (reserved may equal total). A refused token is
// renewed once for each request. Failures: UNAVAILABLE no answer, or a server's error (429, 5xx);
// ABORTED 409, re-read and try again; NOT_FOUND 404 of Placement's own about one thing;
// FAILED_PRECONDITION no Placement at that URL, or none in Keystone's catalog; INVALID_ARGUMENT 400
// or an answer that is not as documented; UNAUTHENTICATED 401 with a new token too;
// PERMISSION_DENIED 403; UNIMPLEMENTED 406, older than 1.26. Bodies are JSON or, on the way to
// Placement, anything: they are quoted with care.
class PlacementRest {
 public:
  // Both must outlive it.
  PlacementRest(HttpClient* http, TokenSource* tokens);

  // The provider of that name or UUID, anywhere in a tree; nothing when there is none.
  // FAILED_PRECONDITION: another provider was answered. Names may differ in case and in trailing
  // blanks, which some databases do not distinguish.
  absl::StatusOr<std::optional<ProviderRow>> FindByName(const std::string& name);
  absl::StatusOr<std::optional<ProviderRow>> FindByUuid(const std::string& uuid);
  // All providers of the tree, root included.
  absl::StatusOr<std::vector<ProviderRow>> Tree(const std::string& root_uuid);

  absl::StatusOr<InventoriesRow> Inventories(const std::string& uuid,
                                             absl::string_view resource_class);
  absl::StatusOr<TraitsRow> Traits(const std::string& uuid);
  absl::StatusOr<UsagesRow> Usages(const std::string& uuid, absl::string_view resource_class);
  // UUIDs of the consumers with an allocation from the provider, sorted.
  absl::StatusOr<std::vector<std::string>> Consumers(const std::string& uuid);

  // Writes. Those that name a generation, or make a provider, answer the new one.
  absl::StatusOr<uint64_t> CreateProvider(const std::string& uuid, const std::string& name,
                                          const std::string& parent_uuid);
  absl::StatusOr<uint64_t> SetTraits(const std::string& uuid, uint64_t generation,
                                     const std::vector<std::string>& traits);
  // Of one class alone: inventories of other classes stay. `exists`: it has one already.
  absl::StatusOr<uint64_t> SetInventory(const std::string& uuid, uint64_t generation,
                                        const std::string& resource_class, const KeyFigures& keys,
                                        bool exists);
  // Of one class alone. ABORTED where something of it is allocated. OK where it is gone already.
  absl::Status RemoveInventory(const std::string& uuid, const std::string& resource_class);
  absl::Status DeleteProvider(const std::string& uuid);

  absl::StatusOr<bool> TraitExists(const std::string& trait);
  absl::Status CreateTrait(const std::string& trait);
  // A CUSTOM_ class; OK where it exists.
  absl::Status CreateResourceClass(const std::string& resource_class);

  const RequestCounts& counts() const { return counts_; }

 private:
  absl::StatusOr<nlohmann::json> Call(const std::string& method, const std::string& path,
                                      const nlohmann::json& body);
  absl::StatusOr<nlohmann::json> Get(const std::string& path);
  // Sends, with a new token once and another microversion once where the answer asks for it.
  absl::StatusOr<HttpResponse> Exchange(const std::string& method, const std::string& path,
                                        const std::string& body);
  absl::StatusOr<HttpResponse> SendOnce(const std::string& method, const std::string& path,
                                        const std::string& body);
  // Takes the server's latest microversion from its 406; false when it cannot be used.
  bool Renegotiate(const HttpResponse& answer);
  // `why` with the URL that was asked and what to check: something else than Placement answers.
  absl::Status NoPlacement(absl::StatusCode code, const absl::Status& why) const;
  absl::StatusOr<std::vector<ProviderRow>> List(const std::string& query);

  HttpClient* const http_;
  TokenSource* const tokens_;
  int minor_version_;
  std::string endpoint_;       // Where the last request went.
  bool system_scope_ = false;  // The token that it went with is for the system.
  RequestCounts counts_;
};

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_PLACEMENT_PLACEMENT_REST_H_
