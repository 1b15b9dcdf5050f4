#include "client/ctl/audit/audit_printer.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/ctl/console/enum_names.h"
#include "client/ctl/console/message_json.h"

namespace ccplace::ctl {
namespace {

using nlohmann::ordered_json;

std::string Dump(const ordered_json& value) {
  return EscapeControls(value.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
}

std::string Named(const CatalogEntry& entry) { return entry.name.empty() ? entry.id : entry.name; }

std::string Names(const std::vector<CatalogEntry>& members) {
  std::string names;
  for (const CatalogEntry& entry : members) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", Named(entry));
  }
  return names;
}

// Prints a list that can be longer than a sentence may be: in pieces.
void PrintNames(Console& out, const std::string& title, const std::vector<CatalogEntry>& members) {
  constexpr size_t kPiece = 32;
  for (size_t i = 0; i < members.size(); i += kPiece) {
    const auto first = members.begin() + static_cast<std::ptrdiff_t>(i);
    const auto last = first + static_cast<std::ptrdiff_t>(std::min(kPiece, members.size() - i));
    out.Paragraph(absl::StrCat(i == 0 ? title : "", Names({first, last})), 2);
  }
}

std::string Counted(size_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

Cell VerdictCell(const AuditVerdict& verdict) {
  if (verdict.decision == v1::DECISION_NOT_CONFIDENTIAL) return {"RUNS UNENCRYPTED", Style::kBad};
  const bool runs = verdict.decision == v1::DECISION_ACCEPTED;
  return {runs ? "CAN RUN" : "CANNOT RUN", StyleOf(verdict.decision)};
}

template <typename Finding>
ordered_json Findings(const std::vector<Finding>& findings, std::string (*word)(int)) {
  ordered_json list = ordered_json::array();
  for (const Finding& finding : findings) {
    list.push_back({{"reason", word(finding.reason())},
                    {"message", finding.message()},
                    {"remedy", finding.remedy()}});
  }
  return list;
}

// Everything of a pairing's line behind its names, without the opening brace.
std::string VerdictJson(const AuditVerdict& verdict) {
  const auto violation = [](int reason) {
    return v1::ViolationReason_Name(static_cast<v1::ViolationReason>(reason));
  };
  const auto warning = [](int reason) {
    return v1::WarningReason_Name(static_cast<v1::WarningReason>(reason));
  };
  const ordered_json json = {{"decision", v1::Decision_Name(verdict.decision)},
                             {"model", v1::EncryptionModel_Name(verdict.model)},
                             {"violations", Findings<v1::Violation>(verdict.violations, violation)},
                             {"warnings", Findings<v1::Warning>(verdict.warnings, warning)}};
  return Dump(json).substr(1);
}

// What was counted, by its word.
std::map<std::string, uint64_t> AcceptedByModel(const AuditTotals& totals) {
  std::map<std::string, uint64_t> accepted;
  for (size_t i = 0; i < totals.accepted_by_model.size(); ++i) {
    const uint64_t pairings = totals.accepted_by_model[i];
    if (pairings > 0) accepted[ModelName(static_cast<v1::EncryptionModel>(i))] = pairings;
  }
  return accepted;
}

std::map<std::string, const AuditTotals::Reason*> ReasonsMet(const AuditTotals& totals) {
  std::map<std::string, const AuditTotals::Reason*> met;
  for (size_t i = 0; i < totals.reasons.size(); ++i) {
    const AuditTotals::Reason& reason = totals.reasons[i];
    if (reason.pairings > 0) met[ViolationName(static_cast<v1::ViolationReason>(i))] = &reason;
  }
  for (size_t i = 0; i < totals.mistakes.size(); ++i) {
    const AuditTotals::Reason& mistake = totals.mistakes[i];
    if (mistake.pairings > 0) met[WarningName(static_cast<v1::WarningReason>(i))] = &mistake;
  }
  return met;
}

}  // namespace

void PrintGroupedVerdict(Console& out, const FlavorGroup& flavors, const ImageGroup& images,
                         const AuditVerdict& verdict) {
  std::vector<Cell> head = {VerdictCell(verdict)};
  if (verdict.model != v1::ENCRYPTION_MODEL_UNSPECIFIED) {
    head.push_back({absl::StrCat(" as ", ModelName(verdict.model))});
  }
  head.push_back({absl::StrCat(": ", Counted(flavors.members.size(), "flavor"), " with ",
                               Counted(images.members.size(), "image")),
                  Style::kFaint});
  out.Line(head);
  PrintNames(out, "flavors: ", flavors.members);
  PrintNames(out, "images: ", images.members);
  for (const v1::Violation& violation : verdict.violations) {
    out.Paragraph(absl::StrCat(ViolationName(violation.reason()), ": ", violation.message(),
                               " To do: ", violation.remedy(), "."),
                  4);
  }
  for (const v1::Warning& warning : verdict.warnings) {
    out.Paragraph(absl::StrCat("warning ", WarningName(warning.reason()), ": ", warning.message()),
                  4, Style::kFaint);
  }
}

void PrintPairings(Console& out, const FlavorGroup& flavors, const ImageGroup& images,
                   const AuditVerdict& verdict) {
  const std::string tail = absl::StrCat(",", VerdictJson(verdict), "\n");
  std::vector<std::string> image_parts;
  for (const CatalogEntry& image : images.members) {
    const std::string part = Dump({{"image_id", image.id}, {"image_name", image.name}});
    image_parts.push_back(absl::StrCat(part.substr(1, part.size() - 2), tail));
  }
  for (const CatalogEntry& flavor : flavors.members) {
    const std::string head = absl::StrCat("{\"flavor\":", Dump(flavor.name), ",");
    for (const std::string& part : image_parts) {
      out.Raw(head);
      out.Raw(part);
    }
  }
}

void PrintSummary(Console& out, const AuditTotals& totals) {
  std::vector<std::vector<Cell>> rows = {
      {{"ask for nothing"}, {absl::StrCat(totals.not_confidential)}},
      {{"can run"}, {absl::StrCat(totals.accepted), Style::kGood}}};
  for (const auto& [model, pairings] : AcceptedByModel(totals)) {
    rows.push_back({{absl::StrCat("  as ", model)}, {absl::StrCat(pairings)}});
  }
  rows.push_back(
      {{"cannot run"},
       {absl::StrCat(totals.rejected), totals.rejected > 0 ? Style::kBad : Style::kPlain}});
  if (totals.unencrypted > 0) {
    rows.push_back({{"run unencrypted"}, {absl::StrCat(totals.unencrypted), Style::kBad}});
  }
  if (totals.unjudged > 0) {
    rows.push_back({{"not judged"}, {absl::StrCat(totals.unjudged), Style::kDoubtful}});
  }
  out.Table({"PAIRINGS", "COUNT"}, rows);
  if (totals.rejected + totals.unencrypted == 0) return;
  out.EmptyLine();
  std::vector<std::vector<Cell>> reasons;
  for (const auto& [word, reason] : ReasonsMet(totals)) {
    reasons.push_back({{word, Style::kBad}, {absl::StrCat(reason->pairings)}, {reason->remedy}});
  }
  out.Table({"REASON", "PAIRINGS", "WHAT TO DO"}, reasons);
}

void PrintSummaryJson(Console& out, const AuditTotals& totals) {
  ordered_json reasons = ordered_json::object();
  for (size_t i = 0; i < totals.reasons.size(); ++i) {
    const uint64_t pairings = totals.reasons[i].pairings;
    if (pairings == 0) continue;
    reasons[v1::ViolationReason_Name(static_cast<v1::ViolationReason>(i))] = pairings;
  }
  for (size_t i = 0; i < totals.mistakes.size(); ++i) {
    const uint64_t pairings = totals.mistakes[i].pairings;
    if (pairings == 0) continue;
    reasons[v1::WarningReason_Name(static_cast<v1::WarningReason>(i))] = pairings;
  }
  const ordered_json summary = {{"not_confidential", totals.not_confidential},
                                {"accepted", totals.accepted},
                                {"accepted_by_model", AcceptedByModel(totals)},
                                {"rejected", totals.rejected},
                                {"unencrypted", totals.unencrypted},
                                {"unjudged", totals.unjudged},
                                {"reasons", reasons}};
  out.Raw(absl::StrCat(Dump({{"summary", summary}}), "\n"));
}

}  // namespace ccplace::ctl
