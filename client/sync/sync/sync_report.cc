#include "client/sync/sync/sync_report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace ccplace::sync {
namespace {

std::string ReportText(const SyncReport& report, absl::string_view heading) {
  std::string text;
  for (const ChildStatus& child : report.notes) {
    absl::StrAppend(&text, child.name, ": ", StateName(child.state), ": ", child.why, "\n");
  }
  for (const auto& [trait, name] : report.renamed_traits) {
    absl::StrAppend(&text, "trait ", trait, ": this Placement does not know it; ", name,
                    " is used instead\n");
  }
  if (report.steps.empty()) return absl::StrCat(text, "Nothing to write.\n");
  absl::StrAppend(&text, heading, "\n");
  int number = 0;
  for (const Step& step : report.steps) {
    absl::StrAppend(&text, "  ", ++number, ". ", step.why, "\n");
  }
  return text;
}

}  // namespace

std::string DryRunText(const SyncReport& report) { return ReportText(report, "To be written:"); }

std::string DoneText(const SyncReport& report) { return ReportText(report, "Written:"); }

bool HasSkipped(const SyncReport& report) {
  return std::any_of(report.notes.begin(), report.notes.end(),
                     [](const ChildStatus& child) { return IsSkipped(child.state); });
}

}  // namespace ccplace::sync
