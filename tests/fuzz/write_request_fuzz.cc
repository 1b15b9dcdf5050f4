// Whatever a caller sends as a definition: it is refused where it, or a message in it, has a field
// that nobody here knows, and nowhere else; and one request has one digest, however it is written.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "ccplace/v1/domain.pb.h"
#include "lib/base/status.h"
#include "lib/domain/domain_xml.h"
#include "server/rpc/unknown_fields.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/message_mutator.h"
#include "tests/support/faithful_xml.h"

namespace {

using ccplace::fuzz::Expect;
using ccplace::v1::DefineTdxDomainRequest;

// A start that has every message in it.
const DefineTdxDomainRequest& Whole() {
  static const DefineTdxDomainRequest* const whole = [] {
    auto* request = new DefineTdxDomainRequest(ccplace::RequestWithEveryText());
    (*request->mutable_flavor()->mutable_extra_specs())["hw:mem_encryption"] = "true";
    (*request->mutable_image()->mutable_properties())["hw_firmware_type"] = "uefi";
    return request;
  }();
  return *whole;
}

void CheckUnknown(const DefineTdxDomainRequest& request) {
  DefineTdxDomainRequest known = request;
  known.DiscardUnknownFields();
  const absl::Status refused = ccplace::RefuseUnknownFields(request);
  Expect(refused.ok() == (known.ByteSizeLong() == request.ByteSizeLong()));
  if (refused.ok()) return;
  ccplace::fuzz::ExpectSaysWhy(refused);
  const auto fields = ccplace::FieldErrorsOf(refused);
  Expect(!fields.empty() && fields.size() <= 8);
}

void CheckDigest(DefineTdxDomainRequest request) {
  const auto digest = ccplace::RequestDigest(request);
  Expect(digest.ok() && digest->size() == 64);
  // What a start asks for beside the domain.
  request.set_start(!request.start());
  request.mutable_flavor()->set_name("another");
  const auto same = ccplace::RequestDigest(request);
  Expect(same.ok() && *same == *digest);
  request.mutable_domain()->set_vcpus(request.domain().vcpus() + 1);
  const auto other = ccplace::RequestDigest(request);
  Expect(other.ok() && *other != *digest);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  DefineTdxDomainRequest request;
  if (!request.ParseFromArray(data, static_cast<int>(size))) return 0;
  CheckUnknown(request);
  CheckDigest(std::move(request));
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  // Now and then any bytes at all.
  if (seed % 16 == 0) return LLVMFuzzerMutate(data, size, max_size);
  DefineTdxDomainRequest request;
  if (size < 4 || !request.ParseFromArray(data, static_cast<int>(size))) request = Whole();
  ccplace::fuzz::MessageMutator(seed).Mutate(request);
  const std::string bytes = request.SerializeAsString();
  if (bytes.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, bytes.data(), bytes.size());
  return bytes.size();
}
