#include "lib/hypervisor/libvirt_uri.h"

#include <libxml/uri.h>

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "lib/base/text.h"
#include "lib/xml/xml_document.h"

namespace ccplace {
namespace {

constexpr char kSystemUri[] = "qemu:///system";
constexpr char kRunFolder[] = "run/libvirt";
// In the order in which libvirt's client takes them.
constexpr const char* kSockets[] = {"virtqemud-sock", "libvirt-sock"};

// The socket in `folder` that libvirt's client would take; empty when there is none.
std::string SocketIn(const std::filesystem::path& folder) {
  for (const char* name : kSockets) {
    std::error_code ignored;
    if (std::filesystem::exists(folder / name, ignored)) return folder / name;
  }
  return "";
}

std::string UriOfSocket(const std::string& path) {
  const XmlText escaped(xmlURIEscapeStr(ToXml(path.c_str()), ToXml("/")));
  return absl::StrCat("qemu+unix:///system?socket=", reinterpret_cast<const char*>(escaped.get()));
}

}  // namespace

absl::StatusOr<std::string> LibvirtUri(const LibvirtOptions& options) {
  if (!options.uri.empty()) return options.uri;
  const std::filesystem::path root = std::filesystem::path(options.host_root).lexically_normal();
  if (root == root.root_path()) return kSystemUri;
  const std::string socket = SocketIn(root / kRunFolder);
  if (!socket.empty()) return UriOfSocket(socket);
  if (!SocketIn(root.root_path() / kRunFolder).empty()) return kSystemUri;
  return absl::UnavailableError(absl::StrCat(
      "connect to libvirt: neither virtqemud-sock nor libvirt-sock is in ",
      Quoted((root / kRunFolder).string()),
      "; start libvirtd, or virtqemud.socket where libvirt's daemons are modular, and mount the "
      "host's folder /run/libvirt there, or name the socket with --libvirt_uri"));
}

}  // namespace ccplace
