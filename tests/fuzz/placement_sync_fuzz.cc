// Whatever Placement answers in the course of a round: nothing is written but to providers of ours
// below the root that was read, no trait is taken from one, and no more is reserved than there is.
// An input is the answers in turn, one a line: the status, a space, the body.
#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/sync/http/json_body.h"
#include "client/sync/placement/placement_json.h"
#include "client/sync/sync/host_sync.h"
#include "lib/placement/uuid_v5.h"
#include "tests/fuzz/expect.h"

namespace {

using ccplace::fuzz::Expect;
using ccplace::sync::HttpRequest;
using ccplace::sync::HttpResponse;
using nlohmann::json;

constexpr char kEndpoint[] = "http://placement";
constexpr char kProviders[] = "/resource_providers";

// Answers as the input says, and holds each write to what it answered before.
class Placement : public ccplace::sync::HttpClient {
 public:
  explicit Placement(absl::string_view script) : answers_(absl::StrSplit(script, '\n')) {}

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override {
    absl::string_view path = request.url;
    Expect(absl::ConsumePrefix(&path, kEndpoint));
    Expect(std::all_of(path.begin(), path.end(),
                       [](unsigned char c) { return absl::ascii_isgraph(c); }));
    if (request.method != "GET") CheckWrite(request, path);
    const HttpResponse answer = Next();
    if (answer.status >= 200 && answer.status < 300) Remember(request, path, answer);
    return answer;
  }

 private:
  HttpResponse Next() {
    HttpResponse answer;
    answer.status = 503;
    if (next_ == answers_.size()) return answer;
    const std::pair<absl::string_view, absl::string_view> told =
        absl::StrSplit(answers_[next_++], absl::MaxSplits(' ', 1));
    if (!absl::SimpleAtoi(told.first, &answer.status)) answer.status = 200;
    answer.body = std::string(told.second);
    return answer;
  }

  void Remember(const HttpRequest& request, absl::string_view path, const HttpResponse& answer) {
    const json body = ccplace::sync::ParseBody(answer);
    if (absl::EndsWith(path, "/traits")) {
      const json& told = request.method == "GET" ? body : json::parse(request.body);
      const auto row = ccplace::sync::ReadTraits(WithGeneration(told));
      if (row.ok()) traits_[std::string(path)] = {row->traits.begin(), row->traits.end()};
    }
    const auto rows = ccplace::sync::ReadProviders(body);
    if (!rows.ok()) return;
    for (const auto& row : *rows) names_.insert(row.name);
    if (absl::StrContains(path, "in_tree=")) return;
    for (const auto& row : *rows) RememberRoot(row);
  }

  // Only what was asked for is a root.
  void RememberRoot(const ccplace::sync::ProviderRow& row) {
    if (!absl::EqualsIgnoreCase(absl::StripTrailingAsciiWhitespace(row.name), "node-1")) return;
    roots_.insert(row.uuid);
    for (const char* suffix :
         {"_intel_tdx", "_amd_sev", "_amd_sev_es", "_amd_sev_snp", "_ccplace_intel_tdx"}) {
      names_.insert(row.name + suffix);
    }
  }

  static json WithGeneration(json body) {
    if (body.is_object()) body["resource_provider_generation"] = 0;
    return body;
  }

  bool IsOurs(const std::string& uuid) {
    if (ours_.count(uuid) > 0) return true;
    for (const std::string& root : roots_) {
      for (const std::string& name : names_) {
        const auto made = ccplace::UuidV5(root, name);
        if (!made.ok() || *made != uuid) continue;
        ours_.insert(uuid);
        return true;
      }
    }
    return false;
  }

  void CheckWrite(const HttpRequest& request, absl::string_view path) {
    const json body = ccplace::sync::ParseBody({200, {}, request.body});
    if (absl::ConsumePrefix(&path, "/traits/")) return Expect(absl::StartsWith(path, "CUSTOM_"));
    if (absl::ConsumePrefix(&path, "/resource_classes/")) {
      return Expect(path == ccplace::kOwnKeyClass);
    }
    if (path == kProviders) {
      Expect(roots_.count(body.at("parent_provider_uuid")) == 1);
      return Expect(IsOurs(body.at("uuid")));
    }
    const std::vector<std::string> parts = absl::StrSplit(path, '/');
    Expect(parts.size() >= 3 && IsOurs(parts[2]));
    if (request.method == "DELETE") {
      return Expect(parts.size() == 3 || (parts.size() == 5 && parts[3] == "inventories"));
    }
    if (parts.at(3) == "traits") return CheckTraits(std::string(path), body);
    Expect(parts[3] == "inventories" && body.at("total") >= 1);
    Expect(body.at("reserved") <= body.at("total"));
  }

  void CheckTraits(const std::string& path, const json& body) {
    const std::set<std::string> wanted = body.at("traits");
    const std::set<std::string>& had = traits_[path];
    Expect(std::includes(wanted.begin(), wanted.end(), had.begin(), had.end()));
    Expect(had.count("OWNER_NOVA") == 0);
  }

  std::vector<absl::string_view> answers_;
  size_t next_ = 0;
  std::set<std::string> roots_;
  std::set<std::string> names_;
  std::set<std::string> ours_;                           // Found to be so: hashing is slow.
  std::map<std::string, std::set<std::string>> traits_;  // By path; as last read or written.
};

class OpenTokens : public ccplace::sync::TokenSource {
 public:
  absl::StatusOr<ccplace::sync::Access> Get() override {
    return ccplace::sync::Access{"t", kEndpoint};
  }
  void Drop() override {}
};

ccplace::v1::HostCapabilities Host(ccplace::v1::Support verdict, uint64_t in_use) {
  ccplace::v1::HostCapabilities host;
  host.set_node_name("node-1");
  auto& tdx = *host.add_models();
  tdx.set_model(ccplace::v1::ENCRYPTION_MODEL_INTEL_TDX);
  tdx.set_verdict(verdict);
  tdx.mutable_keys()->mutable_total()->set_value(63);
  tdx.mutable_keys()->mutable_in_use()->set_value(in_use);
  return host;
}

void CheckReport(const ccplace::sync::SyncReport& report) {
  if (!report.status.ok()) ccplace::fuzz::ExpectSaysWhy(report.status);
  for (const auto& step : report.steps) Expect(ccplace::IsPrintable(step.why));
  for (const auto& note : report.notes) Expect(ccplace::IsPrintable(note.why));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Placement placement(absl::string_view(reinterpret_cast<const char*>(data), size));
  OpenTokens tokens;
  ccplace::sync::PlacementRest rest(&placement, &tokens);
  ccplace::sync::HostSyncOptions options;
  options.sleep = [](std::chrono::milliseconds) { return true; };
  ccplace::sync::HostSync sync(&rest, options);
  CheckReport(sync.Sync(Host(ccplace::v1::SUPPORT_SUPPORTED, 0)));
  CheckReport(sync.Check(Host(ccplace::v1::SUPPORT_SUPPORTED, 0)));
  CheckReport(sync.Sync(Host(ccplace::v1::SUPPORT_SUPPORTED, 2)));
  CheckReport(sync.Sync(Host(ccplace::v1::SUPPORT_UNSUPPORTED, 0)));
  return 0;
}
