// Commands about requests and domains: validate, define, undefine, list, audit.
#include <nlohmann/json.hpp>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/ctl_run.h"
#include "tests/unit/client/fake_host.h"
#include "tests/unit/client/temp_file.h"

namespace ccplace::ctl {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ValidateTest, RefusesToJudgeNothing) {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"validate"}, {"validate", "--block-device", "boot_index=0"}}) {
    const CtlRun run = Ctl(args);
    EXPECT_EQ(run.code, kExitUsage);
    EXPECT_THAT(run.err, HasSubstr("--flavor"));
    EXPECT_EQ(run.out, "");
  }
}

TEST(ValidateTest, AcceptsTheExamplePair) {
  FakeHost host;
  const CtlRun run = CtlOn(host, {"validate", "--flavor", Example("flavor-tdx.json"), "--image",
                                  Example("image-tdx.json")});
  EXPECT_EQ(run.code, kExitYes) << run.err;
  EXPECT_THAT(run.out, HasSubstr("ACCEPTED intel-tdx: boot of flavor tdx.large with image debian"));
  EXPECT_THAT(run.out, HasSubstr("MEM_ENCRYPTION_CONTEXT=1"));
  EXPECT_THAT(run.out, HasSubstr("GET /allocation_candidates?"));
  EXPECT_THAT(run.out, HasSubstr("This host could run it now"));
}

TEST(ValidateTest, NamesAllFiveFaultsAtOnce) {
  FakeHost host;
  const CtlRun run = CtlOn(host, {"validate", "--flavor", Example("flavor-five-faults.json"),
                                  "--image", Example("image-five-faults.json")});
  EXPECT_EQ(run.code, kExitNo) << run.err;
  EXPECT_THAT(run.out,
              AllOf(HasSubstr("REJECTED intel-tdx"), HasSubstr("\n  FIRMWARE_NOT_UEFI\n"),
                    HasSubstr("\n  MACHINE_NOT_Q35\n"), HasSubstr("\n  FIRMWARE_NOT_STATELESS\n"),
                    HasSubstr("\n  VIDEO_MODEL_NOT_NONE\n"), HasSubstr("\n  SCSI_BOOT_DISK\n")));
  EXPECT_THAT(run.out, HasSubstr("image property hw_firmware_type is 'bios'"));
  EXPECT_THAT(run.out, HasSubstr("image property hw_firmware_stateless is not set"));
  // The host could, and the request may not: nobody is to read a yes into it.
  EXPECT_THAT(run.out, Not(HasSubstr("could run it now")));
  EXPECT_THAT(run.out, HasSubstr("This host is not what keeps it from running"));
}

TEST(ValidateTest, GivesMachinesEachReason) {
  FakeHost host;
  const CtlRun run = CtlOn(host, {"validate", "--flavor", Example("flavor-five-faults.json"),
                                  "--image", Example("image-five-faults.json"), "-o", "json"});
  EXPECT_EQ(run.code, kExitNo);
  EXPECT_EQ(json::parse(run.out)["violations"].size(), 5u);
}

TEST(ValidateTest, TakesBlockDevicesInEveryForm) {
  FakeHost host;
  const TempFile file(R"([{"boot_index": 0, "disk_bus": "scsi"}, {"boot_index": null}])");
  for (const std::string& device :
       {std::string(R"({"boot_index": "0", "disk_bus": "scsi"})"),
        std::string("uuid=1,boot_index=0,disk_bus=scsi"), file.path()}) {
    const CtlRun run = CtlOn(host, {"validate", "--flavor", Example("flavor-tdx.json"), "--image",
                                    Example("image-tdx.json"), "--block-device", device});
    EXPECT_EQ(run.code, kExitNo) << run.err;
    EXPECT_THAT(run.out, HasSubstr("SCSI_BOOT_DISK"));
  }
}

TEST(ValidateTest, JudgesTheOperation) {
  FakeHost host;
  const CtlRun run = CtlOn(host, {"validate", "--flavor", Example("flavor-tdx.json"), "--image",
                                  Example("image-tdx.json"), "--operation", "live-migration"});
  EXPECT_EQ(run.code, kExitNo);
  EXPECT_THAT(run.out, HasSubstr("OPERATION_REFUSED"));
}

TEST(ValidateTest, CountsThisHostWhenToldTo) {
  FakeHost host;
  const auto code = [&](v1::Support verdict) {
    host.Change([&](v1::HostCapabilities& now) { now.mutable_models(0)->set_verdict(verdict); });
    return CtlOn(host, {"validate", "--this-host", "--flavor", Example("flavor-tdx.json"),
                        "--image", Example("image-tdx.json")})
        .code;
  };
  EXPECT_EQ(code(v1::SUPPORT_SUPPORTED), kExitYes);
  EXPECT_EQ(code(v1::SUPPORT_UNSUPPORTED), kExitNo);
  EXPECT_EQ(code(v1::SUPPORT_UNKNOWN), kExitNoAnswer);
}

TEST(ValidateTest, ReadsStandardInput) {
  FakeHost host;
  const CtlRun run =
      CtlOn(host, {"validate", "--flavor", "-"}, R"({"name": "plain", "properties": {}})");
  EXPECT_EQ(run.code, kExitYes) << run.err;
  EXPECT_THAT(run.out, HasSubstr("NOT CONFIDENTIAL: boot of flavor plain with image (unnamed)"));
}

TEST(ValidateTest, NamesTheFileThatIsWrong) {
  const auto error = [](const std::string& content) {
    const TempFile file(content);
    const CtlRun run = Ctl({"validate", "--flavor", file.path()});
    EXPECT_EQ(run.code, kExitUsage) << content;
    EXPECT_THAT(run.err, HasSubstr(file.path()));
    return run.err;
  };
  EXPECT_THAT(error(""), HasSubstr("holds nothing"));
  EXPECT_THAT(error("{\"name\": "), HasSubstr("is not JSON"));
  EXPECT_THAT(error("[]"), HasSubstr("holds nothing"));
  EXPECT_THAT(error(std::string(200'000, '[') + std::string(200'000, ']')),
              HasSubstr("is nested deeper than 32 levels"));
  EXPECT_THAT(error("[{\"properties\": {}}, {\"properties\": {}}]"), HasSubstr("holds 2 flavors"));
  EXPECT_THAT(error("{\"ID\": \"1\"}"), HasSubstr("does not say what properties"));
  EXPECT_THAT(error("{\"properties\": {}, \"ram\": \"x\"}"), HasSubstr("field 'ram'"));
  EXPECT_THAT(Ctl({"validate", "--image", "/nonexistent.json"}).err,
              HasSubstr("cannot open '/nonexistent.json'"));
}

TEST(DefineTest, MakesListsAndRemovesADomain) {
  FakeHost host;
  const std::string uuid = "6a1d2f3c-58b7-4c0e-9d51-0c6f3a7b9e24";
  const CtlRun defined = CtlOn(host, {"define", Example("domain-tdx.json"), "--start"});
  EXPECT_EQ(defined.code, kExitYes) << defined.err;
  EXPECT_THAT(defined.out, HasSubstr("example-tdx (" + uuid + ") was defined, runs"));
  EXPECT_THAT(defined.out, HasSubstr("0x10000000"));
  EXPECT_THAT(defined.out, HasSubstr("abababab"));
  const CtlRun listed = CtlOn(host, {"list"});
  EXPECT_THAT(listed.out, HasSubstr(uuid + "  example-tdx  running"));
  EXPECT_THAT(listed.out, HasSubstr("2026-01-01T00:00:00Z"));
  const CtlRun removed = CtlOn(host, {"undefine", uuid, "--stop"});
  EXPECT_EQ(removed.code, kExitYes);
  EXPECT_EQ(removed.out, uuid + " was stopped and removed\n");
  EXPECT_EQ(CtlOn(host, {"undefine", uuid}).out, uuid + " was not there\n");
  EXPECT_THAT(CtlOn(host, {"list"}).out, HasSubstr("No trust domain"));
}

TEST(DefineTest, ADomainThatCannotBeReadIsListedAsOneThatMayBeOurs) {
  FakeHost host;
  v1::UnreadDomain unread;
  unread.set_uuid("6a1d2f3c-58b7-4c0e-9d51-0c6f3a7b9e24");
  unread.set_name("odd");
  unread.set_why("libvirt: no memory");
  host.AddUnread(unread);
  const CtlRun listed = CtlOn(host, {"list"});
  EXPECT_EQ(listed.out, "Domain " + unread.uuid() +
                            " (odd) cannot be read, and may be one of them; see virsh dumpxml: "
                            "libvirt: no memory\n");
  EXPECT_EQ(listed.code, kExitYes);
}

TEST(ListTest, NamesTheGuestsThatARestartWouldChangeAndWhy) {
  FakeHost host;
  ASSERT_EQ(CtlOn(host, {"define", Example("domain-tdx.json"), "--start"}).code, kExitYes);
  const auto listed = [&host](const std::string& file, const std::string& module) {
    host.ChangeDomains([&](v1::TdxDomain& domain) {
      domain.mutable_reference()->set_firmware_file_sha384(file);
      domain.mutable_reference()->set_tdx_module("1.5.20");
      domain.mutable_reference()->set_newer_tdx_module(module);
    });
    return CtlOn(host, {"list"}).out;
  };
  const std::string other(48, 'x');
  EXPECT_THAT(listed("", ""), AllOf(HasSubstr("RESTART"), HasSubstr("cdcdcdcdcdcd"),
                                    Not(HasSubstr("TEE_TCB_SVN")), Not(HasSubstr("for new"))));
  EXPECT_THAT(listed("", "1.5.24"), HasSubstr("  to raise TEE_TCB_SVN\n"));
  EXPECT_THAT(listed(other, ""), HasSubstr("  for new firmware\n"));
  EXPECT_THAT(listed(other, "1.5.24"), HasSubstr("  for new firmware, to raise TEE_TCB_SVN\n"));
}

TEST(DefineTest, ShowsWhatAVerifierMustExpectOfTheStart) {
  FakeHost host;
  host.ChangeDefined([](v1::DefineTdxDomainResponse& answer) {
    answer.mutable_reference()->set_mrtd(std::string(48, '\xCD'));
    answer.mutable_reference()->set_tdx_module("1.5.20");
    answer.mutable_reference()->set_newer_tdx_module("1.5.24");
  });
  const std::string out = CtlOn(host, {"define", Example("domain-tdx.json"), "--start"}).out;
  EXPECT_THAT(out, HasSubstr("MRTD              cdcdcdcdcdcd"));
  EXPECT_THAT(out, HasSubstr("TDX module        1.5.20 at the start; 1.5.24 now: a restart"));
}

TEST(DefineTest, ShowsWhatIsNotAsItWasAskedFor) {
  FakeHost host;
  host.ChangeDefined([](v1::DefineTdxDomainResponse& answer) {
    answer.set_already_defined(true);
    answer.set_name("renamed");
    answer.set_transient(true);
    v1::DomainDifference& difference = *answer.add_differences();
    difference.set_field("domain.memory_mib");
    difference.set_asked("2048");
    difference.set_found("4096");
    difference.set_side(v1::DOMAIN_SIDE_ACTIVE_GUEST);
    answer.mutable_reference()->set_firmware_moment(v1::FIRMWARE_MOMENT_START);
    answer.mutable_reference()->set_firmware_file_sha384(std::string(48, '\xCD'));
  });
  const CtlRun run = CtlOn(host, {"define", Example("domain-tdx.json"), "--start"});
  EXPECT_EQ(run.code, kExitYes) << run.err;
  EXPECT_THAT(run.out,
              HasSubstr("renamed (6a1d2f3c-58b7-4c0e-9d51-0c6f3a7b9e24) was there already, "
                        "and is not as asked for, runs"));
  EXPECT_THAT(run.out, HasSubstr("domain.memory_mib  2048       4096   the guest"));
  EXPECT_THAT(run.out, HasSubstr("undefined it while it ran"));
  EXPECT_THAT(run.out, HasSubstr("the file changed since, to cdcdcd"));
}

TEST(DefineTest, SaysOfAGuestThatIsThereAndDoesNothingWhyAndWhatToDo) {
  FakeHost host;
  const auto output = [&host](v1::DomainState state) {
    host.ChangeDefined([state](v1::DefineTdxDomainResponse& answer) {
      answer.set_running(false);
      answer.set_state(state);
    });
    return CtlOn(host, {"define", Example("domain-tdx.json")}).out;
  };
  EXPECT_THAT(output(v1::DOMAIN_STATE_CRASHED),
              AllOf(HasSubstr(", is crashed"), HasSubstr("undefine --stop")));
  EXPECT_THAT(output(v1::DOMAIN_STATE_PAUSED),
              AllOf(HasSubstr(", is paused"), HasSubstr("virsh resume")));
  EXPECT_THAT(output(v1::DOMAIN_STATE_SHUT_OFF), HasSubstr(", does not run"));
  EXPECT_THAT(output(v1::DOMAIN_STATE_UNSPECIFIED), HasSubstr(", does not run"));
}

TEST(DefineTest, DryRunShowsTheXmlAndMakesNothing) {
  FakeHost host;
  const CtlRun run = CtlOn(host, {"define", Example("domain-tdx.json"), "--dry-run", "--xml"});
  EXPECT_EQ(run.code, kExitYes);
  EXPECT_THAT(run.out, HasSubstr("could be made; nothing was touched"));
  EXPECT_THAT(run.out, HasSubstr("<domain type='kvm'>\n  <name/>\n"));
  EXPECT_THAT(CtlOn(host, {"list"}).out, HasSubstr("No trust domain"));
}

TEST(DefineTest, OptionsAddToTheFile) {
  FakeHost host;
  CtlOn(host, {"define", Example("domain-tdx.json"), "--require-attestation", "--flavor",
               Example("flavor-five-faults.json")});
  EXPECT_THAT(host.last_request(),
              AllOf(HasSubstr("require_attestation: true"), HasSubstr("name: \"tdx.old\""),
                    Not(HasSubstr("tdx.large")), HasSubstr("mr_config_id: \"\\000\\001\\002")));
}

TEST(DefineTest, NamesAnUnknownField) {
  const TempFile file(R"({"domain": {"uid": "x"}})");
  const CtlRun run = Ctl({"define", file.path()});
  EXPECT_EQ(run.code, kExitUsage);
  EXPECT_THAT(run.err, AllOf(HasSubstr(file.path()), HasSubstr("uid")));
}

TEST(DefineTest, NamesTheFaultOfItsJsonOnOneLine) {
  const TempFile file("{\"domain\": {\"name\": \"td\" \"vcpus\": 2}}");
  const CtlRun run = Ctl({"define", file.path()});
  EXPECT_EQ(run.code, kExitUsage);
  EXPECT_THAT(run.err, AllOf(HasSubstr(file.path()), HasSubstr("vcpus"), Not(HasSubstr("\\x0a"))));
}

TEST(AuditTest, TellsEveryPairingOfTheExampleCatalog) {
  const CtlRun run = Ctl({"audit", "--flavors", Example("catalog-flavors.json"), "--images",
                          Example("catalog-images.json"), "-o", "json"});
  EXPECT_EQ(run.code, kExitNo) << run.err;
  std::map<std::string, std::string> decisions;
  json summary;
  std::istringstream lines(run.out);
  for (std::string line; std::getline(lines, line);) {
    const json pairing = json::parse(line);
    if (pairing.contains("summary")) {
      summary = pairing["summary"];
    } else {
      decisions[pairing["flavor"].get<std::string>() + "+" +
                pairing["image_name"].get<std::string>()] = pairing["decision"];
    }
  }
  const std::map<std::string, std::string> expected = {
      {"tdx.small+debian-13-tdx", "DECISION_ACCEPTED"},
      {"tdx.large+debian-13-tdx", "DECISION_ACCEPTED"},
      {"sev.small+debian-13-tdx", "DECISION_ACCEPTED"},
      {"tdx.small+ubuntu-24.04", "DECISION_REJECTED"},
      {"tdx.large+ubuntu-24.04", "DECISION_REJECTED"},
      {"sev.small+ubuntu-24.04", "DECISION_REJECTED"},
      {"tdx.small+windows-2019-bios", "DECISION_REJECTED"},
      {"tdx.large+windows-2019-bios", "DECISION_REJECTED"},
      {"sev.small+windows-2019-bios", "DECISION_REJECTED"}};
  EXPECT_EQ(decisions, expected);
  EXPECT_EQ(summary["not_confidential"], 3);
  EXPECT_EQ(summary["accepted"], 3);
  EXPECT_EQ(summary["rejected"], 6);
}

TEST(AuditTest, GroupsForPeopleWhatHasOneVerdict) {
  const CtlRun run = Ctl({"audit", "--flavors", Example("catalog-flavors.json"), "--images",
                          Example("catalog-images.json")});
  EXPECT_THAT(run.out, HasSubstr("CAN RUN as intel-tdx: 2 flavors with 1 image\n"
                                 "  flavors: tdx.small, tdx.large\n"
                                 "  images: debian-13-tdx\n"));
  EXPECT_THAT(run.out, HasSubstr("    SCSI_BOOT_DISK: image property hw_disk_bus is 'scsi'"));
  EXPECT_THAT(run.out, HasSubstr("cannot run        6"));
}

TEST(AuditTest, PrintsWhatIsAskedFor) {
  const std::vector<std::string> args = {"audit", "--flavors", Example("catalog-flavors.json"),
                                         "--images", Example("catalog-images.json")};
  auto rejected = args;
  rejected.push_back("--rejected");
  EXPECT_THAT(Ctl(rejected).out, AllOf(HasSubstr("CANNOT RUN"), Not(HasSubstr("CAN RUN as"))));
  auto summary = args;
  summary.push_back("--summary");
  EXPECT_THAT(Ctl(summary).out, Not(HasSubstr("CANNOT RUN")));
}

TEST(AuditTest, CountsEveryPairingWhateverItPrints) {
  const TempFile flavors(R"([
      {"Name": "a", "Properties": {"hw:mem_encryption": "true", "hw:mem_encryption_model":
       "intel-tdx", "hw:cpu_policy": "none", "os:secure_boot": "none"}},
      {"Name": "b", "Properties": {"hw:mem_encryption": "true", "hw:mem_encryption_model":
       "intel-tdx", "hw:cpu_policy": "none", "os:secure_boot": "none"}},
      {"Name": "plain", "Properties": {}}])");
  for (const char* how : {"--summary", "--rejected"}) {
    const CtlRun run = Ctl({"audit", "--flavors", flavors.path(), "--images",
                            Example("catalog-images.json"), "-o", "json", how});
    const size_t last = run.out.rfind("{\"summary\"");
    ASSERT_NE(last, std::string::npos) << how;
    const json summary = json::parse(run.out.substr(last))["summary"];
    EXPECT_EQ(summary["not_confidential"], 3) << how;
    EXPECT_EQ(summary["rejected"], 6) << how;
    // Two values of one pairing are one pairing.
    EXPECT_EQ(summary["reasons"]["VIOLATION_REASON_INVALID_VALUE"], 6) << how;
  }
}

TEST(AuditTest, SaysWhichImagesDoNotTellTheirProperties) {
  const TempFile list(R"([{"ID": "1", "Name": "listed", "Status": "active"}])");
  const CtlRun run = Ctl({"audit", "--flavors", Example("catalog-flavors.json"), "--images",
                          list.path(), "--summary"});
  EXPECT_EQ(run.code, kExitNoAnswer);
  EXPECT_THAT(run.err, AllOf(HasSubstr("1 images (listed) do not say their properties"),
                             HasSubstr("openstack image show -f json")));
  EXPECT_THAT(run.out, HasSubstr("not judged       4"));
}

TEST(AuditTest, TakesTheHostsPolicyWhenToldTo) {
  FakeHost host;
  host.Change(
      [](v1::HostCapabilities& now) { now.mutable_policy()->set_default_machine_type("pc"); });
  const TempFile image(R"({"name": "bare", "properties": {"hw_firmware_type": "uefi",
      "hw_firmware_stateless": "true", "hw_video_model": "none"}})");
  const std::vector<std::string> offline = {"audit", "--flavors", Example("flavor-tdx.json"),
                                            "--images", image.path()};
  EXPECT_EQ(Ctl(offline).code, kExitYes);
  auto with_host = offline;
  with_host.insert(with_host.end(), {"--with-host", "--address", host.address()});
  const CtlRun run = Ctl(with_host);
  EXPECT_EQ(run.code, kExitNo);
  EXPECT_THAT(run.out, HasSubstr("MACHINE_NOT_Q35"));
  EXPECT_THAT(run.err, HasSubstr("this host: intel-tdx SUPPORTED"));
}

TEST(AuditTest, GivesTheSameAnswerOnAnyNumberOfThreads) {
  json flavors = json::array();
  json images = json::array();
  for (int i = 0; i < 40; ++i) {
    const std::string trait = "trait:CUSTOM_" + std::to_string(i);
    flavors.push_back({{"Name", "f" + std::to_string(i)},
                       {"Properties", {{"hw:mem_encryption", "true"}, {trait, "required"}}}});
    images.push_back({{"name", "i" + std::to_string(i)},
                      {"properties", {{trait, "required"}, {"hw_firmware_type", "uefi"}}}});
  }
  const TempFile flavor_file(flavors.dump());
  const TempFile image_file(images.dump());
  const auto output = [&](const std::string& jobs) {
    return Ctl({"audit", "--flavors", flavor_file.path(), "--images", image_file.path(), "--jobs",
                jobs, "-o", "json"})
        .out;
  };
  const std::string single = output("1");
  EXPECT_EQ(std::count(single.begin(), single.end(), '\n'), 1601);
  EXPECT_EQ(output("3"), single);
}

TEST(AuditTest, ShowsProgressOnATerminalAlone) {
  const std::vector<std::string> args = {"audit", "--flavors", Example("catalog-flavors.json"),
                                         "--images", Example("catalog-images.json")};
  EXPECT_THAT(Ctl(args, "", {false, true}).err, HasSubstr(" of 12 pairings"));
  EXPECT_EQ(Ctl(args, "", {false, false}).err, "");
}

}  // namespace
}  // namespace ccplace::ctl
