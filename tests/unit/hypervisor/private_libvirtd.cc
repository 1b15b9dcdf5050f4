#include "tests/unit/hypervisor/private_libvirtd.h"

#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"

namespace ccplace {
namespace {

// Its state goes to memory of its own, and it finds no driver but those built into it.
constexpr char kScript[] =
    "for d in /run /etc/libvirt /var/lib /var/cache /var/log; do mount -t tmpfs tmpfs $d; done && "
    "export LIBVIRT_DRIVER_DIR=\"$1\" SASL_CONF_PATH=\"$1\" && "
    "exec libvirtd -f \"$1/libvirtd.conf\" -p \"$1/pid\"";

// The file is there before anything listens.
bool TakesConnections(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return false;
  path.copy(address.sun_path, path.size());
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool taken =
      connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(descriptor);
  return taken;
}

}  // namespace

PrivateLibvirtd::PrivateLibvirtd(const std::string& auth) {
  std::string folder = std::filesystem::temp_directory_path() / "ccplace-libvirtd-XXXXXX";
  folder_ = mkdtemp(folder.data());
  std::ofstream(folder_ + "/libvirtd.conf")
      << "unix_sock_dir = \"" << folder_ << "\"\nauth_unix_rw = \"" << auth
      << "\"\nauth_unix_ro = \"none\"\n"
      << "log_outputs = \"3:file:" << folder_ << "/log\"\n";
  std::ofstream(folder_ + "/libvirt.conf") << "mech_list: scram-sha-256\n";  // libsasl's.
}

PrivateLibvirtd::~PrivateLibvirtd() {
  Kill();
  std::filesystem::remove_all(folder_);
}

bool PrivateLibvirtd::Start() {
  const char* const argv[] = {"unshare", "--mount", "--propagation",    "private",       "sh",
                              "-c",      kScript,   "private-libvirtd", folder_.c_str(), nullptr};
  if (posix_spawnp(&pid_, argv[0], nullptr, nullptr, const_cast<char* const*>(argv), environ) !=
      0) {
    pid_ = 0;
    return false;
  }
  for (int i = 0; i < 3000; ++i) {
    if (TakesConnections(socket())) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

void PrivateLibvirtd::Kill() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
  std::filesystem::remove(socket());
}

void PrivateLibvirtd::Pause() const { kill(pid_, SIGSTOP); }

void PrivateLibvirtd::Continue() const { kill(pid_, SIGCONT); }

std::string PrivateLibvirtd::read_only_uri() const { return absl::StrCat(uri(), "-ro"); }

std::string PrivateLibvirtd::uri() const {
  return absl::StrCat("test+unix:///default?socket=", socket());
}

}  // namespace ccplace
