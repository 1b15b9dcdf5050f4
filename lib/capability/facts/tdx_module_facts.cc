#include "lib/capability/facts/tdx_module_facts.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/host/tdx_module.h"

namespace ccplace {

v1::TdxModule TdxModuleOf(const std::string& version) {
  v1::TdxModule module;
  module.set_version(version);
  const std::optional<TdxModuleVersion> parsed = ParseTdxModuleVersion(version);
  const PublishedTdxModule* known = parsed.has_value() ? FindPublishedTdxModule(*parsed) : nullptr;
  if (known == nullptr) return module;
  module.set_published(true);
  module.set_minor_svn(known->minor_svn);
  module.set_major_svn(known->major_svn);
  module.set_mr_seam(BytesFromHex(known->mrseam));
  module.set_build_date(std::string(known->build_date));
  module.set_source(absl::StrCat(kTdxModuleReleases, ", as of ", kTdxModuleTableDate));
  return module;
}

std::string NewerTdxModule(absl::string_view at_start, absl::string_view now) {
  const std::optional<TdxModuleVersion> before = ParseTdxModuleVersion(at_start);
  const std::optional<TdxModuleVersion> loaded = ParseTdxModuleVersion(now);
  const bool newer = before.has_value() && loaded.has_value() && *before < *loaded;
  return newer ? std::string(now) : std::string();
}

}  // namespace ccplace
