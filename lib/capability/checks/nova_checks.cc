// Whether nova-compute and this daemon are configured alike.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/machine_type.h"
#include "lib/base/text.h"
#include "lib/capability/checks/checks.h"

namespace ccplace {
namespace {

// Differences, each a clause, and what to do about each.
struct Disagreement {
  std::vector<std::string> found;
  std::vector<std::string> remedies;

  void Add(std::string difference, std::string remedy) {
    found.push_back(std::move(difference));
    remedies.push_back(std::move(remedy));
  }
};

std::string Stated(const NovaConfig& nova, const std::string& option, absl::string_view value) {
  const bool stated = nova.stated_in.count(option) > 0;
  return absl::StrCat(Printable(value), stated ? "" : " (nova's default)");
}

// What the daemon took from nova.conf at its start, and nova.conf says otherwise now.
bool IsFromNova(absl::string_view source) { return !absl::StartsWith(source, "--"); }

std::string Remedy(absl::string_view source, absl::string_view flag, absl::string_view novas) {
  if (IsFromNova(source)) return "restart ccplaced, and nova-compute: nova.conf was changed";
  return absl::StrCat("take ", flag, " away, or set [libvirt] ", novas,
                      " in nova.conf to the same");
}

void CompareWord(absl::string_view flag, const std::string& option, const std::string& ours,
                 const std::string& source, const std::string& novas, const NovaConfig& nova,
                 absl::string_view effect, Disagreement& out) {
  if (ours == novas) return;
  out.Add(absl::StrCat(option, ": ccplaced has ", ours, " (", source, "), nova ",
                       Stated(nova, option, novas), effect),
          Remedy(source, flag, option));
}

void CompareLimits(const CheckInput& input, const NovaConfig& nova, Disagreement& out) {
  const std::optional<uint64_t>& ours = input.options.tdx_guest_limit;
  if (ours != nova.tdx_guests &&
      (nova.tdx_guests.has_value() || IsFromNova(input.options.tdx_guest_limit_source))) {
    out.Add(
        absl::StrCat("num_intel_tdx_guests: ccplaced has ",
                     ours.has_value() ? absl::StrCat(*ours) : "none", " (",
                     input.options.tdx_guest_limit_source, "), nova ",
                     nova.tdx_guests.has_value() ? absl::StrCat(*nova.tdx_guests) : "none"),
        Remedy(input.options.tdx_guest_limit_source, "--tdx_guest_limit", "num_intel_tdx_guests"));
  }
  const v1::Figure& keys = input.keys.total();
  if (nova.tdx_guests.has_value() && keys.has_value() && *nova.tdx_guests > keys.value()) {
    out.Add(
        absl::StrCat("num_intel_tdx_guests: nova reports ", *nova.tdx_guests, ", and the host has ",
                     keys.value(), " keys: nova's option wins over the kernel's count"),
        absl::StrCat("set [libvirt] num_intel_tdx_guests in nova.conf to at most ", keys.value()));
  }
}

void CompareHeldBack(const CheckInput& input, const NovaConfig& nova, Disagreement& out) {
  const uint64_t held = input.options.tdx_reserved_keys;
  const v1::Figure& keys = input.keys.total();
  if (held == 0 || !keys.has_value() || keys.value() < held) return;
  const uint64_t left = keys.value() - held;
  if (nova.tdx_guests.has_value() && *nova.tdx_guests <= left) return;
  out.Add(absl::StrCat("ccplaced holds back ", held,
                       " keys (--tdx_reserved_keys), and nova 34 or later none"),
          absl::StrCat("set [libvirt] num_intel_tdx_guests = ", left, " in nova.conf"));
}

// nova-compute checks the two at its start (LibvirtDriver._check_cpu_compatibility).
void CheckCpuModels(const NovaConfig& nova, Disagreement& out) {
  const bool custom = nova.cpu_mode == "custom";
  if (custom != nova.cpu_models.empty()) return;
  out.Add(custom ? "cpu_mode is custom and cpu_models is empty: nova-compute does not start"
                 : absl::StrCat("cpu_models is set and cpu_mode is ", nova.cpu_mode,
                                ": nova-compute does not start"),
          "take [libvirt] cpu_models out of nova.conf, and set cpu_mode = host-passthrough");
}

Disagreement Compare(const CheckInput& input, const NovaConfig& nova) {
  const CapabilityOptions& ours = input.options;
  Disagreement out;
  const bool starts = nova.cpu_mode == "host-passthrough";
  CompareWord("--cpu_mode", "cpu_mode", ours.cpu_mode, ours.cpu_mode_source, nova.cpu_mode, nova,
              starts ? "" : ": nova 34 then reports no TDX key, and starts no trust domain", out);
  CompareWord("--virt_type", "virt_type", ours.virt_type, ours.virt_type_source, nova.virt_type,
              nova, "", out);
  CompareWord("--default_machine_type", "hw_machine_type", ours.default_machine_type,
              ours.machine_type_source, nova.machine_type, nova,
              IsQ35(nova.machine_type) ? "" : ": nova's requests must name q35", out);
  CheckCpuModels(nova, out);
  CompareLimits(input, nova, out);
  CompareHeldBack(input, nova, out);
  return out;
}

std::string Sources(const NovaConfig& nova) {
  std::vector<std::string> files;
  for (const auto& [option, path] : nova.stated_in) files.push_back(path);
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files.empty() ? "--nova_config" : absl::StrJoin(files, ", ");
}

std::string Summary(const NovaConfig& nova) {
  std::string text =
      absl::StrCat("cpu_mode ", Stated(nova, "cpu_mode", nova.cpu_mode), ", virt_type ",
                   Stated(nova, "virt_type", nova.virt_type), ", machine type ",
                   Stated(nova, "hw_machine_type", nova.machine_type), ", ",
                   nova.reserved_memory_mib, " MiB kept for the host");
  if (nova.encrypted_guests.has_value()) {
    absl::StrAppend(&text, ", num_memory_encrypted_guests ", *nova.encrypted_guests);
  }
  if (nova.host.has_value()) absl::StrAppend(&text, ", service host ", Quoted(*nova.host));
  return text;
}

}  // namespace

Finding CheckNovaAgreement(const CheckInput& input) {
  if (!input.files.nova.has_value()) return {v1::CHECK_RESULT_UNSPECIFIED, "", "", ""};
  const absl::StatusOr<NovaConfig>& nova = *input.files.nova;
  if (!nova.ok()) {
    return Unknown(nova.status().message(), "--nova_config",
                   "name the files that nova-compute is started with, in their order, and let "
                   "ccplaced's user read them (group nova); until then the flags count, or their "
                   "defaults");
  }
  const Disagreement differences = Compare(input, *nova);
  if (differences.found.empty()) return Pass(Summary(*nova), Sources(*nova));
  return Fail(absl::StrJoin(differences.found, "; "), Sources(*nova),
              absl::StrJoin(differences.remedies, "; "));
}

}  // namespace ccplace
