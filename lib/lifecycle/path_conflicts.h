// Storage and logs that two domains, or two devices of one, would write to.
#ifndef CCPLACE_LIB_LIFECYCLE_PATH_CONFLICTS_H_
#define CCPLACE_LIB_LIFECYCLE_PATH_CONFLICTS_H_

#include <vector>

#include "absl/status/status.h"
#include "ccplace/v1/domain.pb.h"
#include "lib/domain/parsed_domain_cache.h"
#include "lib/host/host_files.h"

namespace ccplace {

// Whether the files and devices of `resolved`, whose paths were resolved, are each used once, by
// whatever names (hard links, links, device mapper's names): a disk once in the domain, and not as
// the serial log, which is no other domain's log or disk either. With `start` also whether no disk
// is the log of a domain of `domains`, no active one writes to a disk that this one writes to,
// unless both say that it is shareable, and none has a vhost-user socket in common where one of
// them listens. FAILED_PRECONDITION: PATH_IN_USE with the field and, of another domain, its name.
// What cannot be looked at any more is no conflict. Reads the file system: may block.
[[nodiscard]] absl::Status CheckPathConflicts(
    const HostFiles& files, const v1::DefineTdxDomainRequest& resolved,
    const std::vector<ParsedDomainCache::ParsedDomain>& domains, bool start);

}  // namespace ccplace

#endif  // CCPLACE_LIB_LIFECYCLE_PATH_CONFLICTS_H_
