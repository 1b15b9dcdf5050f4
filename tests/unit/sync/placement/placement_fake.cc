#include "tests/unit/sync/placement/placement_fake.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace ccplace::sync {
namespace {

constexpr char kGeneration[] = "resource_provider_generation";

HttpResponse Json(int status, const nlohmann::json& body) { return {status, {}, body.dump()}; }

HttpResponse Refuse(int status, const char* code) {
  return Json(status, {{"errors", {{{"code", code}, {"status", status}}}}});
}

nlohmann::json RowOf(const FakeProvider& provider) {
  return {
      {"uuid", provider.uuid},
      {"name", provider.name},
      {"generation", provider.generation},
      {"root_provider_uuid", provider.parent_uuid.empty() ? provider.uuid : provider.parent_uuid},
      {"parent_provider_uuid",
       provider.parent_uuid.empty() ? nlohmann::json() : nlohmann::json(provider.parent_uuid)}};
}

}  // namespace

absl::StatusOr<HttpResponse> PlacementFake::Send(const HttpRequest& request) {
  const std::string path(absl::StripPrefix(request.url, "http://placement"));
  std::function<void(const std::string&, const std::string&)> hook;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    hook = hook_;
  }
  if (hook) hook(request.method, path);
  const std::lock_guard<std::mutex> lock(mutex_);
  requests_.push_back(absl::StrCat(request.method, " ", path));
  if (failing_status_ != 0) return HttpResponse{failing_status_, {}, "<html>"};
  return Carry(request, path);
}

HttpResponse PlacementFake::Carry(const HttpRequest& request, const std::string& path) {
  if (path == "/resource_providers") return Create(nlohmann::json::parse(request.body));
  absl::string_view rest = path;
  if (absl::ConsumePrefix(&rest, "/resource_providers?")) return List(std::string(rest));
  if (absl::ConsumePrefix(&rest, "/traits/")) return OnTrait(request.method, std::string(rest));
  if (absl::ConsumePrefix(&rest, "/resource_classes/")) {
    known_classes_.emplace(rest);
    return HttpResponse{201, {}, ""};
  }
  absl::ConsumePrefix(&rest, "/resource_providers/");
  const std::pair<std::string, std::string> parts = absl::StrSplit(rest, absl::MaxSplits('/', 1));
  FakeProvider* provider = Find(parts.first);
  if (provider == nullptr) return Refuse(404, "placement.undefined_code");
  return OnProvider(request, *provider, parts.second);
}

HttpResponse PlacementFake::List(const std::string& query) {
  const std::pair<std::string, std::string> asked = absl::StrSplit(query, absl::MaxSplits('=', 1));
  nlohmann::json rows = nlohmann::json::array();
  for (const FakeProvider& one : providers_) {
    const bool in_tree = one.uuid == asked.second || one.parent_uuid == asked.second;
    const bool fits = (asked.first == "name" && one.name == asked.second) ||
                      (asked.first == "uuid" && one.uuid == asked.second) ||
                      (asked.first == "in_tree" && in_tree);
    if (fits) rows.push_back(RowOf(one));
  }
  return Json(200, {{"resource_providers", rows}});
}

HttpResponse PlacementFake::Create(const nlohmann::json& body) {
  for (const FakeProvider& one : providers_) {
    if (one.name == body["name"] || one.uuid == body["uuid"]) {
      return Refuse(409, "placement.duplicate_name");
    }
  }
  FakeProvider made;
  made.uuid = body["uuid"];
  made.name = body["name"];
  made.parent_uuid = body["parent_provider_uuid"];
  providers_.push_back(made);
  return Json(200, RowOf(made));
}

HttpResponse PlacementFake::OnProvider(const HttpRequest& request, FakeProvider& provider,
                                       const std::string& part) {
  const uint64_t generation = provider.generation;
  if (request.method == "PUT" || request.method == "POST") {
    return Write(provider, part, nlohmann::json::parse(request.body));
  }
  if (request.method == "DELETE") {
    if (provider.allocated > 0) return Refuse(409, "placement.resource_provider.inuse");
    absl::string_view resource_class = part;
    if (absl::ConsumePrefix(&resource_class, "inventories/")) {
      provider.inventories.erase(std::string(resource_class));
      ++provider.generation;
      return {204, {}, ""};
    }
    const std::string uuid = provider.uuid;
    providers_.erase(std::remove_if(providers_.begin(), providers_.end(),
                                    [&uuid](const auto& one) { return one.uuid == uuid; }),
                     providers_.end());
    return {204, {}, ""};
  }
  if (part == "usages") {
    nlohmann::json usages = nlohmann::json::object();
    for (const auto& item : provider.inventories.items()) usages[item.key()] = provider.allocated;
    return Json(200, {{kGeneration, generation}, {"usages", usages}});
  }
  if (part == "allocations") {
    nlohmann::json allocations = nlohmann::json::object();
    for (const std::string& consumer : provider.consumers) allocations[consumer] = {};
    return Json(200, {{kGeneration, generation}, {"allocations", allocations}});
  }
  if (part == "traits") return Json(200, {{kGeneration, generation}, {"traits", provider.traits}});
  return Json(200, {{kGeneration, generation}, {"inventories", provider.inventories}});
}

HttpResponse PlacementFake::Write(FakeProvider& provider, const std::string& part,
                                  const nlohmann::json& body) {
  if (body[kGeneration] != provider.generation) return Refuse(409, "placement.concurrent_update");
  if (part == "traits") {
    const auto traits = body["traits"].get<std::set<std::string>>();
    const bool known =
        std::includes(known_traits_.begin(), known_traits_.end(), traits.begin(), traits.end());
    if (!known) return Refuse(400, "placement.undefined_code");
    provider.traits = traits;
  } else {
    absl::string_view in_path = part;
    const bool named = absl::ConsumePrefix(&in_path, "inventories/");
    const std::string name =
        named ? std::string(in_path) : body["resource_class"].get<std::string>();
    if (known_classes_.count(name) == 0) return Refuse(400, "placement.undefined_code");
    nlohmann::json figures = body;
    figures.erase(kGeneration);
    figures.erase("resource_class");
    provider.inventories[name] = figures;
  }
  ++provider.generation;
  return Json(200, {{kGeneration, provider.generation}});
}

HttpResponse PlacementFake::OnTrait(const std::string& method, const std::string& trait) {
  if (method == "PUT") known_traits_.insert(trait);
  return known_traits_.count(trait) > 0 ? HttpResponse{204, {}, ""}
                                        : Refuse(404, "placement.undefined_code");
}

FakeProvider* PlacementFake::Find(const std::string& uuid) {
  const auto found = std::find_if(providers_.begin(), providers_.end(),
                                  [&uuid](const auto& one) { return one.uuid == uuid; });
  return found == providers_.end() ? nullptr : &*found;
}

void PlacementFake::AddProvider(const std::string& uuid, const std::string& name,
                                const std::string& parent_uuid) {
  const std::lock_guard<std::mutex> lock(mutex_);
  FakeProvider provider;
  provider.uuid = uuid;
  provider.name = name;
  provider.parent_uuid = parent_uuid;
  providers_.push_back(provider);
}

void PlacementFake::Change(const std::string& name,
                           const std::function<void(FakeProvider&)>& change) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (FakeProvider& provider : providers_) {
    if (provider.name != name) continue;
    change(provider);
    ++provider.generation;
  }
}

void PlacementFake::ReleaseAll(const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (FakeProvider& provider : providers_) {
    if (provider.name == name) provider.allocated = 0;
  }
}

void PlacementFake::Remove(const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  providers_.erase(std::remove_if(providers_.begin(), providers_.end(),
                                  [&name](const auto& one) { return one.name == name; }),
                   providers_.end());
}

FakeProvider PlacementFake::Provider(const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const FakeProvider& provider : providers_) {
    if (provider.name == name) return provider;
  }
  return {};
}

void PlacementFake::BeforeEach(std::function<void(const std::string&, const std::string&)> hook) {
  const std::lock_guard<std::mutex> lock(mutex_);
  hook_ = std::move(hook);
}

void PlacementFake::FailWith(int status) {
  const std::lock_guard<std::mutex> lock(mutex_);
  failing_status_ = status;
}

void PlacementFake::KnowTrait(const std::string& trait) {
  const std::lock_guard<std::mutex> lock(mutex_);
  known_traits_.insert(trait);
}

std::vector<std::string> PlacementFake::TakeRequests() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::exchange(requests_, {});
}

}  // namespace ccplace::sync
