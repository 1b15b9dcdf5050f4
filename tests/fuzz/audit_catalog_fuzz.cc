// Whatever catalog is audited: what a flavor or an image is folded to is judged as it would be
// itself, so that one verdict stands for all members of a group.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/ctl/input/catalog.h"
#include "client/ctl/input/image_devices.h"
#include "client/ctl/input/input_file.h"
#include "client/ctl/input/openstack_json.h"
#include "lib/request/rules.h"
#include "tests/fuzz/expect.h"

namespace {

using ccplace::fuzz::Expect;
using ccplace::fuzz::ExpectSaysWhy;
using ccplace::v1::Flavor;
using ccplace::v1::Image;
using nlohmann::json;

// From here on some of the misspelt keys go without a warning, and it is not said which.
constexpr int kSuggestionLimit = 16;
constexpr size_t kMostOfEach = 3;  // Pairings grow with the square, and each is judged twice.

using Devices = std::vector<ccplace::v1::BlockDevice>;

ccplace::v1::ValidateRequestResponse Judged(const Flavor& flavor, const Image& image,
                                            const Devices& devices) {
  ccplace::v1::ValidateRequestRequest request;
  ccplace::ctl::AddDevicesOfImage(devices, request);
  *request.mutable_flavor() = flavor;
  *request.mutable_image() = image;
  request.set_operation(ccplace::v1::OPERATION_BOOT);
  ccplace::v1::HostPolicy policy;
  policy.set_default_machine_type("q35");
  ccplace::v1::ValidateRequestResponse answer;
  ccplace::EvaluateRequest(request, policy, answer);
  return answer;
}

// Of what an audit shows: all but sizes, names and what is there to send a scheduler.
std::string Shown(const ccplace::v1::ValidateRequestResponse& answer) {
  ccplace::v1::ValidateRequestResponse shown;
  shown.set_decision(answer.decision());
  shown.set_model(answer.model());
  *shown.mutable_violations() = answer.violations();
  if (answer.warnings_size() < kSuggestionLimit) *shown.mutable_warnings() = answer.warnings();
  return shown.SerializeAsString();
}

template <typename Message>
struct Member {
  Message whole;
  ccplace::ctl::CatalogSide<Message> side;  // Of this one alone.
};

absl::StatusOr<Flavor> Parse(const json& object, const Flavor*) {
  return ccplace::ctl::ParseFlavor(object);
}
absl::StatusOr<Image> Parse(const json& object, const Image*) {
  return ccplace::ctl::ParseImage(object);
}

// Those of the catalog that can be judged; they must fold to one group each.
template <typename Message>
std::vector<Member<Message>> Members(const std::vector<json>& objects) {
  std::vector<Member<Message>> members;
  for (const json& object : objects) {
    if (members.size() == kMostOfEach) break;
    Member<Message> member;
    const absl::Status added = member.side.Add(object);
    if (!added.ok()) ExpectSaysWhy(added);
    if (!added.ok() || !member.side.unjudged().empty()) continue;
    Expect(member.side.groups().size() == 1 && member.side.size() == 1);
    member.whole = *Parse(object, static_cast<const Message*>(nullptr));
    members.push_back(std::move(member));
  }
  return members;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto objects = ccplace::ctl::ParseJsonObjects(text, "catalog.json");
  if (!objects.ok()) return 0;
  const auto flavors = Members<Flavor>(*objects);
  const auto images = Members<Image>(*objects);
  for (const auto& flavor : flavors) {
    for (const auto& image : images) {
      const Devices& devices = image.side.groups()[0].devices;
      Expect(Shown(Judged(flavor.whole, image.whole, devices)) ==
             Shown(Judged(*flavor.side.groups()[0].settings, *image.side.groups()[0].settings,
                          devices)));
    }
  }
  return 0;
}
