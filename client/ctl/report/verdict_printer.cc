#include "client/ctl/report/verdict_printer.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/ctl/console/enum_names.h"
#include "lib/request/rules.h"

namespace ccplace::ctl {
namespace {

void PrintJudged(Console& out, const v1::ValidateRequestResponse& answer) {
  const v1::JudgedRequest& judged = answer.judged();
  const auto named = [](const std::string& name) { return name.empty() ? "(unnamed)" : name; };
  const std::string image = judged.image_name().empty() ? judged.image_id() : judged.image_name();
  std::string what = absl::StrCat(OperationName(judged.operation()), " of flavor ",
                                  named(judged.flavor_name()), " with image ", named(image));
  if (judged.block_device_count() > 0) {
    absl::StrAppend(&what, ", ", judged.block_device_count(), " block devices");
  }
  if (judged.dialect() == v1::REQUEST_DIALECT_BLUEPRINT) {
    absl::StrAppend(&what, ", in the blueprint's dialect");
  }
  std::vector<Cell> line = {{DecisionName(answer.decision()), StyleOf(answer.decision())}};
  if (RunsUnencrypted(answer)) line.push_back({", RUNS UNENCRYPTED", Style::kBad});
  if (answer.model() != v1::ENCRYPTION_MODEL_UNSPECIFIED) {
    line.push_back({absl::StrCat(" ", ModelName(answer.model()))});
  }
  line.push_back({absl::StrCat(": ", what)});
  out.Line(line);
}

template <typename Finding>
void PrintFinding(Console& out, const Finding& finding, const std::string& reason, Style style) {
  out.EmptyLine();
  out.Line({{"  "}, {reason, style}});
  out.Paragraph(finding.message(), 4);
  if (!finding.remedy().empty()) out.Paragraph(absl::StrCat("to do: ", finding.remedy()), 4);
}

}  // namespace

void PrintWarnings(Console& out, const google::protobuf::RepeatedPtrField<v1::Warning>& warnings) {
  for (const v1::Warning& warning : warnings) {
    PrintFinding(out, warning, absl::StrCat("warning ", UpperEnumName(warning.reason())),
                 warning.runs_unencrypted() ? Style::kBad : Style::kDoubtful);
  }
}

namespace {

void PrintScheduling(Console& out, const v1::SchedulerRequest& scheduling) {
  const auto pair = [](std::string* text, const auto& entry) {
    absl::StrAppend(text, entry.first, "=", entry.second);
  };
  // A protobuf map has no order of its own; people want one.
  const std::map<std::string, uint64_t> resources(scheduling.resources().begin(),
                                                  scheduling.resources().end());
  out.EmptyLine();
  out.Line("A scheduler asks Placement for:");
  out.Paragraph(absl::StrCat("resources: ", absl::StrJoin(resources, ", ", pair)), 2);
  out.Paragraph(
      absl::StrCat("required traits: ", absl::StrJoin(scheduling.required_traits(), ", ")), 2);
  out.Line(absl::StrCat("  GET /allocation_candidates?", scheduling.allocation_candidates_query()));
}

void PrintHostVerdict(Console& out, v1::Decision decision, const v1::HostVerdict& host) {
  if (host.can_run_now() == v1::SUPPORT_UNSPECIFIED) return;
  if (decision == v1::DECISION_REJECTED && host.can_run_now() == v1::SUPPORT_SUPPORTED) {
    out.EmptyLine();
    return out.Line("This host is not what keeps it from running: it has what the model needs.");
  }
  const char* words = host.can_run_now() == v1::SUPPORT_SUPPORTED     ? "could run it now"
                      : host.can_run_now() == v1::SUPPORT_UNSUPPORTED ? "could not run it now"
                                                                      : "may or may not run it now";
  out.EmptyLine();
  out.Line({{"This host "}, {words, StyleOf(host.can_run_now())}});
  for (const v1::HostBlocker& blocker : host.blockers()) {
    out.Paragraph(absl::StrCat(UpperEnumName(blocker.reason()), ": ", blocker.message()), 2);
    if (!blocker.remedy().empty()) out.Paragraph(absl::StrCat("to do: ", blocker.remedy()), 4);
  }
  PrintWarnings(out, host.warnings());
}

}  // namespace

void PrintVerdict(Console& out, const v1::ValidateRequestResponse& answer) {
  PrintJudged(out, answer);
  for (const v1::Violation& violation : answer.violations()) {
    PrintFinding(out, violation, UpperEnumName(violation.reason()), Style::kBad);
  }
  PrintWarnings(out, answer.warnings());
  if (answer.has_scheduling()) PrintScheduling(out, answer.scheduling());
  if (answer.has_host()) PrintHostVerdict(out, answer.decision(), answer.host());
}

}  // namespace ccplace::ctl
