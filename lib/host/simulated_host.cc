#include "lib/host/simulated_host.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lib/base/text.h"
#include "lib/host/misc_cgroup.h"

namespace ccplace {
namespace embedded {

// Made from the file by ccplace_embed (cmake/CcplaceEmbed.cmake).
extern const char simulated_firmware_descriptor[];

}  // namespace embedded

namespace {

constexpr size_t kPage = 4096;
constexpr size_t kImageBytes = size_t{64} * 1024;  // QEMU loads whole pieces of 64 KiB.
constexpr size_t kDescriptorAt = kImageBytes - 0x800;
constexpr size_t kTableEnd = 32;

// GUIDs as they lie in memory, of the table's footer, of its entry for the metadata, of the
// metadata.
constexpr absl::string_view kTableFooter = "de82b596b21ff745baeaa366c55a082d";
constexpr absl::string_view kMetadataEntry = "35657ae44a989847865e4685a7bf8ec2";
constexpr absl::string_view kMetadata = "f3f9eae98e16d544a8eb7f4d8738f6ae";

std::string Little(uint64_t number, size_t width) {
  std::string bytes;
  for (size_t i = 0; i < width; ++i) bytes.push_back(static_cast<char>(number >> (8 * i)));
  return bytes;
}

// One page of the image at its place below 4 GiB.
std::string Section(uint64_t raw_offset, uint64_t type, uint64_t attributes) {
  const uint64_t address = (uint64_t{1} << 32) - kImageBytes + raw_offset;
  return absl::StrCat(Little(raw_offset, 4), Little(kPage, 4), Little(address, 8), Little(kPage, 8),
                      Little(type, 4), Little(attributes, 4));
}

std::string Descriptor() {
  constexpr uint64_t kVariables = 1;
  constexpr uint64_t kFirmware = 0;
  constexpr uint64_t kMeasured = 1;
  const std::string sections =
      absl::StrCat(Section(kImageBytes - kPage, kFirmware, kMeasured), Section(0, kVariables, 0));
  return absl::StrCat("TDVF", Little(16 + sections.size(), 4), Little(1, 4), Little(2, 4),
                      sections);
}

std::string Entry(const std::string& data, absl::string_view guid) {
  return absl::StrCat(data, Little(data.size() + 2 + guid.size() / 2, 2), BytesFromHex(guid));
}

void AddKernel(InMemoryHostFiles& host) {
  host.WriteFile("/proc/sys/kernel/osrelease", "6.18.0-ccplace-simulated\n");
  host.WriteFile("/proc/sys/kernel/arch", "x86_64\n");
  host.WriteFile("/sys/module/kvm_intel/parameters/tdx", "Y\n");
  host.WriteFile("/sys/power/disk", "[disabled]\n");
  host.WriteFile("/sys/fs/cgroup/misc.capacity", absl::StrCat("tdx ", kSimulatedKeys, "\n"));
  SetSimulatedKeysInUse(host, 0);
}

constexpr char kSimulatedFirmwarePath[] = "/usr/share/ovmf/OVMF.inteltdx.ms.fd";

// Knows what its own firmware hashes to.
class SimulatedFiles final : public InMemoryHostFiles {
 public:
  absl::StatusOr<std::string> Sha384(absl::string_view path) const override {
    if (path != kSimulatedFirmwarePath) return InMemoryHostFiles::Sha384(path);
    const absl::StatusOr<std::string> content = ReadFile(path, kHashLimitBytes);
    if (!content.ok() || *content != SimulatedTdxFirmware()) return InMemoryHostFiles::Sha384(path);
    return BytesFromHex(kSimulatedFirmwareSha384);
  }
};

void AddFirmware(InMemoryHostFiles& host) {
  host.WriteFile("/usr/share/qemu/firmware/60-edk2-x86_64-inteltdx.json",
                 embedded::simulated_firmware_descriptor);
  host.WriteFile(kSimulatedFirmwarePath, SimulatedTdxFirmware());
}

}  // namespace

std::string SimulatedTdxFirmware() {
  std::string image(kImageBytes, '\0');
  const auto put = [&image](size_t at, const std::string& bytes) {
    image.replace(at, bytes.size(), bytes);
  };
  const std::string guid = BytesFromHex(kMetadata);
  put(kDescriptorAt - guid.size(), guid);
  put(kDescriptorAt, Descriptor());
  const std::string entry = Entry(Little(image.size() - kDescriptorAt, 4), kMetadataEntry);
  // The footer's length counts the whole table.
  const std::string table = Entry(entry, kTableFooter);
  put(image.size() - kTableEnd - table.size(), table);
  return image;
}

std::unique_ptr<InMemoryHostFiles> MakeSimulatedHost() {
  auto host = std::make_unique<SimulatedFiles>();
  AddKernel(*host);
  AddFirmware(*host);
  host->MakeLink("/var/run", "/run");
  host->WriteFile("/etc/passwd", "libvirt-qemu:x:64055:64055::/var/lib/libvirt:/bin/false\n");
  host->WriteFile("/etc/group", "libvirt-qemu:x:64055:\nqgsd:x:980:libvirt-qemu\n");
  host->MakeSocket("/run/tdx-qgs/qgs.socket", absl::OkStatus());
  host->SetAccess("/run/tdx-qgs/qgs.socket", {980, 980, 0660, false});
  host->WriteFile("/var/lib/libvirt/images/demo.qcow2", "");
  host->WriteFile("/var/lib/libvirt/images/demo.raw", "");
  host->MakeDirectory("/var/log/libvirt/qemu");
  return host;
}

void SetSimulatedKeysInUse(InMemoryHostFiles& host, uint64_t keys) {
  const uint64_t shown = std::min(keys, kSimulatedKeys);
  host.WriteFile("/sys/fs/cgroup/misc.current", absl::StrCat("tdx ", shown, "\n"));
  const MiscCgroup counts = ReadMiscCgroup(host);
  const uint64_t peak = counts.peak.ok() ? counts.peak->Count("tdx").value_or(0) : 0;
  host.WriteFile("/sys/fs/cgroup/misc.peak", absl::StrCat("tdx ", std::max(peak, shown), "\n"));
}

}  // namespace ccplace
