#include "client/ctl/commands/firmware_file.h"

#include "absl/strings/str_cat.h"
#include "client/ctl/input/input_file.h"
#include "lib/base/digest.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/host/firmware.h"
#include "lib/host/real_host_files.h"

namespace ccplace::ctl {
namespace {

absl::StatusOr<std::string> FirmwareOfThisHost() {
  const auto files = RealHostFiles::Open("/");
  if (!files.ok()) return files.status();
  for (const FirmwareDescriptor& descriptor : ReadFirmwareCatalog(**files).descriptors) {
    if (HasFeature(descriptor, "intel-tdx") && descriptor.device == "memory") {
      return descriptor.filename;
    }
  }
  return absl::NotFoundError(
      "this host's firmware descriptors (/etc/qemu/firmware, /usr/share/qemu/firmware) offer none "
      "for intel-tdx; name a file");
}

absl::StatusOr<FirmwareFile> MeasureImage(const std::string& path, const std::string& image,
                                          MrtdOrder order) {
  FirmwareFile out;
  out.path = path;
  out.bytes = image.size();
  absl::StatusOr<Tdvf> tdvf = ParseTdvf(image);
  if (!tdvf.ok()) return WithContext(tdvf.status(), Quoted(path));
  out.tdvf = *std::move(tdvf);
  absl::StatusOr<std::string> mrtd = ComputeMrtd(image, out.tdvf, order);
  if (!mrtd.ok()) return mrtd.status();
  out.mrtd = *std::move(mrtd);
  absl::StatusOr<std::string> sha384 = DigestOf(DigestAlgorithm::kSha384, image);
  if (!sha384.ok()) return sha384.status();
  out.sha384 = *std::move(sha384);
  return out;
}

}  // namespace

absl::StatusOr<FirmwareFile> MeasureFirmwareFile(const std::string& path, std::istream* in,
                                                 MrtdOrder order) {
  const absl::StatusOr<std::string> chosen = path.empty() ? FirmwareOfThisHost() : path;
  if (!chosen.ok()) return chosen.status();
  const absl::StatusOr<std::string> image = ReadInput(*chosen, in);
  // Never one of the two codes that are about the image itself.
  if (!image.ok()) return absl::NotFoundError(image.status().message());
  return MeasureImage(*chosen, *image, order);
}

int FailFirmware(Session& session, const absl::Status& status) {
  const bool about_image = absl::IsFailedPrecondition(status) || absl::IsInvalidArgument(status);
  return about_image ? session.Fail(status) : session.FailUsage(status);
}

}  // namespace ccplace::ctl
