// Whatever sections a firmware image states, at a place that is found: they are refused with a
// reason, or lie in the image and in memory one beside the other, and have one MRTD.
#include <fuzzer/FuzzedDataProvider.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "lib/measurement/mrtd.h"
#include "tests/fuzz/expect.h"

namespace {

using ccplace::kTdxPageBytes;
using ccplace::TdvfSection;
using ccplace::fuzz::Expect;

constexpr size_t kImageBytes = 8 * kTdxPageBytes;
// td-shim's layout: the metadata behind its GUID, whose place stands 32 bytes before the end.
constexpr size_t kMetadataOffset = 6 * kTdxPageBytes;
constexpr size_t kPlaceOffset = kImageBytes - 32;

void Put(std::string& image, size_t offset, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) image[offset + i] = static_cast<char>(value >> (8 * i));
}

// Numbers that bounds turn on, and any other.
uint64_t Number(FuzzedDataProvider& data) {
  constexpr uint64_t kEdges[] = {0,
                                 1,
                                 kTdxPageBytes,
                                 2 * kTdxPageBytes,
                                 kImageBytes,
                                 kImageBytes - kTdxPageBytes,
                                 uint64_t{1} << 32,
                                 (uint64_t{1} << 52) - kTdxPageBytes,
                                 uint64_t{1} << 52,
                                 ~uint64_t{0} - kTdxPageBytes + 1};
  switch (data.ConsumeIntegralInRange<int>(0, 2)) {
    case 0:
      return data.PickValueInArray(kEdges);
    case 1:
      return data.ConsumeIntegralInRange<uint64_t>(0, 64) * kTdxPageBytes;
    default:
      return data.ConsumeIntegral<uint64_t>();
  }
}

void PutSection(FuzzedDataProvider& data, std::string& image, size_t at) {
  Put(image, at, Number(data), 4);
  Put(image, at + 4, Number(data), 4);
  Put(image, at + 8, Number(data), 8);
  Put(image, at + 16, Number(data), 8);
  Put(image, at + 24, data.ConsumeIntegralInRange<uint32_t>(0, 9), 4);
  Put(image, at + 28, data.ConsumeIntegralInRange<uint32_t>(0, 4), 4);
}

std::string Image(FuzzedDataProvider& data) {
  const unsigned char kGuid[] = {0xf3, 0xf9, 0xea, 0xe9, 0x8e, 0x16, 0xd5, 0x44,
                                 0xa8, 0xeb, 0x7f, 0x4d, 0x87, 0x38, 0xf6, 0xae};
  std::string image(kImageBytes, '\x5a');
  Put(image, kPlaceOffset, kMetadataOffset, 4);
  image.replace(kMetadataOffset - sizeof(kGuid), sizeof(kGuid),
                std::string(kGuid, kGuid + sizeof(kGuid)));
  const auto sections = data.ConsumeIntegralInRange<uint32_t>(0, 70);
  const bool plain = data.ConsumeBool();
  image.replace(kMetadataOffset, 4, "TDVF");
  Put(image, kMetadataOffset + 4, plain ? 16 + 32 * sections : Number(data), 4);
  Put(image, kMetadataOffset + 8, plain ? 1 : Number(data), 4);
  Put(image, kMetadataOffset + 12, plain ? sections : Number(data), 4);
  for (uint32_t i = 0; i < sections; ++i) PutSection(data, image, kMetadataOffset + 16 + 32 * i);
  return image;
}

bool Disjoint(const TdvfSection& a, const TdvfSection& b) {
  return a.memory_address + a.memory_bytes <= b.memory_address ||
         b.memory_address + b.memory_bytes <= a.memory_address;
}

void CheckSections(const ccplace::Tdvf& tdvf) {
  for (size_t i = 0; i < tdvf.sections.size(); ++i) {
    const TdvfSection& one = tdvf.sections[i];
    Expect(uint64_t{one.raw_offset} + one.raw_bytes <= kImageBytes);
    Expect(one.raw_bytes <= one.memory_bytes && one.memory_bytes % kTdxPageBytes == 0);
    for (size_t j = 0; j < i; ++j) Expect(Disjoint(one, tdvf.sections[j]));
  }
}

uint64_t AddedBytes(const ccplace::Tdvf& tdvf) {
  uint64_t bytes = 0;
  for (const TdvfSection& one : tdvf.sections) bytes += one.augmented() ? 0 : one.memory_bytes;
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  FuzzedDataProvider data(bytes, size);
  const std::string image = Image(data);
  const auto tdvf = ccplace::ParseTdvf(image);
  if (!tdvf.ok()) {
    ccplace::fuzz::ExpectSaysWhy(tdvf.status());
    return 0;
  }
  Expect(tdvf->origin == ccplace::TdvfOrigin::kTdShimOffset);
  CheckSections(*tdvf);
  // More pages go through the same code, and hashing them is all that an execution then does.
  if (AddedBytes(*tdvf) > 4 * kTdxPageBytes) return 0;
  const auto mrtd = ccplace::ComputeMrtd(image, *tdvf);
  Expect(mrtd.ok() && mrtd->size() == 48);
  return 0;
}
