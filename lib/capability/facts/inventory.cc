#include "lib/capability/facts/inventory.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/hypervisor/domain_state.h"

namespace ccplace {
namespace {

constexpr size_t kSourceLimit = 512;

v1::Figure Known(uint64_t value, std::string source) {
  v1::Figure figure;
  figure.set_value(value);
  figure.set_source(std::move(source));
  return figure;
}

v1::Figure UnknownFigure(absl::string_view why) {
  v1::Figure figure;
  figure.set_source(Printable(why, kSourceLimit));
  return figure;
}

bool IsTdx(const ModelInfo& model) { return model.model == v1::ENCRYPTION_MODEL_INTEL_TDX; }

// left - right, never below 0; unknown when either is.
v1::Figure Difference(const v1::Figure& left, const v1::Figure& right, absl::string_view formula) {
  if (!left.has_value() || !right.has_value()) {
    return UnknownFigure(
        absl::StrCat(formula, "; unknown: ", (left.has_value() ? right : left).source()));
  }
  return Known(left.value() - std::min(left.value(), right.value()), std::string(formula));
}

// The number in one of the kernel's files.
v1::Figure KernelCount(const ModelInfo& model, const HostFileFacts& files,
                       const absl::StatusOr<MiscCounts>& counts) {
  if (!counts.ok()) return UnknownFigure(counts.status().message());
  const bool has_line = counts->Has(model.key_resource);
  if (!has_line && KernelCountsNoKeys(model, files)) {
    return UnknownFigure(absl::StrCat(counts->path(), " has no line for ", model.key_resource,
                                      " though ", model.module, ".", model.parameter, " is on"));
  }
  const absl::StatusOr<uint64_t> count = counts->Count(model.key_resource);
  if (!count.ok()) return UnknownFigure(count.status().message());
  const absl::string_view how = has_line ? "" : "no line, which means 0: ";
  return Known(*count, absl::StrCat(how, counts->path(), " ", model.key_resource));
}

// maxGuests or maxESGuests (nova takes SEV's figures from there).
v1::Figure LibvirtCount(const ModelInfo& model, const absl::StatusOr<HypervisorFacts>& hypervisor) {
  if (!hypervisor.ok()) return UnknownFigure(hypervisor.status().message());
  const absl::StatusOr<DomainCapabilities>& capabilities = hypervisor->domain_capabilities;
  if (!capabilities.ok()) return UnknownFigure(capabilities.status().message());
  const bool is_es_pool = model.key_resource == "sev_es";
  const auto& count = is_es_pool ? capabilities->sev_max_es_guests : capabilities->sev_max_guests;
  const std::string element = is_es_pool ? "<sev><maxESGuests>" : "<sev><maxGuests>";
  if (!count.has_value()) return UnknownFigure(absl::StrCat("libvirt states no ", element));
  return Known(*count, absl::StrCat("libvirt domain capabilities ", element));
}

v1::Figure Lower(v1::Figure left, v1::Figure right) {
  if (!left.has_value() && !right.has_value()) {
    return UnknownFigure(absl::StrCat(left.source(), "; ", right.source()));
  }
  if (!left.has_value()) return right;
  if (!right.has_value()) return left;
  const v1::Figure& lower = left.value() <= right.value() ? left : right;
  const v1::Figure& other = &lower == &left ? right : left;
  if (lower.value() == other.value()) return lower;
  return Known(lower.value(), absl::StrCat(lower.source(), " (the lower; ", other.source(),
                                           " says ", other.value(), ")"));
}

v1::Figure Total(const ModelInfo& model, const HostFileFacts& files,
                 const absl::StatusOr<HypervisorFacts>& hypervisor) {
  v1::Figure kernel = KernelCount(model, files, files.keys.capacity);
  if (IsTdx(model)) return kernel;  // libvirt has no figure for TDX.
  return Lower(kernel, LibvirtCount(model, hypervisor));
}

// Of the ES pool, the part that ciphertext hiding gives to SEV-SNP; nothing: it is not split.
std::optional<uint64_t> HiddenPart(const ModelInfo& model, const HostFileFacts& files) {
  const absl::StatusOr<uint64_t>& hiding = files.kernel.ciphertext_hiding_asids;
  if (model.key_resource != "sev_es" || !hiding.ok() || *hiding == 0) return std::nullopt;
  return *hiding;
}

// Lower ASIDs of the pool are SEV-SNP's then, and the rest SEV-ES' (Linux 6.18,
// arch/x86/kvm/svm/sev.c).
v1::Figure PartOf(const v1::Figure& pool, const ModelInfo& model, uint64_t hidden) {
  if (!pool.has_value()) return pool;
  const uint64_t snp = std::min(pool.value(), hidden);
  const bool is_snp = model.model == v1::ENCRYPTION_MODEL_AMD_SEV_SNP;
  return Known(is_snp ? snp : pool.value() - snp,
               absl::StrCat(pool.source(), ", split by kvm_amd.ciphertext_hiding_asids=", hidden));
}

v1::Figure Limit(const ModelInfo& model, const CapabilityOptions& options) {
  const std::optional<uint64_t>& limit = IsTdx(model)                  ? options.tdx_guest_limit
                                         : model.key_resource == "sev" ? options.sev_guest_limit
                                                                       : options.sev_es_guest_limit;
  const std::string source =
      IsTdx(model) ? options.tdx_guest_limit_source : std::string(LimitOption(model));
  if (!limit.has_value()) return UnknownFigure(absl::StrCat(source, " is not set"));
  return Known(*limit, source);
}

v1::Figure Reserved(const ModelInfo& model, const CapabilityOptions& options) {
  if (!IsTdx(model)) return Known(0, "no option reserves keys of this model");
  return Known(options.tdx_reserved_keys, "--tdx_reserved_keys");
}

v1::Figure Usable(const v1::KeyInventory& keys, bool uncounted) {
  if (!keys.limit().has_value())
    return Difference(keys.total(), keys.reserved(), "total - reserved");
  if (uncounted && !keys.total().has_value()) {
    return Difference(keys.limit(), keys.reserved(),
                      "limit - reserved: the kernel does not count these keys");
  }
  const v1::Figure& lower = keys.total().has_value() && keys.limit().value() < keys.total().value()
                                ? keys.limit()
                                : keys.total();
  return Difference(lower, keys.reserved(), "min(total, limit) - reserved");
}

// How many of some domains hold a key.
class Running {
 public:
  void Add(const DomainFacts& domain) {
    count_ += RowOf(domain.state).holds_key ? 1 : 0;
    if (domain.state == v1::DOMAIN_STATE_UNSPECIFIED) odd_state_ = &domain;
  }

  v1::Figure AsFigure() const {
    if (odd_state_ == nullptr) return Known(count_, "libvirt's domains that are active");
    return UnknownFigure(
        absl::StrCat("libvirt states no known state of domain ", Quoted(odd_state_->name)));
  }

 private:
  uint64_t count_ = 0;
  const DomainFacts* odd_state_ = nullptr;
};

struct Tally {
  v1::Figure defined;
  v1::Figure running;
  v1::Figure pool_running;  // Of all models that share the model's keys.
};

Tally UnknownTally(absl::string_view why) {
  return {UnknownFigure(why), UnknownFigure(why), UnknownFigure(why)};
}

// Counts the model's domains. A domain that cannot be understood could be one of them.
Tally Count(const ModelInfo& model, const absl::StatusOr<HypervisorFacts>& hypervisor) {
  if (!hypervisor.ok()) return UnknownTally(hypervisor.status().message());
  uint64_t defined = 0;
  Running running;
  Running pool_running;
  for (const DomainFacts& domain : hypervisor->domains) {
    if (!domain.parsed->ok()) {
      return UnknownTally(absl::StrCat(
          "cannot read the definition of domain ", Quoted(domain.name), " (", domain.uuid,
          "), which may hold a key; see virsh dumpxml: ", domain.parsed->status().message()));
    }
    const v1::EncryptionModel its_model = (*domain.parsed)->model;
    if (!ShareKeys(model, its_model)) continue;
    pool_running.Add(domain);
    if (its_model != model.model) continue;
    ++defined;
    running.Add(domain);
  }
  return {Known(defined, "libvirt's domains"), running.AsFigure(), pool_running.AsFigure()};
}

}  // namespace

absl::string_view LimitOption(const ModelInfo& model) {
  if (IsTdx(model)) return "--tdx_guest_limit";
  return model.key_resource == "sev" ? "--sev_guest_limit" : "--sev_es_guest_limit";
}

bool KernelCountsNoKeys(const ModelInfo& model, const HostFileFacts& files) {
  if (!files.keys.capacity.ok()) return absl::IsNotFound(files.keys.capacity.status());
  // TDX comes up only with keys for guests to take (arch/x86/virt/vmx/tdx/tdx.c, tdx_init), so a
  // controller without them does not know TDX. SEV can come up with none.
  const absl::StatusOr<bool>& enabled = files.kernel.*model.enabled;
  const absl::StatusOr<uint64_t> count = files.keys.capacity->Count(model.key_resource);
  return IsTdx(model) && enabled.ok() && *enabled && count.ok() &&
         !files.keys.capacity->Has(model.key_resource);
}

v1::KeyInventory BuildKeys(const ModelInfo& model, const HostFileFacts& files,
                           const absl::StatusOr<HypervisorFacts>& hypervisor,
                           const CapabilityOptions& options) {
  v1::KeyInventory keys;
  *keys.mutable_total() = Total(model, files, hypervisor);
  const std::optional<uint64_t> hidden = HiddenPart(model, files);
  if (hidden.has_value()) *keys.mutable_total() = PartOf(keys.total(), model, *hidden);
  *keys.mutable_limit() = Limit(model, options);
  *keys.mutable_reserved() = Reserved(model, options);
  *keys.mutable_usable() = Usable(keys, KernelCountsNoKeys(model, files));
  *keys.mutable_in_use() = KernelCount(model, files, files.keys.current);
  *keys.mutable_peak() = KernelCount(model, files, files.keys.peak);
  Tally tally = Count(model, hypervisor);
  *keys.mutable_defined() = std::move(tally.defined);
  *keys.mutable_running() = std::move(tally.running);
  const absl::string_view formula = model.key_resource == "sev_es"
                                        ? "in_use - running, amd-sev-es and amd-sev-snp together"
                                        : "in_use - running";
  *keys.mutable_unaccounted() = Difference(keys.in_use(), tally.pool_running, formula);
  if (hidden.has_value()) {
    // The kernel counts the pool as a whole: what is nobody's known is held against both parts.
    const v1::Figure others =
        Difference(tally.pool_running, keys.running(), "running of the other model");
    *keys.mutable_in_use() =
        Difference(keys.in_use(), others, "misc.current sev_es - running of the other model");
  }
  *keys.mutable_free() = Difference(keys.usable(), keys.in_use(), "usable - in_use");
  return keys;
}

}  // namespace ccplace
