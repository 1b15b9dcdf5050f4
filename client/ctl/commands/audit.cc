// ccplacectl audit: a whole catalog at once.
#include <CLI/App.hpp>
#include <CLI/Validators.hpp>
#include <algorithm>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/ctl/catalog_audit/catalog_audit.h"
#include "client/ctl/catalog_audit/catalog_audit_printer.h"
#include "client/ctl/commands/commands.h"
#include "client/ctl/console/enum_names.h"
#include "client/ctl/console/progress_line.h"
#include "lib/base/text.h"

namespace ccplace::ctl {
namespace {

constexpr char kAuditFooter[] =
    "Files hold what the client, openstacksdk or the APIs print, as arrays or one object after "
    "another:\n"
    "  openstack flavor list --all --long -f json > flavors.json\n"
    "  openstack image list -f value -c ID |\n"
    "    while read -r id; do openstack image show -f json \"$id\"; done > images.json\n"
    "`openstack image list --long` does not print properties: such images cannot be judged, and "
    "are\n"
    "counted as such. Judged here, by the rules of this ccplacectl; ccplaced is asked only with\n"
    "--with-host. With -o json every pairing that asks for confidential computing is one line, "
    "and\n"
    "the summary is the last.\n"
    "\n"
    "Exit code: 0 every pairing that asks can run; 1 some cannot, or would run unencrypted "
    "although\n"
    "something asks for encryption; 3 some could not be judged, and "
    "all\n"
    "others can run, or ccplaced did not answer; 2 the command line or a file is wrong.\n"
    "\n"
    "Example: ccplacectl audit --flavors flavors.json --images images.json --rejected\n"
    "         ccplacectl audit --flavors flavors.json --images images.json -o json |\n"
    "           jq -r 'select(.flavor) | [.flavor, .image_name, .violations[].reason] | @tsv'\n";

constexpr size_t kMostJobs = 64;

struct AuditOptions {
  std::vector<std::string> flavors;
  std::vector<std::string> images;
  bool rejected_only = false;
  bool summary_only = false;
  bool with_host = false;
  std::string machine_type = "q35";
  std::string dialect;  // Empty: the host's, or nova's.
  size_t jobs = std::min<size_t>(8, std::max(1u, std::thread::hardware_concurrency()));
};

struct Catalog {
  CatalogSide<v1::Flavor> flavors;
  CatalogSide<v1::Image> images;
};

absl::Status Read(const AuditOptions& options, std::istream* in, Catalog& catalog) {
  const absl::Status flavors = ReadCatalog(options.flavors, in, catalog.flavors);
  return flavors.ok() ? ReadCatalog(options.images, in, catalog.images) : flavors;
}

v1::HostPolicy OfflinePolicy(const AuditOptions& options) {
  v1::HostPolicy policy;
  policy.set_cpu_mode("host-passthrough");
  policy.set_virt_type("kvm");
  policy.set_default_machine_type(options.machine_type);
  policy.set_request_dialect(DialectNamed(options.dialect));
  return policy;
}

std::string ShortName(const CatalogEntry& entry) {
  return entry.name.empty() ? entry.id : entry.name;
}

// Those that do not say their properties, which are so for one reason: that of their file.
void WarnWithoutProperties(Console& err, absl::string_view what,
                           const std::vector<UnjudgedEntry>& entries, absl::string_view remedy) {
  size_t bare = 0;
  std::string first;
  for (const UnjudgedEntry& unjudged : entries) {
    if (unjudged.why.empty() && bare++ == 0) first = ShortName(unjudged.entry);
  }
  if (bare == 0) return;
  err.Paragraph(
      absl::StrCat("warning: ", bare, " ", what, "s (", first, bare > 1 ? " and others" : "",
                   ") do not say their properties and are not judged: ", remedy),
      0, Style::kDoubtful);
}

void WarnUnjudged(Console& err, absl::string_view what, const std::vector<UnjudgedEntry>& entries,
                  absl::string_view remedy) {
  WarnWithoutProperties(err, what, entries, remedy);
  for (const UnjudgedEntry& unjudged : entries) {
    if (unjudged.why.empty()) continue;
    err.Paragraph(absl::StrCat("warning: ", what, " ", Quoted(ShortName(unjudged.entry)),
                               " is not judged: ", unjudged.why),
                  0, Style::kDoubtful);
  }
}

void WarnUnjudged(Console& err, const Catalog& catalog) {
  WarnUnjudged(err, "flavor", catalog.flavors.unjudged(),
               "list them with `openstack flavor list --long -f json`");
  WarnUnjudged(err, "image", catalog.images.unjudged(),
               "write each with `openstack image show -f json`, for `image list` leaves properties "
               "out");
}

VerdictFilter WantedOf(const AuditOptions& options) {
  if (options.summary_only) return VerdictFilter::kNone;
  return options.rejected_only ? VerdictFilter::kRejected : VerdictFilter::kConfidential;
}

// Prints rows as they come, and counts.
class Reporting {
 public:
  Reporting(Session& session, const AuditOptions& options, const Catalog& catalog)
      : session_(session),
        catalog_(catalog),
        // Not where the pairings themselves are printed on the same terminal.
        progress_(session.err,
                  session.err_is_terminal && (!session.out.terminal() || options.summary_only),
                  catalog.flavors.size() * catalog.images.size()) {
    const uint64_t flavors = catalog.flavors.size() + catalog.flavors.unjudged().size();
    const uint64_t images = catalog.images.size() + catalog.images.unjudged().size();
    totals_.unjudged = flavors * images - catalog.flavors.size() * catalog.images.size();
  }

  bool OnRow(const AuditRow& row) {
    const FlavorGroup& flavors = catalog_.flavors.groups()[row.flavor_group];
    totals_.Add(row.totals);
    for (const AuditVerdict& one : row.verdicts) {
      Print(flavors, catalog_.images.groups()[one.image_group], one.verdict);
    }
    progress_.Show(totals_.judged(), totals_.rejected);
    return session_.out.Good();
  }

  int Finish() {
    progress_.Clear();
    if (session_.json()) {
      PrintSummaryJson(session_.out, totals_);
    } else {
      if (printed_) session_.out.EmptyLine();
      PrintSummary(session_.out, totals_);
    }
    if (totals_.rejected + totals_.unencrypted > 0) return kExitNo;
    return totals_.unjudged > 0 ? kExitNoAnswer : kExitYes;
  }

 private:
  void Print(const FlavorGroup& flavors, const ImageGroup& images, const ToldVerdict& verdict) {
    if (session_.json()) return PrintPairings(session_.out, flavors, images, verdict);
    if (std::exchange(printed_, true)) session_.out.EmptyLine();
    PrintGroupedVerdict(session_.out, flavors, images, verdict);
  }

  Session& session_;
  const Catalog& catalog_;
  ProgressLine progress_;
  AuditTotals totals_;
  bool printed_ = false;
};

void PrintHostSupport(Console& err, const v1::HostCapabilities& host) {
  for (const v1::ModelCapability& model : host.models()) {
    err.Line({{absl::StrCat("this host: ", ModelName(model.model()), " ")},
              {UpperEnumName(model.verdict()), StyleOf(model.verdict())}});
  }
}

int Judge(Session& session, const AuditOptions& options, const v1::HostPolicy& policy) {
  Catalog catalog;
  const absl::Status read = Read(options, session.in, catalog);
  if (!read.ok()) return session.FailUsage(read);
  WarnUnjudged(session.err, catalog);
  Reporting reporting(session, options, catalog);
  AuditCatalog(catalog.flavors.groups(), catalog.images.groups(), policy, WantedOf(options),
               options.jobs, [&](const AuditRow& row) { return reporting.OnRow(row); });
  return reporting.Finish();
}

int Run(Session& session, const AuditOptions& options) {
  if (!options.with_host) return Judge(session, options, OfflinePolicy(options));
  const auto judge = [&](const v1::HostCapabilitiesResponse& answer) {
    PrintHostSupport(session.err, answer.capabilities());
    v1::HostPolicy policy = answer.capabilities().policy();
    if (!options.dialect.empty()) policy.set_request_dialect(DialectNamed(options.dialect));
    return Judge(session, options, policy);
  };
  return CallAndPrint(session, v1::HostCapabilitiesRequest(), &HostClient::HostCapabilities, judge);
}

}  // namespace

void RegisterAuditCommand(CLI::App& app, Session& session) {
  const auto options = std::make_shared<AuditOptions>();
  CLI::App* command = app.add_subcommand(
      "audit", "Which pairings of a catalog's flavors and images can run, and why others cannot");
  command->add_option("--flavors", options->flavors, "FILEs with flavors")->required();
  command->add_option("--images", options->images, "FILEs with images")->required();
  command->add_flag("--rejected", options->rejected_only, "Print only what cannot run");
  command->add_flag("--summary", options->summary_only, "Print the summary alone");
  command->add_flag("--with-host", options->with_host,
                    "Take the policy of the ccplaced at --address, and say what its host can run");
  command
      ->add_option("--machine-type", options->machine_type,
                   "Machine type of images that name none, where no host is asked")
      ->capture_default_str();
  command
      ->add_option("--dialect", options->dialect,
                   "How flavors are read: as released nova does, or as the blueprint; else as the "
                   "host says, and nova's where none is asked")
      ->check(CLI::IsMember({"nova", "blueprint"}));
  command->add_option("--jobs", options->jobs, "Threads")
      ->check(CLI::Range(size_t{1}, kMostJobs))
      ->capture_default_str();
  command->footer(kAuditFooter);
  OnSelected(*command, session, [&session, options] { return Run(session, *options); });
}

}  // namespace ccplace::ctl
