#include "lib/request/settings.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "lib/request/key_index.h"
#include "lib/request/key_suggestion.h"
#include "lib/request/values.h"

namespace ccplace::rules {
namespace {

constexpr auto kFlavor = v1::OFFENDER_ORIGIN_FLAVOR;
constexpr auto kImage = v1::OFFENDER_ORIGIN_IMAGE;

constexpr std::array<KnownKey, kKeyCount> kKnownKeys = {{
    {Key::kFlavorMemEncryption, kFlavor, "hw:mem_encryption"},
    {Key::kFlavorModel, kFlavor, "hw:mem_encryption_model"},
    {Key::kFlavorFirmwareType, kFlavor, "hw:firmware_type"},
    {Key::kFlavorMachineType, kFlavor, "hw:machine_type"},
    {Key::kFlavorPmu, kFlavor, "hw:pmu"},
    {Key::kFlavorPageSize, kFlavor, "hw:mem_page_size"},
    {Key::kFlavorSecureBoot, kFlavor, "os:secure_boot"},
    {Key::kFlavorCpuPolicy, kFlavor, "hw:cpu_policy"},
    {Key::kFlavorLockedMemory, kFlavor, "hw:locked_memory"},
    {Key::kFlavorThreadPolicy, kFlavor, "hw:cpu_thread_policy"},
    {Key::kFlavorEmulatorThreads, kFlavor, "hw:emulator_threads_policy"},
    {Key::kFlavorPciAffinity, kFlavor, "hw:pci_numa_affinity_policy"},
    {Key::kFlavorAddressMode, kFlavor, "hw:maxphysaddr_mode"},
    {Key::kImageMemEncryption, kImage, "hw_mem_encryption"},
    {Key::kImageModel, kImage, "hw_mem_encryption_model"},
    {Key::kImageFirmwareType, kImage, "hw_firmware_type"},
    {Key::kImageMachineType, kImage, "hw_machine_type"},
    {Key::kImagePmu, kImage, "hw_pmu"},
    {Key::kImagePageSize, kImage, "hw_mem_page_size"},
    {Key::kImageSecureBoot, kImage, "os_secure_boot"},
    {Key::kImageCpuPolicy, kImage, "hw_cpu_policy"},
    {Key::kImageLockedMemory, kImage, "hw_locked_memory"},
    {Key::kImageThreadPolicy, kImage, "hw_cpu_thread_policy"},
    {Key::kImagePciAffinity, kImage, "hw_pci_numa_affinity_policy"},
    {Key::kImageAddressMode, kImage, "hw_maxphysaddr_mode"},
    {Key::kImageStateless, kImage, "hw_firmware_stateless"},
    {Key::kImageVideoModel, kImage, "hw_video_model"},
    {Key::kImageVideoRam, kImage, "hw_video_ram"},
    {Key::kImagePointerModel, kImage, "hw_pointer_model"},
    {Key::kImageInputBus, kImage, "hw_input_bus"},
    {Key::kImageDiskBus, kImage, "hw_disk_bus"},
    {Key::kImageScsiModel, kImage, "hw_scsi_model"},
    {Key::kImageAdapterType, kImage, "vmware_adaptertype"},
}};

constexpr auto kFlavorKeyCount = static_cast<size_t>(Key::kImageMemEncryption);

constexpr bool InOrderOfKey() {
  for (size_t i = 0; i < kKeyCount; ++i) {
    const auto origin = i < kFlavorKeyCount ? kFlavor : kImage;
    if (kKnownKeys[i].key != static_cast<Key>(i) || kKnownKeys[i].origin != origin) return false;
  }
  return true;
}
static_assert(InOrderOfKey());

constexpr bool IsBoolean(Key key) {
  return key == Key::kFlavorMemEncryption || key == Key::kImageMemEncryption ||
         key == Key::kFlavorPmu || key == Key::kImagePmu || key == Key::kFlavorLockedMemory ||
         key == Key::kImageLockedMemory || key == Key::kImageStateless;
}

// What images and flavors of some guides carry; nova asks for encryption and model in two keys.
bool IsModelKey(const std::string& key, bool& is_tdx) {
  constexpr size_t kShortest = 21;  // "hw_mem_encryption_tdx"
  if (key.size() < kShortest || !absl::StartsWithIgnoreCase(key, "hw")) return false;
  const std::string folded = absl::StrReplaceAll(absl::AsciiStrToLower(key), {{":", "_"}});
  if (!absl::StartsWith(folded, "hw_mem_encryption_")) return false;
  is_tdx = absl::StrContains(folded, "tdx");
  return is_tdx || absl::StrContains(folded, "sev") || absl::StrContains(folded, "snp");
}

bool IsGroupSuffix(absl::string_view text) {
  constexpr size_t kSuffixLimit = 64;  // Placement's own bound.
  return text.size() <= kSuffixLimit && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '-';
         });
}

// nova reads a group's suffix in the flavor alone.
std::optional<PlacementSpec> ReadPlacementSpec(v1::OffenderOrigin origin, const std::string& key,
                                               const std::string& value) {
  const bool is_trait = absl::StartsWith(key, "trait");
  if (!is_trait && (origin != kFlavor || !absl::StartsWith(key, "resources"))) return std::nullopt;
  const size_t colon = key.find(':');
  if (colon == std::string::npos) return std::nullopt;
  const absl::string_view whole = key;
  const size_t stem = is_trait ? 5 : 9;
  const absl::string_view suffix = whole.substr(stem, colon - stem);
  if (!IsGroupSuffix(suffix) || (origin == kImage && !suffix.empty())) return std::nullopt;
  return PlacementSpec{is_trait, origin, suffix, whole.substr(colon + 1), &key, &value};
}

// A resource that nova drops from its query, and that its API does not store; of another fault a
// rule speaks.
bool NamesNoClass(const PlacementSpec& spec) {
  return !spec.is_trait && IsPlacementName(spec.name) && !IsResourceClass(spec.name);
}

// Nova's row of an extra spec with a number behind its name; null where there is none.
const NovaExtraSpec* NumberedSpec(const KeyIndex& index, absl::string_view key) {
  size_t end = key.size();
  while (end > 0 && absl::ascii_isdigit(key[end - 1])) --end;
  if (end == 0 || end == key.size() || key[end - 1] != '.') return nullptr;
  const NamedKey* named = index.Find(kFlavor, key.substr(0, end));
  return named == nullptr ? nullptr : named->extra_spec;
}

// Whether a rule speaks of whatever value of this extra spec nova's API refuses.
bool RulesTell(const KnownKey& known, const std::string& value) {
  switch (known.key) {
    case Key::kFlavorSecureBoot:
    case Key::kFlavorAddressMode:
    case Key::kFlavorPageSize:
    case Key::kFlavorLockedMemory:
      return false;
    case Key::kFlavorCpuPolicy:
    case Key::kFlavorThreadPolicy:
    case Key::kFlavorEmulatorThreads:
    case Key::kFlavorPciAffinity:
      return !value.empty();  // Nothing to nova, and no word to its API.
    default:
      return true;
  }
}

// Sorts what one side of a request has into `settings`.
class Sorter {
 public:
  Sorter(v1::OffenderOrigin origin, Settings& settings)
      : origin_(origin), settings_(settings), index_(KeyIndex::Get()) {}

  void Take(const std::string& key, const std::string& value) {
    const NamedKey* named = index_.Find(origin_, key);
    if (named != nullptr) TakeNamed(*named, key, value);
    const bool told = named == nullptr ? TakeOther(key, value)
                                       : named->known != nullptr && RulesTell(*named->known, value);
    if (origin_ == kFlavor && !told && IsOfNovasNamespaces(key)) TakeSpec(named, key, value);
  }

 private:
  void TakeNamed(const NamedKey& named, const std::string& key, const std::string& value) {
    if (named.known != nullptr) TakeKnown(named.known->key, value);
    if (named.property != nullptr && !TakesValue(*named.property, value)) {
      settings_.refused_properties.push_back({origin_, &key, &value, named.property});
      settings_.contents |= kRefusedProperties;
    }
  }

  void TakeKnown(Key key, const std::string& value) {
    const auto index = static_cast<size_t>(key);
    settings_.values[index] = &value;
    if (IsBoolean(key)) settings_.booleans[index] = ReadBoolean(value);
    settings_.contents |= BitOf(key);
  }

  // Whether a rule speaks of the key.
  bool TakeOther(const std::string& key, const std::string& value) {
    bool is_tdx = false;
    if (const auto spec = ReadPlacementSpec(origin_, key, value)) {
      settings_.placement.push_back(*spec);
      settings_.contents |= kPlacementSpecs;
      if (NamesNoClass(*spec)) Refuse(key, value);
    } else if (origin_ == kFlavor && key == "group_policy") {
      settings_.group_policy = &value;
    } else if (IsModelKey(key, is_tdx)) {
      return TakeModelKey({origin_, &key, &value, is_tdx});
    } else {
      return TakeMisspelt(key, value);
    }
    return true;
  }

  bool TakeModelKey(const ModelKey& key) {
    if (settings_.model_keys.size() >= kSuggestionLimit) return false;
    settings_.model_keys.push_back(key);
    settings_.contents |= kModelKeys;
    return true;
  }

  bool TakeMisspelt(const std::string& key, const std::string& value) {
    if (settings_.suggestions.size() >= kSuggestionLimit) return false;
    const KnownKey* meant = SuggestKey(origin_, key);
    if (meant == nullptr) return false;
    settings_.suggestions.push_back({origin_, &key, &value, meant});
    settings_.contents |= kMisspeltKeys;
    return true;
  }

  void TakeSpec(const NamedKey* named, const std::string& key, const std::string& value) {
    const NovaExtraSpec* spec = named == nullptr ? NumberedSpec(index_, key) : named->extra_spec;
    const bool lacks_number = named != nullptr && key.back() == '.';
    if (spec == nullptr || lacks_number || !TakesValue(*spec, value)) Refuse(key, value);
  }

  // Keeps the first by name: most of a request's extra specs can be of no use to nova.
  void Refuse(const std::string& key, const std::string& value) {
    auto& refused = settings_.refused_specs;
    settings_.contents |= kRefusedSpecs;
    if (refused.size() == kSuggestionLimit) {
      if (*refused.back().key < key) return;
      refused.pop_back();
    }
    const auto next = std::upper_bound(
        refused.begin(), refused.end(), key,
        [](const std::string& name, const RefusedSpec& spec) { return name < *spec.key; });
    refused.insert(next, {origin_, &key, &value});
  }

  const v1::OffenderOrigin origin_;
  Settings& settings_;
  const KeyIndex& index_;
};

// A map's own order differs from one message to the next: the same question gets the same answer.
template <typename List>
void SortByKey(List& list) {
  if (list.size() < 2) return;
  std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) {
    return a.origin != b.origin ? a.origin < b.origin : *a.key < *b.key;
  });
}

void Take(v1::OffenderOrigin origin, const google::protobuf::Map<std::string, std::string>& side,
          Settings& settings) {
  Sorter sorter(origin, settings);
  for (const auto& entry : side) sorter.Take(entry.first, entry.second);
}

void Sort(Settings& settings) {
  SortByKey(settings.placement);
  SortByKey(settings.refused_properties);
  SortByKey(settings.model_keys);
  SortByKey(settings.suggestions);
}

// The image's part of a column of keys.
template <typename Column>
void CopyOfImage(const Column& from, Column& to) {
  std::copy(from.begin() + kFlavorKeyCount, from.end(), to.begin() + kFlavorKeyCount);
}

template <typename List>
void Append(const List& more, List& list, size_t limit = std::numeric_limits<size_t>::max()) {
  const size_t room = limit - list.size();
  list.insert(list.end(), more.begin(), more.begin() + std::min(more.size(), room));
}

}  // namespace

absl::Span<const KnownKey> KnownKeys() { return kKnownKeys; }

Settings::Settings(const v1::ValidateRequestRequest& request) {
  Take(kFlavor, request.flavor().extra_specs(), *this);
  Take(kImage, request.image().properties(), *this);
  Sort(*this);
}

Settings::Settings(const v1::Flavor& flavor) {
  Take(kFlavor, flavor.extra_specs(), *this);
  Sort(*this);
}

Settings::Settings(const v1::Image& image) {
  Take(kImage, image.properties(), *this);
  Sort(*this);
}

Settings::Settings(const Settings& flavor, const Settings& image) : Settings(flavor) {
  CopyOfImage(image.values, values);
  CopyOfImage(image.booleans, booleans);
  contents |= image.contents;
  Append(image.placement, placement);
  Append(image.refused_properties, refused_properties);
  Append(image.model_keys, model_keys, kSuggestionLimit);
  Append(image.suggestions, suggestions, kSuggestionLimit);
}

Settings::Settings(v1::OffenderOrigin origin, const std::string& key, const std::string& value) {
  Sorter(origin, *this).Take(key, value);
}

Setting Settings::Named(Key key) const {
  const KnownKey& known = kKnownKeys[static_cast<size_t>(key)];
  return {known.origin, known.name, (*this)[key]};
}

bool IsRead(v1::OffenderOrigin origin, const std::string& key) {
  // A value that nova's API does not take is warned of, whichever key it belongs to.
  if (origin == kFlavor && (IsOfNovasNamespaces(key) || key == "group_policy")) return true;
  bool is_tdx = false;
  if (const NamedKey* named = KeyIndex::Get().Find(origin, key)) {
    return named->known != nullptr ||
           (named->property != nullptr && named->property->kind != NovaProperty::Kind::kText);
  }
  return ReadPlacementSpec(origin, key, key).has_value() || IsModelKey(key, is_tdx) ||
         SuggestKey(origin, key) != nullptr;
}

}  // namespace ccplace::rules
