// Whatever XML a domain has, reading it ends in an error that says so, or in a domain whose fields
// are what this service would have written, or empty.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "lib/base/text.h"
#include "lib/domain/domain_xml.h"
#include "tests/fuzz/expect.h"

using ccplace::fuzz::Expect;
using ccplace::fuzz::ExpectSaysWhy;

namespace {

void ExpectBounded(const std::string& text) {
  Expect(text.size() <= 255 && ccplace::IsPrintable(text));
}

void ExpectWritten(const ccplace::DomainOwnership& ownership) {
  Expect(ownership.request_digest.size() == 64);
  for (const char c : ownership.request_digest) {
    Expect(absl::ascii_isxdigit(c) && !absl::ascii_isupper(c));
  }
  ExpectBounded(ownership.owner);
  ExpectBounded(ownership.defined_at);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view xml(reinterpret_cast<const char*>(data), size);
  // The same bytes as the element alone, which libvirt gives out of a domain's metadata.
  const auto own = ccplace::ReadOwnershipXml(xml);
  if (own.has_value()) ExpectWritten(*own);
  const auto read = ccplace::ReadDomainXml(xml);
  if (!read.ok()) {
    ExpectSaysWhy(read.status());
    return 0;
  }
  Expect(!read->uuid.empty() && !read->name.empty());
  if (read->ownership.has_value()) ExpectWritten(*read->ownership);
  const auto& reference = read->reference;
  for (const auto* field :
       {&reference.mr_config_id(), &reference.mr_owner(), &reference.mr_owner_config()}) {
    Expect(field->empty() || field->size() == 48);
  }
  return 0;
}
