// A bundle for a bug report, and what stays out of it.
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

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
  EXPECT_EQ(report["descriptors"]["/usr/share/qemu/firmware/10-x.json"],
            "{\"features\": [\"intel-tdx\"]}");
  EXPECT_THAT(report["flags"].dump(), HasSubstr("--cpu_mode=maximum"));
  EXPECT_THAT(report["left_out"].dump(), HasSubstr("give ccplaced's log with --log"));
}

TEST_F(ReportTest, NamesNoHostAndNobody) {
  host_.Change([](v1::HostCapabilities& now) { now.set_node_name("secret-node"); });
  const CtlRun run =
      Report({"--log", "-"},
             "12:00 [audit] {\"caller\": \"dns:nova.example\", \"uuid\": "
             "\"5b1b4a5e-0b1c-4c67-9d4b-8f7f0a1b2c3d\"} on secret-node\n12:01 something else\n");
  EXPECT_EQ(run.code, kExitYes) << run.err;
  for (const char* secret : {"secret-node", "nova.example", "5b1b4a5e", "192.0.2.9", "\x1b"}) {
    EXPECT_THAT(run.out, Not(HasSubstr(secret)));
  }
  const json report = json::parse(run.out);
  ASSERT_EQ(report["audit"].size(), 1u);
  EXPECT_THAT(report["audit"].dump(), HasSubstr("uuid-"));
  EXPECT_THAT(report["flags"].dump(), HasSubstr("--tls_operators=(left out)"));
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
