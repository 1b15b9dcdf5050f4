#include "lib/host/access_steps.h"

namespace ccplace {

absl::StatusOr<std::vector<AccessStep>> ReadAccessSteps(const HostFiles& files,
                                                        const std::string& path) {
  const absl::StatusOr<std::string> resolved = files.Resolve(path);
  if (!resolved.ok()) return resolved.status();
  std::vector<AccessStep> steps;
  for (size_t end = 0; end != std::string::npos;) {
    end = resolved->find('/', end + 1);
    const std::string step = steps.empty() ? "/" : resolved->substr(0, end);
    if (steps.empty()) end = 0;
    const absl::StatusOr<FileAccess> access = files.Access(step);
    if (!access.ok()) return access.status();
    steps.push_back({step, *access});
  }
  return steps;
}

}  // namespace ccplace
