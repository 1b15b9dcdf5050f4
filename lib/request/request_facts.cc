#include "lib/request/request_facts.h"

namespace ccplace::rules {
namespace {

constexpr uint32_t kAllNeeds = ~uint32_t{0};

Contents ContentsOf(const v1::ValidateRequestRequest& request, const Settings& settings) {
  const Contents devices = request.block_devices().empty() ? 0 : kDevices;
  const Contents status = request.image().status().empty() ? 0 : kImageStatus;
  return settings.contents | devices | status;
}

// Not clearly off: an unreadable value never lets a request pass for one that asks for nothing.
bool MayAsk(Boolean value) { return value == Boolean::kTrue || value == Boolean::kInvalid; }

absl::string_view FirstOf(const std::string* first, const std::string* second,
                          absl::string_view otherwise) {
  if (first != nullptr) return *first;
  return second != nullptr ? absl::string_view(*second) : otherwise;
}

v1::RequestDialect DialectOf(const v1::ValidateRequestRequest& request,
                             const v1::HostPolicy& policy) {
  if (request.dialect() != v1::REQUEST_DIALECT_UNSPECIFIED) return request.dialect();
  return policy.request_dialect() == v1::REQUEST_DIALECT_BLUEPRINT ? v1::REQUEST_DIALECT_BLUEPRINT
                                                                   : v1::REQUEST_DIALECT_NOVA;
}

// A key of the flavor that the blueprint alone reads.
const std::string* OfFlavor(const RequestFacts& facts, Key key) {
  return facts.dialect == v1::REQUEST_DIALECT_BLUEPRINT ? facts.settings[key] : nullptr;
}

const Model* NamedModel(const std::string* name) {
  return name == nullptr ? nullptr : FindModel(*name);
}

// Needs shared by the models that can be meant; null: a side that names no known model.
uint32_t SharedNeeds(const Model* flavor, const Model* image) {
  uint32_t needs = kAllNeeds;
  if (flavor != nullptr) needs &= flavor->needs;
  if (image != nullptr) needs &= image->needs;
  if (needs != kAllNeeds) return needs;
  for (const Model& model : Models()) needs &= model.needs;
  return needs;
}

void TellModel(RequestFacts& facts) {
  const std::string* flavor_name = facts.settings[Key::kFlavorModel];
  const std::string* image_name = facts.settings[Key::kImageModel];
  facts.model_named = flavor_name != nullptr || image_name != nullptr;
  const Model* flavor = NamedModel(flavor_name);
  const Model* image = NamedModel(image_name);
  if (!facts.model_named) flavor = image = &DefaultModel();
  facts.needs = SharedNeeds(flavor, image);
  const bool flavor_fits = flavor_name == nullptr || flavor != nullptr;
  const bool image_fits = image_name == nullptr || image != nullptr;
  const bool agree = flavor == nullptr || image == nullptr || flavor == image;
  facts.model = nullptr;
  if (flavor_fits && image_fits && agree) facts.model = flavor != nullptr ? flavor : image;
}

}  // namespace

template <typename... Sources>
RequestFacts::RequestFacts(FromSources, const v1::ValidateRequestRequest& request_in,
                           const v1::HostPolicy& policy_in, const Sources&... sources)
    : request(request_in),
      policy(policy_in),
      settings(sources...),
      contents(ContentsOf(request_in, settings)),
      operation(request_in.operation() == v1::OPERATION_UNSPECIFIED ? v1::OPERATION_BOOT
                                                                    : request_in.operation()),
      dialect(DialectOf(request_in, policy_in)),
      asked(MayAsk(Bool(Key::kFlavorMemEncryption)) || MayAsk(Bool(Key::kImageMemEncryption))),
      firmware_type(FirstOf(settings[Key::kImageFirmwareType],
                            OfFlavor(*this, Key::kFlavorFirmwareType), "")),
      machine_type(FirstOf(settings[Key::kImageMachineType],
                           OfFlavor(*this, Key::kFlavorMachineType),
                           policy_in.default_machine_type())) {
  TellModel(*this);
}

RequestFacts::RequestFacts(const v1::ValidateRequestRequest& request_in,
                           const v1::HostPolicy& policy_in)
    : RequestFacts(FromSources(), request_in, policy_in, request_in) {}

RequestFacts::RequestFacts(const v1::ValidateRequestRequest& request_in,
                           const v1::HostPolicy& policy_in, const Settings& flavor,
                           const Settings& image)
    : RequestFacts(FromSources(), request_in, policy_in, flavor, image) {}

absl::string_view RequestFacts::FlavorFirst(Key flavor, Key image) const {
  const std::string* by_flavor = settings[flavor];
  if (by_flavor != nullptr && !by_flavor->empty()) return *by_flavor;
  const std::string* by_image = settings[image];
  return by_image == nullptr ? absl::string_view() : absl::string_view(*by_image);
}

bool RequestFacts::UnknownModelOfImage() const {
  const std::string* name = settings[Key::kImageModel];
  return name != nullptr && FindModel(*name) == nullptr;
}

}  // namespace ccplace::rules
