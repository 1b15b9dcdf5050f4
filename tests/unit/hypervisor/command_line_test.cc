#include "lib/hypervisor/command_line.h"

#include <gtest/gtest.h>

#include "absl/status/status.h"

namespace ccplace {
namespace {

TEST(CommandLineTest, FirmwareOfATrustDomainIsTheBios) {
  // As libvirt 12.8 printed it, cut short.
  EXPECT_EQ(
      *FirmwareOfCommandLine("LC_ALL=C \\\nPATH=/usr/bin \\\n/usr/bin/qemu-system-x86_64 \\\n"
                             "-name guest=td,debug-threads=on \\\n-machine pc-q35-11.1,smm=off \\\n"
                             "-bios /usr/share/ovmf/OVMF.inteltdx.ms.fd \\\n-m size=1048576k\n"),
      "/usr/share/ovmf/OVMF.inteltdx.ms.fd");
}

TEST(CommandLineTest, FirmwareInFlashIsTheFirstFlashs) {
  EXPECT_EQ(
      *FirmwareOfCommandLine(
          R"(/usr/bin/qemu -blockdev '{"driver":"file","filename":"/a.img","node-name":"x"}' )"
          R"(-blockdev '{"driver":"file","filename":"/usr/share/OVMF/OVMF_CODE_4M.fd",)"
          R"("node-name":"libvirt-pflash0-storage","auto-read-only":true}' -blockdev )"
          R"('{"driver":"file","filename":"/vars","node-name":"libvirt-pflash1-storage"}')"),
      "/usr/share/OVMF/OVMF_CODE_4M.fd");
}

TEST(CommandLineTest, QuotedPathsAreReadAsAShellDoes) {
  EXPECT_EQ(*FirmwareOfCommandLine(R"(qemu -bios '/a b/it'\''s.fd')"), "/a b/it's.fd");
}

TEST(CommandLineTest, WithoutFirmwareThereIsNone) {
  for (const char* none : {"", "qemu", "qemu -bios", "qemu -blockdev '{'", "qemu -blockdev '[]'",
                           R"(qemu -blockdev '{"node-name":7,"filename":[]}')", "'", "\\"}) {
    EXPECT_TRUE(absl::IsNotFound(FirmwareOfCommandLine(none).status())) << none;
  }
}

TEST(CommandLineTest, OneThatIsTooLongIsNotRead) {
  EXPECT_TRUE(absl::IsInvalidArgument(
      FirmwareOfCommandLine(std::string(kCommandLineLimitBytes + 1, ' ')).status()));
}

}  // namespace
}  // namespace ccplace
