#include "lib/capability/facts/firmware_measurer.h"

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/text.h"
#include "lib/host/in_memory_host_files.h"
#include "lib/host/simulated_host.h"
#include "lib/measurement/mrtd.h"
#include "tests/unit/capability/host_under_test.h"

namespace ccplace {
namespace {

constexpr char kPath[] = "/usr/share/ovmf/OVMF.inteltdx.ms.fd";
// By tests/support/tdvf_image.py.
constexpr char kOvmfMrtd[] =
    "b9967759f5c281557ef96c9e1e388da288c4edc9518a6a2d0e7ad24452a93fdd"
    "314e8c5e65b075d568d66b70e0bfc4cd";
constexpr char kOvmfSha384[] =
    "dea82c496421142c96a550bcb2709340a4babfca16106387d8aec0a5bac7f90f"
    "2f2968c5b8b9ead04cdd149d019cfc82";
constexpr char kTdShimMrtd[] =
    "8ac369c232be1e0720a0542c5f5c6c305ac700fed67866b0f3e8e1fba3c63f65"
    "393e5906dfcf9044d9cac70d932ebe6f";

// Counts readings of whole files.
class CountingFiles : public InMemoryHostFiles {
 public:
  absl::StatusOr<std::string> ReadFile(absl::string_view path, size_t limit) const override {
    ++readings;
    return InMemoryHostFiles::ReadFile(path, limit);
  }
  mutable int readings = 0;
};

FirmwareCatalog Catalog(const std::string& path = kPath) {
  FirmwareDescriptor descriptor;
  descriptor.device = "memory";
  descriptor.filename = path;
  descriptor.features = {"intel-tdx"};
  return {{descriptor}, {}};
}

std::string Mrtd(const FirmwareMeasurements& measured) {
  const FirmwareMeasurement of_path = MeasurementOf(measured, kPath);
  if (!of_path.mrtd.ok()) return of_path.mrtd.status().ToString();
  return absl::BytesToHexString(*of_path.mrtd);
}

TEST(FirmwareMeasurerTest, MeasuresTheFileOnce) {
  const auto files = std::make_shared<CountingFiles>();
  files->WriteFile(kPath, TestData("tdvf/ovmf.fd"));
  FirmwareMeasurer measurer(files);
  EXPECT_EQ(Mrtd(measurer.Measure(Catalog())), kOvmfMrtd);
  const FirmwareMeasurements again = measurer.Measure(Catalog());
  EXPECT_EQ(Mrtd(again), kOvmfMrtd);
  EXPECT_EQ(absl::BytesToHexString(*MeasurementOf(again, kPath).sha384), kOvmfSha384);
  EXPECT_EQ(files->readings, 1);
}

TEST(FirmwareMeasurerTest, WhatIsStatedOfTheSimulatedHostsFirmwareIsWhatItMeasuresTo) {
  EXPECT_EQ(*MrtdOfImage(SimulatedTdxFirmware()), BytesFromHex(kSimulatedFirmwareMrtd));
}

TEST(FirmwareMeasurerTest, AContentThatIsKnownIsNotMeasured) {
  const auto files = std::make_shared<CountingFiles>();
  files->WriteFile(kPath, TestData("tdvf/ovmf.fd"));
  FirmwareMeasurer measurer(files);
  measurer.Know({BytesFromHex(kOvmfSha384), BytesFromHex(kTdShimMrtd), 1});
  EXPECT_EQ(Mrtd(measurer.Measure(Catalog())), kTdShimMrtd);
  EXPECT_EQ(files->readings, 0);
}

TEST(FirmwareMeasurerTest, MeasuresAnotherFileInItsPlaceAnew) {
  const auto files = std::make_shared<CountingFiles>();
  files->WriteFile(kPath, TestData("tdvf/ovmf.fd"));
  FirmwareMeasurer measurer(files);
  measurer.Measure(Catalog());
  files->WriteFile(kPath, TestData("tdvf/td-shim.bin"));
  EXPECT_EQ(Mrtd(measurer.Measure(Catalog())), kTdShimMrtd);
}

TEST(FirmwareMeasurerTest, SaysWhyAFileHasNone) {
  const auto files = std::make_shared<CountingFiles>();
  FirmwareMeasurer measurer(files);
  EXPECT_THAT(Mrtd(measurer.Measure(Catalog())), testing::HasSubstr("NOT_FOUND"));
  files->WriteFile(kPath, std::string(100, 'x'));
  const FirmwareMeasurements measured = measurer.Measure(Catalog());
  EXPECT_THAT(Mrtd(measured), testing::HasSubstr("not a TDVF"));
  EXPECT_TRUE(MeasurementOf(measured, kPath).sha384.ok());
}

TEST(FirmwareMeasurerTest, LeavesFirmwareForOtherGuestsAlone) {
  const auto files = std::make_shared<CountingFiles>();
  FirmwareMeasurer measurer(files);
  FirmwareCatalog catalog = Catalog();
  catalog.descriptors[0].features = {"amd-sev"};
  EXPECT_TRUE(measurer.Measure(catalog).empty());
}

}  // namespace
}  // namespace ccplace
