// The response to a definition.
#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/hypervisor/domain_state.h"
#include "lib/lifecycle/define_operation.h"
#include "lib/lifecycle/launch_reference.h"

namespace ccplace {
namespace {

// As the rules warn of a flavor's huge pages.
void WarnOfHugePages(const v1::MemoryBacking& backing, v1::DefineTdxDomainResponse& answer) {
  if (backing.hugepage_size_kib() == 0) return;
  v1::Warning& warning = *answer.add_warnings();
  warning.set_reason(v1::WARNING_REASON_HUGE_PAGES_DEMOTED);
  v1::Offender& offender = *warning.add_offenders();
  offender.set_origin(v1::OFFENDER_ORIGIN_REQUEST);
  offender.set_key("domain.memory_backing.hugepage_size_kib");
  offender.set_value(absl::StrCat(backing.hugepage_size_kib()));
  warning.set_message(
      absl::StrCat("domain.memory_backing.hugepage_size_kib is ", backing.hugepage_size_kib(),
                   ": the kernel gives the guest 4 KiB pages for its private memory all the same"));
  warning.set_remedy("leave hugepage_size_kib out");
}

// QEMU knows the attributes SEPT_VE_DISABLE, PKS and PERFMON alone (target/i386/kvm/tdx.c,
// TDX_SUPPORTED_TD_ATTRS), from 10.1, which was the first with trust domains, to 11.1.
void WarnOfDebug(v1::DefineTdxDomainResponse& answer) {
  v1::Warning& warning = *answer.add_warnings();
  warning.set_reason(v1::WARNING_REASON_DEBUG_NEVER_STARTS);
  v1::Offender& offender = *warning.add_offenders();
  offender.set_origin(v1::OFFENDER_ORIGIN_REQUEST);
  offender.set_key("launch.debug");
  offender.set_value("true");
  warning.set_message(
      "launch.debug is true: QEMU (10.1 to 11.1) refuses a debuggable trust domain at every start, "
      "so this one can be defined and does not run");
  warning.set_remedy("leave launch.debug out");
}

void WarnOfEnrolledKeys(const v1::TdxFirmware& firmware, v1::DefineTdxDomainResponse& answer) {
  if (!firmware.enrolled_keys()) return;
  v1::Warning& warning = *answer.add_warnings();
  warning.set_reason(v1::WARNING_REASON_ONLY_SIGNED_LOADERS);
  warning.set_message(absl::StrCat(firmware.path(),
                                   " has secure boot on with keys enrolled: a boot loader that "
                                   "none of them signed does not start"));
  warning.set_remedy("take a disk whose boot loader is signed (shim)");
}

// What such a domain has was compared as it was last read; nothing was where it never was.
void WarnOfUnread(const Snapshot& snapshot, const ParsedDomainCache& parsed_domains,
                  v1::DefineTdxDomainResponse& answer) {
  for (const v1::UnreadDomain& other : snapshot.unread_domains) {
    if (other.uuid() == answer.uuid() || parsed_domains.Knows(other.uuid())) continue;
    v1::Warning& warning = *answer.add_warnings();
    warning.set_reason(v1::WARNING_REASON_DOMAIN_NOT_COMPARED);
    warning.set_message(
        absl::StrCat("libvirt cannot describe domain ", Quoted(other.name()),
                     ": whether it has a disk, a log or a socket of this one is not known"));
    warning.set_remedy(absl::StrCat("see why in ListTdxDomains, and have ", Quoted(other.name()),
                                    " stopped where it shares storage with this one"));
    return;  // One says it: there can be as many as domains.
  }
}

}  // namespace

absl::StatusOr<v1::DefineTdxDomainResponse> DefineOperation::Answer(
    const DomainDescription& domain) const {
  const auto defined = dependencies_.parsed_domains->Read(domain.uuid, domain.xml);
  if (!defined->ok()) return absl::InternalError(defined->status().message());
  v1::DefineTdxDomainResponse answer = AnswerBase();
  answer.set_name(Printable(domain.name));
  answer.set_state(domain.state);
  answer.set_running(RowOf(domain.state).runs);
  answer.set_transient(domain.definition.empty());
  answer.set_xml(domain.definition.empty() ? domain.xml : domain.definition);
  v1::LaunchReference& reference = *answer.mutable_reference();
  const auto snapshot = dependencies_.state->Current();
  reference = ReferenceOf(*dependencies_.files, domain, **defined, snapshot->capabilities);
  return answer;
}

v1::DefineTdxDomainResponse DefineOperation::AnswerBase() const {
  v1::DefineTdxDomainResponse answer;
  answer.set_uuid(request_.domain().uuid());
  answer.set_name(request_.domain().name());
  answer.set_request_digest(digest_);
  *answer.mutable_warnings() = admission_.verdict.warnings();
  WarnOfHugePages(request_.domain().memory_backing(), answer);
  if (request_.launch().debug()) WarnOfDebug(answer);
  const auto snapshot = dependencies_.state->Current();
  if (admission_.names_secure_boot) {
    WarnOfEnrolledKeys(snapshot->capabilities.tdx_firmware(), answer);
  }
  WarnOfUnread(*snapshot, *dependencies_.parsed_domains, answer);
  answer.set_simulated(snapshot->simulated);
  return answer;
}

}  // namespace ccplace
