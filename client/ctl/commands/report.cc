// ccplacectl report: one redacted bundle for a bug report.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>

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
    "is given. Host names, addresses, UUIDs and names in certificates are replaced; what is "
    "missing\n"
    "is listed under left_out. Read it before you send it.\n"
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

// One report under way. Not thread-safe.
class Report {
 public:
  void Put(const char* name, Bundle value) { bundle_[name] = std::move(value); }
  void LeaveOut(absl::string_view what, absl::string_view why) {
    left_out_.push_back(absl::StrCat(what, ": ", why));
  }

  void AddHost(const absl::StatusOr<v1::HostCapabilitiesResponse>& answer) {
    if (!answer.ok()) return LeaveOut("host", answer.status().message());
    names_.push_back(answer->capabilities().node_name());
    Put("host", Bundle::parse(MessageJson(*answer, /*compact=*/true), nullptr, false));
  }

  void AddMachine(const HostFiles& files, const ReportOptions& options) {
    Bundle descriptors = Bundle::object();
    for (const ReportFile& file : ReadDescriptors(files)) {
      descriptors[Printable(file.path, kPathLimit)] = Printable(file.content, kContentLimit);
    }
    Put("descriptors", std::move(descriptors));
    AddLines("flags", ReadFlagLines(files, options.flag_file));
    AddLines("kernel_log", ReadKernelLog());
  }

  void AddLines(const char* name, const absl::StatusOr<std::vector<std::string>>& lines) {
    if (!lines.ok()) return LeaveOut(name, lines.status().message());
    Put(name, *lines);
  }

  std::string Text() {
    Put("left_out", left_out_);
    std::array<char, 256> own = {};
    if (gethostname(own.data(), own.size() - 1) == 0) names_.emplace_back(own.data());
    for (size_t i = 0, count = names_.size(); i < count; ++i) {
      names_.push_back(names_[i].substr(0, names_[i].find('.')));
    }
    const std::string text = bundle_.dump(2, ' ', false, Bundle::error_handler_t::replace);
    return absl::StrCat(Redactor(names_).Redact(EscapeControls(text)), "\n");
  }

 private:
  static constexpr size_t kPathLimit = 4096;
  static constexpr size_t kContentLimit = size_t{64} * 1024;

  Bundle bundle_ = Bundle::object();
  std::vector<std::string> left_out_ = {"domains: their names and XML are never taken"};
  std::vector<std::string> names_;
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
    report.Put("audit", AuditLines(*log));
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
  const auto host = (*client)->HostCapabilities(v1::HostCapabilitiesRequest());
  report.AddHost(host);
  const auto files = RealHostFiles::Open(options.host_root);
  if (!files.ok()) return session.FailUsage(files.status());
  report.AddMachine(**files, options);
  const absl::Status given = AddGiven(options, session.in, report);
  if (!given.ok()) return session.FailUsage(given);
  session.out.Raw(report.Text());
  return host.ok() ? kExitYes : kExitNoAnswer;
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
