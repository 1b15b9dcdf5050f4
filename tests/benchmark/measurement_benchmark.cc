// MRTD of an image with a firmware volume of 4 MiB, beside OpenSSL's SHA-384 over as many bytes as
// are hashed for it.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include <string>

#include "lib/measurement/mrtd.h"

namespace ccplace {
namespace {

constexpr uint32_t kImageBytes = 4 << 20;
// A page costs 128 bytes to add, and 16 times 128 + 256 bytes to measure.
constexpr size_t kHashedBytes = kImageBytes / kTdxPageBytes * (128 + 16 * (128 + 256));

std::string Image() { return std::string(kImageBytes, 'x'); }

Tdvf WholeImageMeasured() {
  TdvfSection section;
  section.raw_bytes = kImageBytes;
  section.memory_bytes = kImageBytes;
  section.memory_address = (uint64_t{1} << 32) - kImageBytes;
  section.attributes = 1;
  return {TdvfOrigin::kOvmfTable, {section}};
}

void BM_Mrtd4Mib(benchmark::State& state) {
  const std::string image = Image();
  const Tdvf tdvf = WholeImageMeasured();
  for (auto _ : state) {
    if (!ComputeMrtd(image, tdvf).ok()) state.SkipWithError("failed");
  }
}
BENCHMARK(BM_Mrtd4Mib);

void BM_OpenSslSha384OfAsManyBytes(benchmark::State& state) {
  const std::string bytes(kHashedBytes, 'x');
  unsigned char digest[EVP_MAX_MD_SIZE];
  for (auto _ : state) {
    if (EVP_Digest(bytes.data(), bytes.size(), digest, nullptr, EVP_sha384(), nullptr) != 1) {
      state.SkipWithError("failed");
    }
  }
}
BENCHMARK(BM_OpenSslSha384OfAsManyBytes);

}  // namespace
}  // namespace ccplace
