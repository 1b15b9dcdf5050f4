#include "lib/request/settings.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "lib/request/key_suggestion.h"

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

const KnownKey* FindKnown(v1::OffenderOrigin origin, absl::string_view name) {
  const auto side = absl::MakeConstSpan(kKnownKeys);
  const auto own = origin == kFlavor ? side.first(kFlavorKeyCount) : side.subspan(kFlavorKeyCount);
  for (const KnownKey& known : own) {
    if (known.name == name) return &known;
  }
  return nullptr;
}

// Properties whose words a rule of its own holds them to.
bool HasRuleOfItsOwn(absl::string_view property) {
  return property == "hw_firmware_type" || property == "hw_mem_encryption_model" ||
         property == "os_secure_boot" || property == "hw_cpu_policy";
}

void TakeWord(v1::OffenderOrigin origin, const std::string& key, const std::string& value,
              Settings& settings) {
  if (origin != kImage) return;
  const NovaProperty* property = FindNovaProperty(key);
  if (property == nullptr || HasRuleOfItsOwn(key)) return;
  settings.words.push_back({property, &key, &value});
}

// What images and flavors of some guides carry; nova asks for encryption and model in two keys.
bool TakeModelKey(v1::OffenderOrigin origin, const std::string& key, const std::string& value,
                  Settings& settings) {
  constexpr size_t kShortest = 21;  // "hw_mem_encryption_tdx"
  if (key.size() < kShortest || !absl::StartsWithIgnoreCase(key, "hw")) return false;
  const std::string folded = absl::StrReplaceAll(absl::AsciiStrToLower(key), {{":", "_"}});
  if (!absl::StartsWith(folded, "hw_mem_encryption_")) return false;
  const bool is_tdx = absl::StrContains(folded, "tdx");
  if (!is_tdx && !absl::StrContains(folded, "sev") && !absl::StrContains(folded, "snp")) {
    return false;
  }
  if (settings.model_keys.size() < kSuggestionLimit) {
    settings.model_keys.push_back({origin, &key, &value, is_tdx});
  }
  return true;
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

void Take(v1::OffenderOrigin origin, const std::string& key, const std::string& value,
          Settings& settings) {
  TakeWord(origin, key, value, settings);
  if (const KnownKey* known = FindKnown(origin, key)) {
    settings.values[static_cast<size_t>(known->key)] = &value;
  } else if (const auto spec = ReadPlacementSpec(origin, key, value)) {
    settings.placement.push_back(*spec);
  } else if (origin == kFlavor && key == "group_policy") {
    settings.group_policy = &value;
  } else if (TakeModelKey(origin, key, value, settings)) {
    return;
  } else if (settings.suggestions.size() < kSuggestionLimit) {
    const KnownKey* meant = SuggestKey(origin, key);
    if (meant != nullptr) settings.suggestions.push_back({origin, &key, &value, meant});
  }
}

// A map's own order differs from one message to the next: the same question gets the same answer.
template <typename Settings>
void SortByKey(Settings& settings) {
  if (settings.size() < 2) return;
  std::sort(settings.begin(), settings.end(), [](const auto& a, const auto& b) {
    return a.origin != b.origin ? a.origin < b.origin : *a.key < *b.key;
  });
}

}  // namespace

absl::Span<const KnownKey> KnownKeys() { return kKnownKeys; }

Settings::Settings(const v1::ValidateRequestRequest& request) {
  for (const auto& entry : request.flavor().extra_specs()) {
    Take(kFlavor, entry.first, entry.second, *this);
  }
  for (const auto& entry : request.image().properties()) {
    Take(kImage, entry.first, entry.second, *this);
  }
  std::sort(words.begin(), words.end(), [](const WordSetting& a, const WordSetting& b) {
    return a.property->name < b.property->name;
  });
  SortByKey(model_keys);
  SortByKey(placement);
  SortByKey(suggestions);
}

bool Settings::IsJudged(const std::string& extra_spec) const {
  const KnownKey* known = FindKnown(kFlavor, extra_spec);
  if (known != nullptr) {
    // Of these nova's API takes less than nova itself.
    return known->key != Key::kFlavorSecureBoot && known->key != Key::kFlavorAddressMode;
  }
  const auto is_it = [&extra_spec](const auto& told) {
    return told.origin == kFlavor && *told.key == extra_spec;
  };
  return std::any_of(suggestions.begin(), suggestions.end(), is_it) ||
         std::any_of(model_keys.begin(), model_keys.end(), is_it);
}

bool Settings::Any() const {
  const bool known = std::any_of(values.begin(), values.end(),
                                 [](const std::string* value) { return value != nullptr; });
  return known || !words.empty() || !placement.empty() || group_policy != nullptr ||
         !suggestions.empty() || !model_keys.empty();
}

Setting Settings::Named(Key key) const {
  const KnownKey& known = kKnownKeys[static_cast<size_t>(key)];
  return {known.origin, std::string(known.name), (*this)[key]};
}

}  // namespace ccplace::rules
