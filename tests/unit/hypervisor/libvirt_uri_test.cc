#include "lib/hypervisor/libvirt_uri.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ccplace {
namespace {

using testing::HasSubstr;

bool IsThere(const std::string& path) { return std::filesystem::exists(path); }

// A host's file system with nothing in it.
class LibvirtUriTest : public testing::Test {
 protected:
  LibvirtUriTest() {
    std::string folder = std::filesystem::temp_directory_path() / "ccplace-uri-XXXXXX";
    options_.host_root = mkdtemp(folder.data());
  }
  ~LibvirtUriTest() override { std::filesystem::remove_all(options_.host_root); }

  void Put(const std::string& socket) const {
    const std::filesystem::path folder = std::filesystem::path(options_.host_root) / "run/libvirt";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / socket) << "";
  }
  std::string Uri() const { return LibvirtUri(options_).value_or("none"); }
  std::string Expected(const std::string& socket) const {
    return "qemu+unix:///system?socket=" + options_.host_root + "/run/libvirt/" + socket;
  }

  LibvirtOptions options_;
};

TEST_F(LibvirtUriTest, TakesTheNamedOneWhateverIsThere) {
  Put("virtqemud-sock");
  options_.uri = "test:///default";
  EXPECT_EQ(Uri(), "test:///default");
}

TEST_F(LibvirtUriTest, LeavesTheHostItselfToLibvirtsClient) {
  EXPECT_EQ(LibvirtUri(LibvirtOptions{}).value_or("none"), "qemu:///system");
}

TEST_F(LibvirtUriTest, FindsEachDaemonBelowTheHostRootAndTheModularOneFirst) {
  Put("libvirt-sock");
  EXPECT_EQ(Uri(), Expected("libvirt-sock"));
  Put("virtqemud-sock");
  EXPECT_EQ(Uri(), Expected("virtqemud-sock"));
  std::filesystem::remove(options_.host_root + "/run/libvirt/virtqemud-sock");
  EXPECT_EQ(Uri(), Expected("libvirt-sock"));
}

TEST_F(LibvirtUriTest, EscapesAPathThatWouldSayMoreInAUri) {
  const std::string plain = options_.host_root;
  options_.host_root = plain + "/a&b=c ?d";
  Put("libvirt-sock");
  EXPECT_EQ(Uri(),
            "qemu+unix:///system?socket=" + plain + "/a%26b%3Dc%20%3Fd/run/libvirt/libvirt-sock");
  options_.host_root = plain;
}

TEST_F(LibvirtUriTest, NamesBothSocketsWhereNeitherIs) {
  const auto uri = LibvirtUri(options_);
  if (IsThere("/run/libvirt/libvirt-sock") || IsThere("/run/libvirt/virtqemud-sock")) {
    EXPECT_EQ(Uri(), "qemu:///system");  // This machine's own stands in.
    return;
  }
  EXPECT_TRUE(absl::IsUnavailable(uri.status()));
  EXPECT_THAT(std::string(uri.status().message()),
              HasSubstr("neither virtqemud-sock nor libvirt-sock is in '" + options_.host_root +
                        "/run/libvirt'"));
}

}  // namespace
}  // namespace ccplace
