// ccplacectl report: one redacted bundle for a bug report.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/ctl/commands/commands.h"
#include "client/ctl/commands/report_sources.h"
#include "client/ctl/console/message_json.h"
#include "client/ctl/input/input_file.h"
#include "client/ctl/report/redactor.h"
#include "lib/base/text.h"
#include "lib/host/real_host_files.h"
#include "lib/hypervisor/domain_capabilities.h"

namespace ccplace::ctl {
namespace {

using Bundle = nlohmann::ordered_json;

constexpr char kReportFooter[] =
    "Prints JSON: what doctor and inventory say, versions, firmware descriptors, ccplaced's "
    "options,\n"
    "the kernel log's lines on TDX and SEV. Of an audit and of domain capabilities it takes what "
    "it\n"
    "is given. Host names, addresses, UUIDs, callers and what messages tell of guests are "
    "replaced;\n"
    "of options, descriptors and the kernel's command line only what is known to be harmless is "
    "told;\n"
    "what is missing is listed under left_out. Read it before you send it.\n"
    "\n"
    "Exit code: 0 written; 3 written, and ccplaced did not answer; 2 the command line or a file "
    "is\n"
    "wrong.\n"
    "\n"
    "Example: ccplacectl report > report.json\n"
    "         journalctl --unit ccplaced --since -1d | ccplacectl report --log - > report.json\n"
    "         virsh domcapabilities > caps.xml; ccplacectl report --domain-capabilities caps.xml\n";

struct ReportOptions {
  std::string host_root = "/";
  std::string flag_file = "/etc/ccplace/ccplaced.flags";
  std::string log;
  std::string domain_capabilities;
};

// Guests are named by the check that counts those that nova 34 would stop at.
void LeaveGuestsOut(v1::HostCapabilities& host) {
  for (v1::ModelCapability& model : *host.mutable_models()) {
    for (v1::Check& check : *model.mutable_checks()) {
      if (check.kind() != v1::CHECK_KIND_NO_OLDER_GUESTS) continue;
      if (check.result() == v1::CHECK_RESULT_PASS) continue;
      check.set_found("the guests' names are left out");
    }
  }
}

// One report under way. Not thread-safe.
class Report {
 public:
  void Put(const char* name, Bundle value) { bundle_[name] = std::move(value); }
  void LeaveOut(absl::string_view what, absl::string_view why) {
    left_out_.push_back(absl::StrCat(what, ": ", why));
  }

  // Comes first: what else is added may name the host.
  void AddHost(absl::StatusOr<v1::HostCapabilitiesResponse> answer) {
    if (!answer.ok()) return LeaveOut("host", answer.status().message());
    names_.push_back(answer->capabilities().node_name());
    LeaveGuestsOut(*answer->mutable_capabilities());
    Put("host", Bundle::parse(MessageJson(*answer, /*compact=*/true), nullptr, false));
  }

  void AddMachine(const HostFiles& files, const ReportOptions& options) {
    Put("descriptors", ReadDescriptors(files));
    AddLines("flags", ReadFlagLines(files, options.flag_file));
    AddLines("kernel_log", ReadKernelLog());
  }

  void AddLines(const char* name, const absl::StatusOr<std::vector<std::string>>& lines) {
    if (!lines.ok()) return LeaveOut(name, lines.status().message());
    Put(name, *lines);
  }

  void AddAudit(absl::string_view log) { Put("audit", AuditLines(log, redactor())); }

  std::string Text() {
    Put("left_out", left_out_);
    const std::string text =
        bundle_.dump(2, ' ', /*ensure_ascii=*/true, Bundle::error_handler_t::replace);
    return absl::StrCat(redactor().Redact(EscapeControls(text)), "\n");
  }

 private:
  // Of this machine and of the one that answered: in full, short, and the network domain that
  // others are in as well.
  Redactor& redactor() {
    if (redactor_.has_value()) return *redactor_;
    std::array<char, 256> own = {};
    if (gethostname(own.data(), own.size() - 1) == 0) names_.emplace_back(own.data());
    for (size_t i = 0, count = names_.size(); i < count; ++i) {
      const size_t dot = names_[i].find('.');
      const std::string domain = dot == std::string::npos ? "" : names_[i].substr(dot + 1);
      names_.push_back(names_[i].substr(0, dot));
      if (absl::StrContains(domain, '.')) names_.push_back(domain);
    }
    return redactor_.emplace(names_);
  }

  Bundle bundle_ = Bundle::object();
  std::vector<std::string> left_out_ = {"domains: their names and XML are never taken"};
  std::vector<std::string> names_;
  std::optional<Redactor> redactor_;
};

Bundle ExcerptOf(const DomainCapabilities& capabilities) {
  const auto word = [](Offer offer) {
    return offer == Offer::kYes ? "yes" : offer == Offer::kNo ? "no" : "absent";
  };
  return {{"emulator", Printable(capabilities.emulator, 4096)},
          {"machine", Printable(capabilities.machine)},
          {"virt_type", Printable(capabilities.virt_type)},
          {"tdx", word(capabilities.tdx)},
          {"sev", word(capabilities.sev)},
          {"launch_security", word(capabilities.launch_security)},
          {"sectypes", capabilities.sectypes},
          {"cpu_modes", capabilities.cpu_modes}};
}

absl::Status AddGiven(const ReportOptions& options, std::istream* in, Report& report) {
  if (options.log.empty()) {
    report.LeaveOut("audit", "give ccplaced's log with --log");
  } else {
    const auto log = ReadInput(options.log, in);
    if (!log.ok()) return log.status();
    report.AddAudit(*log);
  }
  if (options.domain_capabilities.empty()) {
    report.LeaveOut("domain_capabilities", "give those of virsh with --domain-capabilities");
    return absl::OkStatus();
  }
  const auto xml = ReadInput(options.domain_capabilities, in);
  if (!xml.ok()) return xml.status();
  const auto capabilities = ParseDomainCapabilities(*xml);
  if (!capabilities.ok()) return capabilities.status();
  report.Put("domain_capabilities", ExcerptOf(*capabilities));
  return absl::OkStatus();
}

int MakeReport(Session& session, const ReportOptions& options) {
  Report report;
  report.Put("ccplacectl", CCPLACE_VERSION);
  const auto client = session.Connect();
  if (!client.ok()) return session.FailUsage(client.status());
  auto host = (*client)->HostCapabilities(v1::HostCapabilitiesRequest());
  const bool answered = host.ok();
  report.AddHost(std::move(host));
  const auto files = RealHostFiles::Open(options.host_root);
  if (!files.ok()) return session.FailUsage(files.status());
  report.AddMachine(**files, options);
  const absl::Status given = AddGiven(options, session.in, report);
  if (!given.ok()) return session.FailUsage(given);
  session.out.Raw(report.Text());
  return answered ? kExitYes : kExitNoAnswer;
}

}  // namespace

void RegisterReportCommand(CLI::App& app, Session& session) {
  const auto options = std::make_shared<ReportOptions>();
  CLI::App* command = app.add_subcommand("report", "One redacted bundle for a bug report");
  command->add_option("--log", options->log,
                      "FILE with ccplaced's log; \"-\" reads standard input");
  command->add_option("--domain-capabilities", options->domain_capabilities,
                      "FILE of `virsh domcapabilities`");
  command->add_option("--flag-file", options->flag_file, "ccplaced's file of options")
      ->capture_default_str();
  command->add_option("--host-root", options->host_root, "Where the host's file system is mounted")
      ->capture_default_str();
  command->footer(kReportFooter);
  OnSelected(*command, session, [&session, options] { return MakeReport(session, *options); });
}

}  // namespace ccplace::ctl
