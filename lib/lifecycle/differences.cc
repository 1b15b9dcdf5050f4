#include "lib/lifecycle/differences.h"

#include <cstddef>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/text.h"
#include "lib/domain/domain_compare.h"
#include "lib/domain/domain_xml.h"
#include "lib/hypervisor/domain_state.h"

namespace ccplace {
namespace {

using Differences = std::vector<v1::DomainDifference>;

constexpr size_t kTextLimitBytes = 2048;

// What libvirt chose when the domain was defined is what a request without a firmware asks for.
void AddFirmware(const DefinedDomain& found, v1::DomainSide side, Differences& out) {
  if (!found.ownership.has_value() || found.ownership->firmware_path.empty()) return;
  if (found.ownership->firmware_path == found.reference.firmware_path()) return;
  v1::DomainDifference& difference = out.emplace_back();
  difference.set_field("xml.os.loader");
  difference.set_asked(found.ownership->firmware_path);
  difference.set_found(Printable(found.reference.firmware_path()));
  difference.set_side(side);
}

absl::Status AddSide(absl::string_view asked, absl::string_view found, v1::DomainSide side,
                     Differences& out) {
  auto differences = CompareDomainXml(asked, found, side);
  if (!differences.ok()) return absl::InternalError(differences.status().message());
  const auto domain = ReadDomainXml(found);
  if (!domain.ok()) return absl::InternalError(domain.status().message());
  out.insert(out.end(), std::make_move_iterator(differences->begin()),
             std::make_move_iterator(differences->end()));
  AddFirmware(*domain, side, out);
  return absl::OkStatus();
}

std::string TextOfOne(const v1::DomainDifference& difference) {
  const bool of_guest = difference.side() == v1::DOMAIN_SIDE_ACTIVE_GUEST;
  const auto value = [](const std::string& text) { return text.empty() ? "nothing" : text; };
  return absl::StrCat(difference.field(), of_guest ? " of the guest" : " of the definition", " is ",
                      value(difference.found()), ", asked for ", value(difference.asked()));
}

}  // namespace

absl::StatusOr<Differences> FindDifferences(absl::string_view asked,
                                            const DomainDescription& domain) {
  Differences differences;
  absl::Status status;
  if (!domain.definition.empty()) {
    status = AddSide(asked, domain.definition, v1::DOMAIN_SIDE_DEFINITION, differences);
  }
  if (status.ok() && RowOf(domain.state).active) {
    status = AddSide(asked, domain.xml, v1::DOMAIN_SIDE_ACTIVE_GUEST, differences);
  }
  if (!status.ok()) return status;
  return differences;
}

std::string DifferencesText(const Differences& differences) {
  return Printable(absl::StrJoin(differences, "; ",
                                 [](std::string* out, const v1::DomainDifference& difference) {
                                   out->append(TextOfOne(difference));
                                 }),
                   kTextLimitBytes);
}

}  // namespace ccplace
