// Whatever Placement answers: it is refused, or all of it that a write may rest on was read. A
// trait that is overlooked would be taken away by the next write, an allocation that is overlooked
// would have its provider removed.
#include <cstddef>
#include <cstdint>

#include "client/sync/http/json_body.h"
#include "client/sync/placement/placement_json.h"
#include "tests/fuzz/expect.h"

namespace {

using ccplace::fuzz::Expect;
using ccplace::fuzz::ExpectSaysWhy;
using nlohmann::json;

constexpr char kKeyClass[] = "MEM_ENCRYPTION_CONTEXT";

template <typename Row>
bool WasRead(const absl::StatusOr<Row>& row) {
  if (!row.ok()) ExpectSaysWhy(row.status());
  return row.ok();
}

void CheckProviders(const json& body) {
  const auto rows = ccplace::sync::ReadProviders(body);
  if (!WasRead(rows)) return;
  Expect(rows->size() == body.at("resource_providers").size());
  for (size_t i = 0; i < rows->size(); ++i) {
    const json& item = body["resource_providers"][i];
    const ccplace::sync::ProviderRow& row = rows->at(i);
    Expect(!row.uuid.empty() && item.at("uuid") == row.uuid && item.at("name") == row.name);
    const bool is_root =
        !item.contains("parent_provider_uuid") || item["parent_provider_uuid"].is_null();
    Expect(is_root ? row.parent_uuid.empty() : item["parent_provider_uuid"] == row.parent_uuid);
  }
}

void CheckInventories(const json& body) {
  const auto row = ccplace::sync::ReadInventories(body, kKeyClass);
  if (!WasRead(row)) return;
  const json& inventories = body.at("inventories");
  Expect(row->keys.has_value() == inventories.contains(kKeyClass));
  Expect(row->other_inventories == (inventories.size() > (row->keys.has_value() ? 1u : 0u)));
  if (!row->keys.has_value()) return;
  Expect(row->keys->reserved <= row->keys->total);
  Expect(inventories[kKeyClass]["total"] == row->keys->total);
}

void CheckTraits(const json& body) {
  const auto row = ccplace::sync::ReadTraits(body);
  if (!WasRead(row)) return;
  Expect(row->traits.size() == body.at("traits").size());
}

void CheckUsages(const json& body) {
  const auto row = ccplace::sync::ReadUsages(body, kKeyClass);
  if (!WasRead(row)) return;
  Expect(body.at("usages").value(kKeyClass, json(0)) == row->allocated);
}

void CheckRefusals(const ccplace::sync::HttpResponse& told) {
  for (const int status : {302, 400, 401, 404, 406, 409, 500}) {
    ccplace::sync::HttpResponse answer = told;
    answer.status = status;
    ExpectSaysWhy(ccplace::sync::Refusal("GET", "/resource_providers", answer));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ccplace::sync::HttpResponse answer;
  answer.status = 200;
  answer.body.assign(reinterpret_cast<const char*>(data), size);
  const json body = ccplace::sync::ParseBody(answer);
  CheckProviders(body);
  CheckInventories(body);
  CheckTraits(body);
  CheckUsages(body);
  CheckRefusals(answer);
  return 0;
}
