#include "lib/capability/facts/firmware_measurer.h"

#include <set>
#include <utility>

#include "lib/base/digest.h"
#include "lib/measurement/mrtd.h"

namespace ccplace {
namespace {

// A host has a handful of firmware images over the life of a daemon.
constexpr size_t kMostContents = 32;

}  // namespace

FirmwareMeasurement MeasurementOf(const FirmwareMeasurements& measurements,
                                  const std::string& path) {
  const auto found = measurements.find(path);
  return found == measurements.end() ? FirmwareMeasurement() : found->second;
}

FirmwareMeasurer::FirmwareMeasurer(std::shared_ptr<const HostFiles> files)
    : files_(std::move(files)) {}

void FirmwareMeasurer::Know(const FirmwareMeasurement& known) { known_[*known.sha384] = known; }

FirmwareMeasurements FirmwareMeasurer::Measure(const FirmwareCatalog& catalog,
                                               const std::vector<std::string>& paths) {
  std::set<std::string> files(paths.begin(), paths.end());
  for (const FirmwareDescriptor& descriptor : catalog.descriptors) {
    if (HasFeature(descriptor, "intel-tdx")) files.insert(descriptor.filename);
  }
  FirmwareMeasurements out;
  for (const std::string& path : files) out[path] = MeasureFile(path);
  return out;
}

FirmwareMeasurement FirmwareMeasurer::MeasureFile(const std::string& path) {
  const absl::StatusOr<std::string> state = files_->Sha384(path);
  if (!state.ok()) return {state.status(), state.status(), 0};
  const auto known = known_.find(*state);
  if (known != known_.end()) return known->second;
  // The file may have changed since: both values are of what is read now.
  const absl::StatusOr<std::string> content = files_->ReadFile(path, kHashLimitBytes);
  if (!content.ok()) return {content.status(), content.status(), 0};
  const absl::StatusOr<std::string> sha384 = DigestOf(DigestAlgorithm::kSha384, *content);
  if (!sha384.ok()) return {sha384.status(), sha384.status(), 0};
  if (known_.size() >= kMostContents) known_.clear();
  return known_[*sha384] = {*sha384, MrtdOfImage(*content), content->size()};
}

}  // namespace ccplace
