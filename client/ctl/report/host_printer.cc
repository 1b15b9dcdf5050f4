#include "client/ctl/report/host_printer.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/ctl/console/enum_names.h"

namespace ccplace::ctl {
namespace {

std::vector<Cell> FigureRow(const std::string& name, const v1::Figure& figure,
                            absl::string_view meaning) {
  return {{name},
          {FigureText(figure), figure.has_value() ? Style::kStrong : Style::kDoubtful},
          {std::string(meaning)},
          {figure.source(), Style::kFaint}};
}

// SVN as published: the first two bytes of TEE_TCB_SVN.
std::string ModuleText(const v1::HostCapabilities& host) {
  const v1::TdxModule& module = host.tdx_module();
  const std::string version = OrUnknown(host.versions().tdx_module());
  if (!module.published()) return version;
  return absl::StrCat(version, " (SVN ", module.major_svn(), ".", module.minor_svn(), ")");
}

void PrintFirmware(Console& out, const v1::HostCapabilities& host) {
  const v1::TdxFirmware& firmware = host.tdx_firmware();
  if (firmware.path().empty()) return;
  const std::string mrtd = firmware.mrtd().empty() ? absl::StrCat("unknown: ", firmware.unread())
                                                   : MrtdText(firmware.mrtd());
  out.Line({{"TDX firmware "},
            {firmware.path()},
            {", MRTD "},
            {mrtd, Style::kStrong},
            {absl::StrCat(", TDX module ", ModuleText(host))}});
}

}  // namespace

void PrintHost(Console& out, const v1::HostCapabilities& host) {
  const v1::HostVersions& versions = host.versions();
  out.Line({{OrUnknown(host.node_name()), Style::kStrong},
            {absl::StrCat(": ", OrUnknown(host.architecture()), ", kernel ",
                          OrUnknown(versions.kernel()), ", libvirt ", OrUnknown(versions.libvirt()),
                          ", QEMU ", OrUnknown(versions.qemu()), ", ccplaced ",
                          OrUnknown(versions.ccplaced()))}});
  if (!versions.microcode().empty() || !versions.bios().empty()) {
    out.Line(absl::StrCat("microcode ", OrUnknown(versions.microcode()), ", BIOS ",
                          OrUnknown(versions.bios()), " of ", OrUnknown(versions.bios_date())));
  }
  PrintFirmware(out, host);
}

void PrintWithheld(Console& out, const v1::KeyInventory& keys, size_t indent) {
  if (keys.withheld().empty()) return;
  const char* const what = keys.usable().has_value()
                               ? "All keys are withheld from schedulers. "
                               : "Whether the keys are withheld from schedulers is not known. ";
  out.EmptyLine();
  out.Paragraph(absl::StrCat(what, keys.withheld()), indent, Style::kDoubtful);
}

void PrintKeys(Console& out, const v1::KeyInventory& keys) {
  std::vector<Cell> limit = FigureRow("limit", keys.limit(), "configured upper limit");
  if (!keys.limit().has_value()) limit[1] = {"none", Style::kPlain};
  out.Table({"FIGURE", "VALUE", "MEANING", "SOURCE"},
            {FigureRow("total", keys.total(), "keys that the platform offers"), limit,
             FigureRow("reserved", keys.reserved(), "held back by configuration"),
             FigureRow("usable", keys.usable(), "the lower of total and limit, less reserved"),
             FigureRow("in use", keys.in_use(), "by anyone, by the kernel's count"),
             FigureRow("defined", keys.defined(), "domains that libvirt knows"),
             FigureRow("running", keys.running(), "of them"),
             FigureRow("unaccounted", keys.unaccounted(), "in use by others, or leaked"),
             FigureRow("free", keys.free(), "what a start can still take"),
             FigureRow("peak", keys.peak(), "most in use at a time since the boot")});
  PrintWithheld(out, keys, 0);
}

}  // namespace ccplace::ctl
