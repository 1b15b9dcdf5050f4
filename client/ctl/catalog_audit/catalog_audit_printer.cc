#include "client/ctl/catalog_audit/catalog_audit_printer.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
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

Cell VerdictCell(const ToldVerdict& verdict) {
  if (verdict.decision == v1::DECISION_NOT_CONFIDENTIAL) return {"RUNS UNENCRYPTED", Style::kBad};
  const bool runs = verdict.decision == v1::DECISION_ACCEPTED;
  return {runs ? "CAN RUN" : "CANNOT RUN", StyleOf(verdict.decision)};
}

// UpperEnumName of each value of an enum, made once: an audit prints it by the hundred thousand.
template <typename Enum, size_t kValues>
const std::string& Remembered(Enum value) {
  static const auto* const names = [] {
    auto* all = new std::array<std::string, kValues>();
    for (size_t i = 0; i < kValues; ++i) all->at(i) = UpperEnumName(static_cast<Enum>(i));
    return all;
  }();
  return names->at(static_cast<size_t>(value));
}

const std::string& WordOf(v1::ViolationReason reason) {
  return Remembered<v1::ViolationReason, v1::ViolationReason_ARRAYSIZE>(reason);
}
const std::string& WordOf(v1::WarningReason reason) {
  return Remembered<v1::WarningReason, v1::WarningReason_ARRAYSIZE>(reason);
}

// Whether a JSON string holds it as it is.
bool IsPlain(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; });
}

void AppendString(absl::string_view text, std::string& json) {
  if (IsPlain(text)) {
    absl::StrAppend(&json, "\"", text, "\"");
  } else {
    absl::StrAppend(&json, Dump(std::string(text)));
  }
}

std::string NameInProto(v1::ViolationReason reason) { return v1::ViolationReason_Name(reason); }
std::string NameInProto(v1::WarningReason reason) { return v1::WarningReason_Name(reason); }

template <typename Finding>
void AppendFindings(const std::vector<Finding>& findings, std::string& json) {
  json += '[';
  for (const Finding& finding : findings) {
    absl::StrAppend(&json, &finding == &findings.front() ? "" : ",", "{\"reason\":\"",
                    NameInProto(finding.reason), "\",\"message\":");
    AppendString(finding.message, json);
    json += ",\"remedy\":";
    AppendString(finding.remedy, json);
    json += '}';
  }
  json += ']';
}

// Everything of a pairing's line behind its names.
std::string VerdictJson(const ToldVerdict& verdict) {
  std::string json =
      absl::StrCat(",\"decision\":\"", v1::Decision_Name(verdict.decision), "\",\"model\":\"",
                   v1::EncryptionModel_Name(verdict.model), "\",\"violations\":");
  AppendFindings(verdict.violations, json);
  json += ",\"warnings\":";
  AppendFindings(verdict.warnings, json);
  json += "}\n";
  return json;
}

// A member's name in JSON, and its value.
void AppendMember(absl::string_view name, absl::string_view value, std::string& json) {
  absl::StrAppend(&json, "\"", name, "\":");
  AppendString(value, json);
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
    if (reason.pairings > 0) met[UpperEnumName(static_cast<v1::ViolationReason>(i))] = &reason;
  }
  for (size_t i = 0; i < totals.mistakes.size(); ++i) {
    const AuditTotals::Reason& mistake = totals.mistakes[i];
    if (mistake.pairings > 0) met[UpperEnumName(static_cast<v1::WarningReason>(i))] = &mistake;
  }
  return met;
}

}  // namespace

void PrintGroupedVerdict(Console& out, const FlavorGroup& flavors, const ImageGroup& images,
                         const ToldVerdict& verdict) {
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
  for (const auto& violation : verdict.violations) {
    out.Paragraph(absl::StrCat(WordOf(violation.reason), ": ", violation.message,
                               " To do: ", violation.remedy, "."),
                  4);
  }
  for (const auto& warning : verdict.warnings) {
    out.Paragraph(absl::StrCat("warning ", WordOf(warning.reason), ": ", warning.message), 4,
                  Style::kFaint);
  }
}

void PrintPairings(Console& out, const FlavorGroup& flavors, const ImageGroup& images,
                   const ToldVerdict& verdict) {
  const std::string tail = VerdictJson(verdict);
  std::vector<std::string> image_parts;
  for (const CatalogEntry& image : images.members) {
    std::string part = ",";
    AppendMember("image_id", image.id, part);
    part += ',';
    AppendMember("image_name", image.name, part);
    image_parts.push_back(std::move(part));
  }
  for (const CatalogEntry& flavor : flavors.members) {
    std::string head = "{";
    AppendMember("flavor", flavor.name, head);
    for (const std::string& part : image_parts) {
      out.Raw(head);
      out.Raw(part);
      out.Raw(tail);
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
