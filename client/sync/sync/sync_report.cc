#include "client/sync/sync/sync_report.h"

#include "absl/strings/str_cat.h"

namespace ccplace::sync {

std::string DryRunText(const SyncReport& report) {
  std::string text;
  for (const ChildNote& child : report.notes) {
    absl::StrAppend(&text, child.name, ": ", StateWord(child.state), ": ", child.why, "\n");
  }
  for (const auto& [trait, name] : report.renamed_traits) {
    absl::StrAppend(&text, "trait ", trait, ": this Placement does not know it; ", name,
                    " stands for it\n");
  }
  if (report.steps.empty()) return absl::StrCat(text, "Nothing to write.\n");
  absl::StrAppend(&text, "To be written:\n");
  int number = 0;
  for (const Step& step : report.steps) {
    absl::StrAppend(&text, "  ", ++number, ". ", step.why, "\n");
  }
  return text;
}

}  // namespace ccplace::sync
