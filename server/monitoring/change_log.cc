#include "server/monitoring/change_log.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/text.h"
#include "lib/observability/log.h"
#include "nlohmann/json.hpp"
#include "server/monitoring/enum_names.h"

namespace ccplace {
namespace {

using nlohmann::ordered_json;

// Puts `value` in place of what is known under `key`; whether that was something else, or nothing.
template <typename Value>
bool Changes(std::map<std::string, Value>& known, const std::string& key, Value value) {
  const auto [place, added] = known.try_emplace(key, value);
  if (!added && place->second == value) return false;
  place->second = std::move(value);
  return true;
}

// The gates that did not pass: why the verdict is what it is.
std::vector<std::string> Hindrances(const v1::ModelCapability& model) {
  std::vector<std::string> out;
  for (const v1::Check& check : model.checks()) {
    if (check.gate() && check.result() != v1::CHECK_RESULT_PASS) {
      out.push_back(NameOf(check.kind()));
    }
  }
  return out;
}

ordered_json KeysOf(const v1::KeyInventory& keys) {
  ordered_json out = ordered_json::object();
  for (const auto& [name, figure] : FiguresOf(keys)) {
    if (figure->has_value()) out[name] = figure->value();
  }
  return out;
}

std::string KeysText(const ordered_json& keys) {
  if (keys.empty()) return "unknown";
  return absl::StrJoin(keys.items(), ", ", [](std::string* out, const auto& item) {
    absl::StrAppend(out, item.key(), " ", item.value().template get<uint64_t>());
  });
}

}  // namespace

// What was written last. Called on one thread at a time.
class ChangeLog::LoggedState {
 public:
  LoggedState(const HostState& state, AuditWriter audit)
      : state_(state), audit_(std::move(audit)) {}

  void Log(const Snapshot& snapshot) {
    const v1::Freshness freshness = state_.FreshnessNow();
    TellFacts("host_files", freshness.host_files());
    TellFacts("hypervisor", freshness.hypervisor());
    TellUnread(snapshot);
    TellFirmware(snapshot.capabilities.tdx_firmware());
    TellPlatform(snapshot.capabilities.versions());
    for (const v1::ModelCapability& model : snapshot.capabilities.models()) {
      TellVerdict(model);
      TellWithheld(model);
      TellKeys(model);
    }
  }

 private:
  void TellFacts(const std::string& source, const v1::FactsAge& facts) {
    if (!Changes(stale_, source, facts.stale())) return;
    const std::string name = source == "hypervisor" ? "libvirt" : "the host's files";
    ordered_json fields = {{"event", "facts"}, {"source", source}, {"stale", facts.stale()}};
    if (!facts.stale()) {
      return LogEvent(spdlog::level::info, absl::StrCat("facts from ", name, " are fresh"), fields);
    }
    const std::string reason = Printable(facts.reason(), kReasonLimit);
    fields["reason"] = reason;
    LogEvent(spdlog::level::warn, absl::StrCat("facts from ", name, " are stale: ", reason),
             fields);
  }

  // One line however many there are.
  void TellUnread(const Snapshot& snapshot) {
    std::vector<std::string> uuids;
    for (const v1::UnreadDomain& domain : snapshot.unread_domains) uuids.push_back(domain.uuid());
    if (uuids == unread_) return;
    unread_ = std::move(uuids);
    const ordered_json fields = {{"event", "unread_domains"}, {"uuids", unread_}};
    if (unread_.empty()) {
      return LogEvent(spdlog::level::info, "the definition of every domain can be read", fields);
    }
    const v1::UnreadDomain& first = snapshot.unread_domains[0];
    const std::string more =
        unread_.size() == 1 ? "" : absl::StrCat(", nor of ", unread_.size() - 1, " more");
    LogEvent(spdlog::level::warn,
             absl::StrCat("cannot read the definition of domain ", Quoted(first.name()), " (",
                          Printable(first.uuid()), ")", more,
                          "; guests that may hold a key are not counted; see virsh dumpxml: ",
                          Printable(first.why(), kReasonLimit)),
             fields);
  }

  // A verifier that expects the old MRTD refuses every guest that starts from now on.
  void TellFirmware(const v1::TdxFirmware& firmware) {
    if (firmware.mrtd().empty() || firmware.mrtd() == mrtd_) return;
    const std::string before = absl::BytesToHexString(std::exchange(mrtd_, firmware.mrtd()));
    const std::string now = absl::BytesToHexString(firmware.mrtd());
    ordered_json fields = {{"event", "firmware"},
                           {"path", firmware.path()},
                           {"sha384", absl::BytesToHexString(firmware.sha384())},
                           {"mrtd", now}};
    if (before.empty()) {
      return LogEvent(spdlog::level::info,
                      absl::StrCat("MRTD of firmware ", Quoted(firmware.path()), " is ", now),
                      fields);
    }
    fields["mrtd_before"] = before;
    audit_(fields);
    LogEvent(
        spdlog::level::warn,
        absl::StrCat("MRTD of firmware ", Quoted(firmware.path()), " changed from ", before, " to ",
                     now, ": give verifiers the new value before guests are started or reset"),
        fields);
  }

  // What can change under running guests: a quote of one that runs keeps the values of its start.
  void TellPlatform(const v1::HostVersions& versions) {
    for (const auto& [what, version] : {std::pair("TDX module", &versions.tdx_module()),
                                        std::pair("microcode", &versions.microcode())}) {
      if (version->empty()) continue;
      const auto known = platform_.find(what);
      const std::string before = known == platform_.end() ? "" : known->second;
      if (!Changes(platform_, what, *version) || before.empty()) continue;
      LogEvent(spdlog::level::warn,
               absl::StrCat("the ", what, " changed from ", before, " to ", *version,
                            ": quotes of guests that start from now on say so"),
               {{"event", "platform"}, {"what", what}, {"before", before}, {"now", *version}});
    }
  }

  void TellVerdict(const v1::ModelCapability& model) {
    const std::string name = NameOf(model.model());
    const std::string verdict = NameOf(model.verdict());
    const std::vector<std::string> hindrances = Hindrances(model);
    std::string line = absl::StrCat(name, " is ", verdict, " on this host");
    if (!hindrances.empty()) absl::StrAppend(&line, ": ", absl::StrJoin(hindrances, ", "));
    if (!Changes(verdicts_, name, line)) return;
    LogEvent(
        spdlog::level::info, line,
        {{"event", "verdict"}, {"model", name}, {"verdict", verdict}, {"not_passed", hindrances}});
  }

  // That they are, not each reason: it can change while they stay so.
  void TellWithheld(const v1::ModelCapability& model) {
    const std::string name = NameOf(model.model());
    const v1::KeyInventory& keys = model.keys();
    const bool withheld = !keys.withheld().empty() && keys.usable().has_value();
    const bool undecided = !keys.withheld().empty() && !withheld;
    if (undecided || (!withheld && withheld_.count(name) == 0)) return;
    if (!Changes(withheld_, name, withheld)) return;
    ordered_json fields = {{"event", "keys_withheld"}, {"model", name}, {"withheld", withheld}};
    if (!withheld) {
      return LogEvent(spdlog::level::info, absl::StrCat(name, " keys are given back to schedulers"),
                      fields);
    }
    const std::string reason = Printable(keys.withheld(), kReasonLimit);
    fields["reason"] = reason;
    LogEvent(spdlog::level::warn,
             absl::StrCat("all ", name, " keys are withheld from schedulers: ", reason), fields);
  }

  void TellKeys(const v1::ModelCapability& model) {
    const std::string name = NameOf(model.model());
    ordered_json keys = KeysOf(model.keys());
    // Most hosts lack three of the four models: that they have no keys is no news.
    if (keys_.count(name) == 0 && keys.value("total", uint64_t{0}) == 0) keys_[name] = keys;
    if (!Changes(keys_, name, keys)) return;
    LogEvent(spdlog::level::info, absl::StrCat(name, " keys: ", KeysText(keys)),
             {{"event", "keys"}, {"model", name}, {"keys", keys}});
  }

  static constexpr size_t kReasonLimit = 512;

  const HostState& state_;
  const AuditWriter audit_;
  std::map<std::string, bool> stale_;
  std::vector<std::string> unread_;
  std::string mrtd_;
  std::map<std::string, std::string> platform_;
  std::map<std::string, std::string> verdicts_;
  std::map<std::string, bool> withheld_;
  std::map<std::string, ordered_json> keys_;
};

ChangeLog::ChangeLog(HostState& state, AuditWriter audit)
    : logged_(std::make_shared<LoggedState>(state, std::move(audit))),
      handle_(state.Watch([logged = logged_](const auto& snapshot) { logged->Log(*snapshot); })) {}

ChangeLog::~ChangeLog() = default;

}  // namespace ccplace
