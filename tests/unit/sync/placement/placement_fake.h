// A small Placement in memory, behind HTTP: providers with generations, inventories, traits,
// usages.
#ifndef CCPLACE_TESTS_UNIT_SYNC_PLACEMENT_PLACEMENT_FAKE_H_
#define CCPLACE_TESTS_UNIT_SYNC_PLACEMENT_PLACEMENT_FAKE_H_

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "client/sync/http/http_client.h"
#include "client/sync/keystone/token.h"
#include "nlohmann/json.hpp"

namespace ccplace::sync {

constexpr char kRootUuid[] = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";

struct FakeProvider {
  std::string uuid;
  std::string name;
  std::string parent_uuid;
  uint64_t generation = 0;
  nlohmann::json inventories = nlohmann::json::object();
  std::set<std::string> traits;
  uint64_t allocated = 0;  // Of whatever class it holds.
  std::set<std::string> consumers;
};

// Thread-safe.
class PlacementFake : public HttpClient {
 public:
  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override;

  void AddProvider(const std::string& uuid, const std::string& name,
                   const std::string& parent_uuid = "");
  // Changes a provider as another client would; its generation grows. It must be there.
  void Change(const std::string& name, const std::function<void(FakeProvider&)>& change);
  // Takes all that is allocated back as another client would; no generation grows.
  void ReleaseAll(const std::string& name);
  // A copy of the provider; one without a name when there is none.
  FakeProvider Provider(const std::string& name);
  // Called before each request is carried out, with its method and path.
  void BeforeEach(std::function<void(const std::string&, const std::string&)> hook);
  // Removes a provider as another client would.
  void Remove(const std::string& name);
  // Every request fails so until it is 0.
  void FailWith(int status);
  void KnowTrait(const std::string& trait);

  // "METHOD path" of each request since the last call.
  std::vector<std::string> TakeRequests();

 private:
  HttpResponse Carry(const HttpRequest& request, const std::string& path);
  HttpResponse List(const std::string& query);
  HttpResponse Create(const nlohmann::json& body);
  HttpResponse OnProvider(const HttpRequest& request, FakeProvider& provider,
                          const std::string& part);
  HttpResponse OnTrait(const std::string& method, const std::string& trait);
  HttpResponse Write(FakeProvider& provider, const std::string& part, const nlohmann::json& body);
  FakeProvider* Find(const std::string& uuid);

  std::mutex mutex_;
  std::vector<FakeProvider> providers_;
  std::set<std::string> known_traits_ = {"HW_CPU_X86_INTEL_TDX", "OWNER_NOVA"};
  std::set<std::string> known_classes_ = {"MEM_ENCRYPTION_CONTEXT"};
  std::vector<std::string> requests_;
  std::function<void(const std::string&, const std::string&)> hook_;
  int failing_status_ = 0;
};

// Lets everybody in.
class OpenTokens : public TokenSource {
 public:
  absl::StatusOr<Access> Get() override { return Access{"t", "http://placement"}; }
  void Drop() override {}
};

}  // namespace ccplace::sync

#endif  // CCPLACE_TESTS_UNIT_SYNC_PLACEMENT_PLACEMENT_FAKE_H_
