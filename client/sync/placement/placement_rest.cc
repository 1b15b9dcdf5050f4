#include "client/sync/placement/placement_rest.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/sync/http/json_body.h"
#include "client/sync/http/redact.h"
#include "client/sync/http/url.h"
#include "client/sync/placement/placement_json.h"
#include "lib/base/json_read.h"
#include "lib/base/status.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

constexpr int kWantedMinor = 39;
constexpr int kLeastMinor = 26;

std::string ProviderPath(const std::string& uuid, absl::string_view part = "") {
  return absl::StrCat("/resource_providers/", UrlEncoded(uuid), part);
}

// The generation in the answer to a write.
absl::StatusOr<uint64_t> GenerationIn(const absl::StatusOr<nlohmann::json>& answer,
                                      const char* name) {
  if (!answer.ok()) return answer.status();
  const std::optional<uint64_t> generation = NumberAt(*answer, name);
  if (!generation.has_value()) return NotAsDocumented(name);
  return *generation;
}

}  // namespace

PlacementRest::PlacementRest(HttpClient* http, TokenSource* tokens)
    : http_(http), tokens_(tokens), minor_version_(kWantedMinor) {}

absl::StatusOr<HttpResponse> PlacementRest::SendOnce(const std::string& method,
                                                     const std::string& path,
                                                     const std::string& body) {
  const absl::StatusOr<Access> access = tokens_->Get();
  if (!access.ok()) return access.status();
  HttpRequest request;
  request.method = method;
  endpoint_ = access->endpoint;
  request.url = absl::StrCat(endpoint_, path);
  request.headers = {{"X-Auth-Token", access->token},
                     {"Accept", "application/json"},
                     {"OpenStack-API-Version", absl::StrCat("placement 1.", minor_version_)}};
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  request.body = body;
  absl::StatusOr<HttpResponse> answer = http_->Send(request);
  if (answer.ok() && answer->status >= 300) {
    answer->body = Redacted(std::move(answer->body), {access->token});
  }
  system_scope_ = access->system_scope;
  ++counts_[{method, answer.ok() ? answer->status : 0}];
  return answer;
}

absl::StatusOr<HttpResponse> PlacementRest::Exchange(const std::string& method,
                                                     const std::string& path,
                                                     const std::string& body) {
  absl::StatusOr<HttpResponse> answer = SendOnce(method, path, body);
  if (answer.ok() && answer->status == 401) {
    tokens_->Drop();
    answer = SendOnce(method, path, body);
  }
  if (answer.ok() && answer->status == 406 && Renegotiate(*answer)) {
    answer = SendOnce(method, path, body);
  }
  return answer;
}

bool PlacementRest::Renegotiate(const HttpResponse& answer) {
  const int asked = minor_version_;
  minor_version_ = kWantedMinor;
  const nlohmann::json body = ParseBody(answer);
  const nlohmann::json& errors = ListAt(body, "errors");
  if (errors.empty()) return asked != minor_version_;
  const std::string latest = TextAt(errors[0], "max_version");
  absl::string_view minor = latest;
  int number = 0;
  const bool readable = absl::ConsumePrefix(&minor, "1.") && absl::SimpleAtoi(minor, &number);
  if (readable && number >= kLeastMinor) minor_version_ = std::min(number, kWantedMinor);
  return asked != minor_version_;
}

absl::StatusOr<nlohmann::json> PlacementRest::Call(const std::string& method,
                                                   const std::string& path,
                                                   const nlohmann::json& body) {
  const absl::StatusOr<HttpResponse> answer =
      Exchange(method, path, body.is_null() ? std::string() : body.dump());
  if (!answer.ok()) return answer.status();
  if (answer->status >= 200 && answer->status < 300) return ParseBody(*answer);
  if (answer->status >= 300 && answer->status < 400) {
    return NoPlacement(
        absl::StatusCode::kFailedPrecondition,
        absl::UnknownError(absl::StrCat("Placement: ", method, " ", Printable(path), " answered ",
                                        answer->status, ": ", DescribeRedirect(*answer))));
  }
  absl::Status refusal = Refusal(method, path, *answer);
  if (absl::IsPermissionDenied(refusal) && system_scope_) {
    return WithContext(refusal,
                       "the token is for the system (system_scope), and Placement's usual policy "
                       "wants a project's: take system_scope away and name a project");
  }
  if (!absl::IsNotFound(refusal) || IsPlacements(*answer)) return refusal;
  return NoPlacement(absl::StatusCode::kFailedPrecondition, refusal);
}

absl::Status PlacementRest::NoPlacement(absl::StatusCode code, const absl::Status& why) const {
  return absl::Status(code,
                      absl::StrCat(why.message(), "; asked was ", Quoted(UrlForLog(endpoint_)),
                                   ": where that is not Placement's URL, correct ",
                                   "--placement_endpoint, OS_REGION_NAME or OS_INTERFACE"));
}

absl::StatusOr<nlohmann::json> PlacementRest::Get(const std::string& path) {
  return Call("GET", path, nlohmann::json());
}

absl::StatusOr<std::vector<ProviderRow>> PlacementRest::List(const std::string& query) {
  const absl::StatusOr<nlohmann::json> answer = Get(absl::StrCat("/resource_providers?", query));
  // A list without a member is answered with 200.
  if (absl::IsNotFound(answer.status())) {
    return NoPlacement(absl::StatusCode::kFailedPrecondition, answer.status());
  }
  if (!answer.ok()) return answer.status();
  absl::StatusOr<std::vector<ProviderRow>> rows = ReadProviders(*answer);
  if (rows.ok()) return rows;
  return NoPlacement(rows.status().code(), rows.status());
}

absl::StatusOr<std::optional<ProviderRow>> PlacementRest::FindByName(const std::string& name) {
  const absl::StatusOr<std::vector<ProviderRow>> rows =
      List(absl::StrCat("name=", UrlEncoded(name)));
  if (!rows.ok()) return rows.status();
  return PickByName(*rows, name);
}

absl::StatusOr<std::optional<ProviderRow>> PlacementRest::FindByUuid(const std::string& uuid) {
  const absl::StatusOr<std::vector<ProviderRow>> rows =
      List(absl::StrCat("uuid=", UrlEncoded(uuid)));
  if (!rows.ok()) return rows.status();
  return PickByUuid(*rows, uuid);
}

absl::StatusOr<std::vector<ProviderRow>> PlacementRest::Tree(const std::string& root_uuid) {
  return List(absl::StrCat("in_tree=", UrlEncoded(root_uuid)));
}

absl::StatusOr<InventoriesRow> PlacementRest::Inventories(const std::string& uuid,
                                                          absl::string_view resource_class) {
  const absl::StatusOr<nlohmann::json> answer = Get(ProviderPath(uuid, "/inventories"));
  if (!answer.ok()) return answer.status();
  return ReadInventories(*answer, resource_class);
}

absl::StatusOr<TraitsRow> PlacementRest::Traits(const std::string& uuid) {
  const absl::StatusOr<nlohmann::json> answer = Get(ProviderPath(uuid, "/traits"));
  if (!answer.ok()) return answer.status();
  return ReadTraits(*answer);
}

absl::StatusOr<UsagesRow> PlacementRest::Usages(const std::string& uuid,
                                                absl::string_view resource_class) {
  const absl::StatusOr<nlohmann::json> answer = Get(ProviderPath(uuid, "/usages"));
  if (!answer.ok()) return answer.status();
  return ReadUsages(*answer, resource_class);
}

absl::StatusOr<std::vector<std::string>> PlacementRest::Consumers(const std::string& uuid) {
  const absl::StatusOr<nlohmann::json> answer = Get(ProviderPath(uuid, "/allocations"));
  if (!answer.ok()) return answer.status();
  return ReadConsumers(*answer);
}

absl::StatusOr<uint64_t> PlacementRest::CreateProvider(const std::string& uuid,
                                                       const std::string& name,
                                                       const std::string& parent_uuid) {
  const nlohmann::json body = {
      {"uuid", uuid}, {"name", name}, {"parent_provider_uuid", parent_uuid}};
  return GenerationIn(Call("POST", "/resource_providers", body), "generation");
}

absl::StatusOr<uint64_t> PlacementRest::SetTraits(const std::string& uuid, uint64_t generation,
                                                  const std::vector<std::string>& traits) {
  const nlohmann::json body = {{"resource_provider_generation", generation}, {"traits", traits}};
  return GenerationIn(Call("PUT", ProviderPath(uuid, "/traits"), body),
                      "resource_provider_generation");
}

absl::StatusOr<uint64_t> PlacementRest::SetInventory(const std::string& uuid, uint64_t generation,
                                                     const std::string& resource_class,
                                                     const KeyFigures& keys, bool exists) {
  nlohmann::json body = InventoryJson(keys);
  body["resource_provider_generation"] = generation;
  std::string path = ProviderPath(uuid, "/inventories");
  if (exists) {
    absl::StrAppend(&path, "/", resource_class);
  } else {
    body["resource_class"] = resource_class;
  }
  return GenerationIn(Call(exists ? "PUT" : "POST", path, body), "resource_provider_generation");
}

absl::Status PlacementRest::RemoveInventory(const std::string& uuid,
                                            const std::string& resource_class) {
  const std::string path = absl::StrCat(ProviderPath(uuid, "/inventories/"), resource_class);
  const absl::Status status = Call("DELETE", path, nlohmann::json()).status();
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

absl::Status PlacementRest::DeleteProvider(const std::string& uuid) {
  const absl::Status status = Call("DELETE", ProviderPath(uuid), nlohmann::json()).status();
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

absl::StatusOr<bool> PlacementRest::TraitExists(const std::string& trait) {
  const absl::Status status = Get(absl::StrCat("/traits/", UrlEncoded(trait))).status();
  if (absl::IsNotFound(status)) return false;
  if (!status.ok()) return status;
  return true;
}

absl::Status PlacementRest::CreateResourceClass(const std::string& resource_class) {
  return Call("PUT", absl::StrCat("/resource_classes/", UrlEncoded(resource_class)),
              nlohmann::json())
      .status();
}

absl::Status PlacementRest::CreateTrait(const std::string& trait) {
  return Call("PUT", absl::StrCat("/traits/", UrlEncoded(trait)), nlohmann::json()).status();
}

}  // namespace ccplace::sync
