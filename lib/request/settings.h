// The settings of a request that rules read, looked up once. Thread-safe once made; everything
// points into the request, which must outlive it.
#ifndef CCPLACE_LIB_REQUEST_SETTINGS_H_
#define CCPLACE_LIB_REQUEST_SETTINGS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ccplace/v1/request.pb.h"
#include "lib/request/nova_tables.h"
#include "lib/request/values.h"

namespace ccplace::rules {

// Every extra spec and property that some rule reads, the flavor's first; KnownKeys() gives their
// spelling.
enum class Key : uint8_t {
  kFlavorMemEncryption,
  kFlavorModel,
  kFlavorFirmwareType,
  kFlavorMachineType,
  kFlavorPmu,
  kFlavorPageSize,
  kFlavorSecureBoot,
  kFlavorCpuPolicy,
  kFlavorLockedMemory,
  kFlavorThreadPolicy,
  kFlavorEmulatorThreads,
  kFlavorPciAffinity,
  kFlavorAddressMode,
  kImageMemEncryption,
  kImageModel,
  kImageFirmwareType,
  kImageMachineType,
  kImagePmu,
  kImagePageSize,
  kImageSecureBoot,
  kImageCpuPolicy,
  kImageLockedMemory,
  kImageThreadPolicy,
  kImagePciAffinity,
  kImageAddressMode,
  kImageStateless,
  kImageVideoModel,
  kImageVideoRam,
  kImagePointerModel,
  kImageInputBus,
  kImageDiskBus,
  kImageScsiModel,
  kImageAdapterType,
  kCount,
};

inline constexpr size_t kKeyCount = static_cast<size_t>(Key::kCount);

// What a request has, as bits of a set: the keys that it sets, and what stands under no one key. A
// rule is asked only where the request has something that the rule reads.
using Contents = uint64_t;
constexpr Contents BitOf(Key key) { return Contents{1} << static_cast<unsigned>(key); }
inline constexpr Contents kAnything = Contents{1} << 63;  // Every request has it.
inline constexpr Contents kDevices = Contents{1} << 62;
inline constexpr Contents kImageStatus = Contents{1} << 61;
inline constexpr Contents kPlacementSpecs = Contents{1} << 60;
inline constexpr Contents kRefusedProperties = Contents{1} << 59;
inline constexpr Contents kRefusedSpecs = Contents{1} << 58;
inline constexpr Contents kModelKeys = Contents{1} << 57;
inline constexpr Contents kMisspeltKeys = Contents{1} << 56;
static_assert(kKeyCount < 56, "a bit has two meanings");

struct KnownKey {
  Key key;
  v1::OffenderOrigin origin;  // Flavor or image: where the key means something.
  absl::string_view name;
};

// All of them, in the order of Key: the flavor's first.
absl::Span<const KnownKey> KnownKeys();

// One setting as a message names it. The key lives as long as the request.
struct Setting {
  v1::OffenderOrigin origin;
  absl::string_view key;
  const std::string* value;  // Null: the key is missing.
  std::string device = "";   // Of a block device's field: whose it is.
};

// An extra spec or property that nova passes on to Placement: "resources:CLASS",
// "trait:NAME", the same with a group's suffix.
struct PlacementSpec {
  bool is_trait;
  v1::OffenderOrigin origin;
  absl::string_view suffix;  // Empty: the group without one.
  absl::string_view name;    // Resource class or trait.
  const std::string* key;
  const std::string* value;
};

// A key that nova does not know, and the known one that it is probably meant to be.
struct Suggestion {
  v1::OffenderOrigin origin;
  const std::string* key;
  const std::string* value;
  const KnownKey* meant;
};

// An image property with a value that nova refuses, and no other rule says so.
struct RefusedProperty {
  v1::OffenderOrigin origin;
  const std::string* key;
  const std::string* value;
  const NovaProperty* property;
};

// An extra spec that nova's API refuses, and no other rule says so.
struct RefusedSpec {
  v1::OffenderOrigin origin;
  const std::string* key;
  const std::string* value;
};

// A key of no release that names a model in itself, as "hw:mem_encryption_tdx" does.
struct ModelKey {
  v1::OffenderOrigin origin;
  const std::string* key;
  const std::string* value;
  bool is_tdx;  // Else one of the SEV models.
};

// The lists are in the order of their keys, the flavor's first.
struct Settings {
  explicit Settings(const v1::ValidateRequestRequest& request);

  // Those of one side alone, and those of two sides that were read before.
  explicit Settings(const v1::Flavor& flavor);
  explicit Settings(const v1::Image& image);
  Settings(const Settings& flavor, const Settings& image);

  // Of one setting alone.
  Settings(v1::OffenderOrigin origin, const std::string& key, const std::string& value);

  // The key's value; null when it is missing.
  const std::string* operator[](Key key) const { return values[static_cast<size_t>(key)]; }

  // The value of a key that is a boolean's.
  Boolean Bool(Key key) const { return booleans[static_cast<size_t>(key)]; }

  // The key, by the name and place where it means something, with its value.
  Setting Named(Key key) const;

  std::array<const std::string*, kKeyCount> values{};
  std::array<Boolean, kKeyCount> booleans{};  // Of keys that are a boolean's.
  Contents contents = kAnything;              // Of what stands in flavor and image.
  const std::string* group_policy = nullptr;  // The flavor's "group_policy".
  absl::InlinedVector<PlacementSpec, 4> placement;
  absl::InlinedVector<RefusedProperty, 1> refused_properties;
  absl::InlinedVector<RefusedSpec, 1> refused_specs;  // At most kSuggestionLimit.
  absl::InlinedVector<ModelKey, 1> model_keys;        // At most kSuggestionLimit.
  absl::InlinedVector<Suggestion, 1> suggestions;     // At most kSuggestionLimit.
};

// Whether a rule can read a setting of that name.
bool IsRead(v1::OffenderOrigin origin, const std::string& key);

// More of one fault than this are not reported: the answer stays bounded.
inline constexpr size_t kSuggestionLimit = 16;

}  // namespace ccplace::rules

#endif  // CCPLACE_LIB_REQUEST_SETTINGS_H_
