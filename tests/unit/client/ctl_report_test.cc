// A bundle for a bug report, and what stays out of it.
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "client/ctl/commands/report_sources.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/ctl_run.h"

namespace ccplace::ctl {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// A host's root with a descriptor and a flag file.
class ReportTest : public ::testing::Test {
 protected:
  ReportTest() {
    std::string folder = ::testing::TempDir() + "ccplace-report-XXXXXX";  // Tests run side by side.
    root_ = mkdtemp(folder.data());
    Write("usr/share/qemu/firmware/10-x.json", "{\"features\": [\"intel-tdx\"]}");
    Write("etc/qemu/firmware/README", "ask \x1b[31m at 192.0.2.9");
    Write(
        "etc/ccplace/ccplaced.flags",
        "# mine\n--node_name=secret-node\n--tls_operators=dns:nova.example\n--cpu_mode=maximum\n");
  }
  ~ReportTest() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& name, const std::string& content) {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << content;
  }

  CtlRun Report(std::vector<std::string> more = {}, const std::string& input = "") {
    more.insert(more.begin(), {"report", "--host-root", root_.string()});
    return CtlOn(host_, more, input);
  }

  FakeHost host_;
  std::filesystem::path root_;
};

TEST_F(ReportTest, HoldsWhatAReaderNeeds) {
  const CtlRun run = Report();
  EXPECT_EQ(run.code, kExitYes) << run.err;
  const json report = json::parse(run.out);
  EXPECT_EQ(report["host"]["capabilities"]["models"].size(), 4u);
  EXPECT_EQ(report["descriptors"]["/usr/share/qemu/firmware/10-x.json"]["features"][0],
            "intel-tdx");
  EXPECT_THAT(report["flags"].dump(), HasSubstr("--cpu_mode=maximum"));
  EXPECT_THAT(report["left_out"].dump(), HasSubstr("give ccplaced's log with --log"));
}

TEST_F(ReportTest, NamesNoHostAndNobody) {
  host_.Change([](v1::HostCapabilities& now) { now.set_node_name("secret-node"); });
  const CtlRun run =
      Report({"--log", "-"},
             "12:00 [audit] {\"caller\": \"dns:nova.example\", \"uuid\": "
             "\"5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3d\"}\n12:01 something else on secret-node\n");
  EXPECT_EQ(run.code, kExitYes) << run.err;
  for (const char* secret : {"secret-node", "nova.example", "5b1b4a5e", "192.0.2.9", "\x1b"}) {
    EXPECT_THAT(run.out, Not(HasSubstr(secret)));
  }
  const json report = json::parse(run.out);
  ASSERT_EQ(report["audit"].size(), 1u);
  EXPECT_THAT(report["audit"].dump(), HasSubstr("uuid-"));
  EXPECT_THAT(report["flags"].dump(), HasSubstr("--tls_operators=(left out)"));
}

TEST_F(ReportTest, TellsOfDescriptorsOnlyWhatTheirSpecificationKnows) {
  Write("etc/qemu/firmware/20-own.json",
        R"({"description": "for customer Smith", "password": "hunter2", "features": ["intel-tdx"],
            "mapping": {"device": "memory", "filename": "/opt/fw.fd"}})");
  Write("etc/qemu/firmware/notes", std::string(60000, 'x') + " hunter2");
  Write("etc/qemu/firmware/long.json", std::string(200000, '['));
  std::filesystem::create_symlink("/etc/shadow", root_ / "etc/qemu/firmware/link");
  const CtlRun run = Report();
  EXPECT_EQ(run.code, kExitYes) << run.err;
  EXPECT_THAT(run.out, Not(HasSubstr("hunter2")));
  EXPECT_THAT(run.out, Not(HasSubstr("Smith")));
  const json descriptors = json::parse(run.out)["descriptors"];
  EXPECT_EQ(descriptors["/etc/qemu/firmware/20-own.json"]["mapping"]["filename"], "/opt/fw.fd");
  EXPECT_THAT(descriptors["/etc/qemu/firmware/notes"].dump(), HasSubstr("no JSON object, 60008"));
  EXPECT_TRUE(descriptors["/etc/qemu/firmware/long.json"].is_string());
}

TEST_F(ReportTest, TellsValuesOfHarmlessOptionsAlone) {
  Write("etc/ccplace/ccplaced.flags",
        "--cpu_mode=maximum\n-node_name=secret-a\n--node_name\nsecret-b\n"
        "--tls_key=/home/alice/secret-c.pem\n  --disk_prefixes=/srv/secret-d,/srv/b\n"
        "--libvirt_uri=qemu+tls://root:secret-e@db/system\n--future_option=secret-f\n");
  const CtlRun run = Report();
  EXPECT_THAT(run.out, Not(HasSubstr("secret-")));
  EXPECT_EQ(json::parse(run.out)["flags"],
            json({"--cpu_mode=maximum", "-node_name=(left out)", "--node_name=(left out)",
                  "(left out)", "--tls_key=(left out)", "--disk_prefixes=(left out)",
                  "--libvirt_uri=(left out)", "--future_option=(left out)"}));
}

TEST_F(ReportTest, NamesNoGuestAndNoCaller) {
  host_.Change([](v1::HostCapabilities& now) {
    now.set_node_name("node-7.cloud.example");
    v1::Check& check = *now.mutable_models(0)->add_checks();
    check.set_kind(v1::CHECK_KIND_NO_OLDER_GUESTS);
    check.set_result(v1::CHECK_RESULT_FAIL);
    check.set_found("guests of amd-sev or amd-sev-es: guest-a, guest-b");
    now.mutable_models(0)->mutable_keys()->mutable_running()->set_source(
        "cannot read the definition of domain 'guest-c\\x27d' (x), which may hold a key");
    now.mutable_models(0)->mutable_checks(0)->set_remedy("ask db9.cloud.example, then NODE-7_x");
  });
  const CtlRun run =
      Report({"--log", "-"},
             "12:00 [audit] {\"rpc\": \"DefineTdxDomain\", \"caller\": \"CN=alice, serial 4711\", "
             "\"message\": \"libvirt's domain 'guest-e' has /srv/guest-f/disk.img; /usr/bin/qemu "
             "fails\"}\n"
             "12:01 [audit] guest-g was defined\n"
             "{\"logger\":\"audit\",\"rpc\":\"ListTdxDomains\",\"extra\":\"guest-h\",\"verdict\":"
             "\"OK\"}\n");
  EXPECT_EQ(run.code, kExitYes) << run.err;
  for (const char* secret :
       {"guest-", "alice", "4711", "node-7", "NODE-7", "cloud.example", "db9"}) {
    EXPECT_THAT(run.out, Not(HasSubstr(secret)));
  }
  const json audit = json::parse(run.out)["audit"];
  ASSERT_EQ(audit.size(), 3u);
  EXPECT_THAT(audit[0].get<std::string>(), HasSubstr("/usr/bin/qemu fails"));
  EXPECT_THAT(audit[0].get<std::string>(), HasSubstr("caller-1"));
  EXPECT_THAT(audit[1].get<std::string>(), HasSubstr("left out"));
  EXPECT_THAT(audit[2].get<std::string>(), HasSubstr("ListTdxDomains"));
}

TEST(ReportKernelLogTest, TakesWhatTheKernelItselfSaysOfTdxAndSev) {
  EXPECT_EQ(KernelLineOf("6,100,5,-;virt/tdx: module initialized\n SUBSYSTEM=x\n"),
            "virt/tdx: module initialized");
  EXPECT_EQ(KernelLineOf("3,1,5,-;ccp 0000:23:00.1: SEV: failed to INIT error 0x1, rc -5"),
            "ccp 0000:23:00.1: SEV: failed to INIT error 0x1, rc -5");
  EXPECT_EQ(KernelLineOf("6,1,5,-;EXT4-fs (sda1): mounted several times"), "");
  EXPECT_EQ(KernelLineOf("5,1,5,-;audit: type=1400 name=\"/home/alice/tdx\""), "");
  // Facility 1 and above: written by a program (printk's own is 0).
  EXPECT_EQ(KernelLineOf("12,1,5,-;backup: tdx password is hunter2"), "");
  EXPECT_EQ(KernelLineOf("tdx;tdx"), "");
  EXPECT_EQ(KernelLineOf(""), "");
}

TEST(ReportKernelLogTest, TellsOfTheCommandLineOnlyWhatBelongsHere) {
  const std::string line = KernelLineOf(
      "5,1,5,-;Kernel command line: BOOT_IMAGE=/vmlinuz root=UUID=1 luks.key=hunter2 nohibernate "
      "kvm_intel.tdx=1 ip=192.0.2.1:host::x iommu=pt token=\"a b\"");
  EXPECT_THAT(line, HasSubstr("Kernel command line nohibernate kvm_intel.tdx=1 iommu=pt ("));
  for (const char* other : {"hunter2", "192.0.2.1", "token", "vmlinuz", "UUID"}) {
    EXPECT_THAT(line, Not(HasSubstr(other)));
  }
  EXPECT_THAT(KernelLineOf("5,1,5,-;Unknown kernel command line parameters \"tdx=on pw=hunter2\""),
              Not(HasSubstr("hunter2")));
}

TEST_F(ReportTest, IsMadeWithoutAnAnswerToo) {
  const CtlRun run = Ctl({"report", "--host-root", root_.string(), "--address",
                          "unix:" + (root_ / "nowhere.sock").string()});
  EXPECT_EQ(run.code, kExitNoAnswer);
  EXPECT_THAT(json::parse(run.out)["left_out"].dump(), HasSubstr("host: "));
}

TEST_F(ReportTest, TakesAnExcerptOfDomainCapabilities) {
  const CtlRun run = Report({"--domain-capabilities", CCPLACE_SOURCE_DIR
                             "/tests/data/domcaps/libvirt-12.8-qemu-11.1-kvm-q35-tdx.xml"});
  const json report = json::parse(run.out);
  EXPECT_EQ(report["domain_capabilities"]["tdx"], "yes");
  EXPECT_EQ(Report({"--domain-capabilities", "/nowhere"}).code, kExitUsage);
}

}  // namespace
}  // namespace ccplace::ctl
