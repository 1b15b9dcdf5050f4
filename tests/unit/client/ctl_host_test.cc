// Commands about the host: doctor, capabilities, inventory, watch; what all commands share.
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "client/ctl/report/change_printer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/ctl_run.h"
#include "tests/unit/client/fake_host.h"

namespace ccplace::ctl {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

const char* const kCommands[] = {"doctor",     "capabilities", "inventory", "watch", "validate",
                                 "audit",      "define",       "undefine",  "list",  "placement",
                                 "completion", "measure",      "reference", "fleet"};

void FailKernelParameter(v1::HostCapabilities& host) {
  v1::ModelCapability& tdx = *host.mutable_models(0);
  tdx.set_verdict(v1::SUPPORT_UNSUPPORTED);
  v1::Check& check = *tdx.mutable_checks(1);
  check.set_result(v1::CHECK_RESULT_FAIL);
  check.set_found("N");
  check.set_remedy("boot with kvm_intel.tdx=1");
}

TEST(CtlTest, ExplainsEveryCommandWithAnExampleAndExitCodes) {
  for (const char* command : kCommands) {
    const CtlRun run = Ctl({command, "--help"});
    EXPECT_EQ(run.code, kExitYes) << command;
    EXPECT_THAT(run.out, HasSubstr("Example: ")) << command;
    EXPECT_THAT(run.out, HasSubstr("ccplacectl --help")) << command;
    EXPECT_THAT(run.out, HasSubstr("Exit code: 0")) << command;
    EXPECT_THAT(Ctl({"--help"}).out, HasSubstr(command));
  }
}

TEST(CtlTest, GivesTheUsageCodeForAWrongCommandLine) {
  for (const std::vector<std::string>& args : {std::vector<std::string>{},
                                               {"destroy"},
                                               {"doctor", "--model", "tdx"},
                                               {"undefine"},
                                               {"doctor", "--timeout", "0"},
                                               {"doctor", "--timeout", "nan"},
                                               {"list", "-o", "yaml"},
                                               {"list", "--address", "nowhere"},
                                               {"list", "--tls"},
                                               {"list", "extra"}}) {
    const CtlRun run = Ctl(args);
    EXPECT_EQ(run.code, kExitUsage);
    EXPECT_NE(run.err, "");
    EXPECT_EQ(run.out, "");
  }
}

// As where a script's variable is unset: the guest that was meant would get the host's values.
TEST(CtlTest, RefusesAnEmptyValueAndNamesItsOption) {
  const FakeHost host;
  const std::string flavor = Example("flavor-tdx.json");
  const std::string image = Example("image-tdx.json");
  const std::vector<std::pair<std::string, std::vector<std::string>>> empty = {
      {"--flavor", {"validate", "--flavor", "", "--image", image}},
      {"--image", {"validate", "--flavor", flavor, "--image", ""}},
      {"--block-device", {"validate", "--flavor", flavor, "--block-device", ""}},
      {"UUID", {"reference", ""}},
      {"--root-name", {"placement", "render", "--root-name", ""}},
      {"--ca", {"doctor", "--ca", ""}}};
  for (const auto& [option, args] : empty) {
    const CtlRun run = CtlOn(host, args);
    EXPECT_EQ(run.code, kExitUsage) << option;
    EXPECT_THAT(run.err, HasSubstr("error: " + option + " is ''"));
    EXPECT_EQ(run.out, "");
  }
  const CtlRun address = Ctl({"doctor", "--address", ""});
  EXPECT_EQ(address.code, kExitUsage);
  EXPECT_THAT(address.err, HasSubstr("--address is ''"));
}

TEST(CtlTest, NamesACommandThatItDoesNotKnow) {
  for (const std::vector<std::string>& args : {std::vector<std::string>{"doctr"},
                                               {"-o", "json", "doctr", "--timeout", "5"},
                                               {"placement", "doctr"}}) {
    const CtlRun run = Ctl(args);
    EXPECT_EQ(run.code, kExitUsage);
    EXPECT_THAT(run.err, HasSubstr("'doctr'")) << args.front();
    EXPECT_THAT(run.err, HasSubstr("ccplacectl --help"));
  }
}

TEST(CtlTest, GivesNoAnswerWhenNobodyListens) {
  for (const char* command : {"doctor", "capabilities", "inventory", "list"}) {
    const CtlRun run = Ctl({command, "--address", "unix:/nonexistent/ccplaced.sock"});
    EXPECT_EQ(run.code, kExitNoAnswer) << command;
    EXPECT_THAT(run.err, HasSubstr("error: cannot reach /nonexistent/ccplaced.sock: "));
    EXPECT_EQ(run.out, "");
  }
}

// No ccplaced serves at the default places where this runs.
TEST(CtlTest, AsksAtTheReadOnlySocketAndChangesAtTheOperators) {
  const std::string uuid = "6a1d2f3c-58b7-4c0e-9d51-0c6f3a7b9e24";
  for (const char* command : {"doctor", "capabilities", "inventory", "list"}) {
    EXPECT_THAT(Ctl({command}).err, HasSubstr("cannot reach /run/ccplace/ccplaced-ro.sock: "));
  }
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"undefine", uuid}, {"define", Example("domain-tdx.json")}}) {
    EXPECT_THAT(Ctl(args).err, HasSubstr("cannot reach /run/ccplace/ccplaced.sock: "));
  }
}

TEST(CtlTest, TakesTheAddressFromTheEnvironment) {
  FakeHost host;
  CtlTerminal terminal;
  terminal.variables["CCPLACE_ADDRESS"] = host.address();
  EXPECT_EQ(Ctl({"doctor"}, "", terminal).code, kExitYes);
  EXPECT_EQ(Ctl({"doctor", "--address", "unix:/nonexistent/s"}, "", terminal).code, kExitNoAnswer);
}

TEST(CtlTest, ColoursOnlyTerminalsThatWantThem) {
  FakeHost host;
  const auto shown = [&](const CtlTerminal& terminal) {
    return CtlOn(host, {"doctor"}, "", terminal).out;
  };
  const auto coloured = HasSubstr("\x1b[");
  EXPECT_THAT(shown({true, true}), coloured);
  EXPECT_THAT(shown({false, true}), Not(coloured));
  EXPECT_THAT(shown({true, true, {{"NO_COLOR", "1"}}}), Not(coloured));
  EXPECT_THAT(shown({true, true, {{"NO_COLOR", ""}}}), coloured);
  EXPECT_THAT(shown({true, true, {{"TERM", "dumb"}}}), Not(coloured));
}

TEST(CtlTest, TellsRefusalsFromFailures) {
  FakeHost host;
  const auto code = [&](grpc::StatusCode status) {
    host.FailWith(grpc::Status(status, "because"));
    const CtlRun run = CtlOn(host, {"list"});
    EXPECT_THAT(run.err, HasSubstr("error: because"));
    return run.code;
  };
  EXPECT_EQ(code(grpc::StatusCode::INVALID_ARGUMENT), kExitNo);
  EXPECT_EQ(code(grpc::StatusCode::PERMISSION_DENIED), kExitNo);
  EXPECT_EQ(code(grpc::StatusCode::FAILED_PRECONDITION), kExitNo);
  EXPECT_EQ(code(grpc::StatusCode::ALREADY_EXISTS), kExitNo);
  EXPECT_EQ(code(grpc::StatusCode::UNAVAILABLE), kExitNoAnswer);
  EXPECT_EQ(code(grpc::StatusCode::RESOURCE_EXHAUSTED), kExitNoAnswer);
  EXPECT_EQ(code(grpc::StatusCode::INTERNAL), kExitNoAnswer);
}

TEST(DoctorTest, SaysYesWithEveryCheck) {
  FakeHost host;
  const CtlRun run = CtlOn(host, {"doctor"});
  EXPECT_EQ(run.code, kExitYes) << run.err;
  EXPECT_THAT(run.out, HasSubstr("node-1: x86_64, kernel 6.18.2, libvirt unknown"));
  EXPECT_THAT(run.out, HasSubstr("intel-tdx: SUPPORTED"));
  EXPECT_THAT(run.out, HasSubstr("PASS    gate  kernel parameter  Y"));
  EXPECT_THAT(run.out, HasSubstr("This host can run intel-tdx guests; 61 keys are free."));
  EXPECT_THAT(run.out, HasSubstr("Not looked into: amd-sev UNSUPPORTED"));
}

TEST(DoctorTest, SaysWhatImagesMustSayOfSecureBoot) {
  FakeHost host;
  EXPECT_THAT(CtlOn(host, {"doctor"}).out, Not(HasSubstr("secure boot")));
  const auto told = [&host](v1::Support without, v1::Support with) {
    host.Change([&](v1::HostCapabilities& now) {
      v1::GuestFirmware& firmware = *now.mutable_models(0)->mutable_firmware();
      firmware.set_path("/ovmf.fd");
      firmware.set_without_secure_boot(without);
      firmware.set_with_secure_boot(with);
      firmware.set_enrolled_keys(true);
    });
    return CtlOn(host, {"doctor"}).out;
  };
  EXPECT_THAT(told(v1::SUPPORT_UNSUPPORTED, v1::SUPPORT_SUPPORTED),
              HasSubstr("images need os_secure_boot=optional, or required. Keys are enrolled"));
  EXPECT_THAT(told(v1::SUPPORT_SUPPORTED, v1::SUPPORT_UNSUPPORTED),
              HasSubstr("images cannot require it.\n"));
  EXPECT_THAT(told(v1::SUPPORT_SUPPORTED, v1::SUPPORT_SUPPORTED),
              HasSubstr("with secure boot and without. Keys are enrolled"));
  EXPECT_THAT(told(v1::SUPPORT_UNKNOWN, v1::SUPPORT_SUPPORTED), HasSubstr("is not known.\n"));
  host.Change([](v1::HostCapabilities& now) {
    v1::GuestFirmware& firmware = *now.mutable_models(0)->mutable_firmware();
    firmware.set_without_secure_boot(v1::SUPPORT_UNSUPPORTED);
    firmware.set_nova_secure_boot(v1::SUPPORT_UNSUPPORTED);
  });
  EXPECT_THAT(CtlOn(host, {"doctor"}).out, HasSubstr("nova takes it that there is none: install"));
}

TEST(DoctorTest, PutsALongFindingBelowTheTable) {
  const std::string reason = "connect to qemu:///system: no such file, and a path that goes on so";
  FakeHost host;
  host.Change([&reason](v1::HostCapabilities& now) {
    FailKernelParameter(now);
    now.mutable_models(0)->mutable_checks(1)->set_found(reason);
  });
  const CtlRun run = CtlOn(host, {"doctor"});
  EXPECT_THAT(run.out,
              HasSubstr("kernel parameter  connect to qemu:///system: no such file, and...  "));
  EXPECT_THAT(run.out, HasSubstr("    found: " + reason + "\n"));
}

TEST(DoctorTest, SaysNoWithTheRemedy) {
  FakeHost host;
  host.Change(FailKernelParameter);
  const CtlRun run = CtlOn(host, {"doctor"});
  EXPECT_EQ(run.code, kExitNo);
  EXPECT_THAT(run.out, HasSubstr("FAIL kernel parameter"));
  EXPECT_THAT(run.out, HasSubstr("to do: boot with kvm_intel.tdx=1"));
  EXPECT_THAT(run.out, HasSubstr("This host cannot run intel-tdx guests"));
}

TEST(DoctorTest, UnknownIsNotANo) {
  FakeHost host;
  host.Change([](v1::HostCapabilities& now) {
    now.mutable_models(0)->set_verdict(v1::SUPPORT_UNKNOWN);
    now.mutable_models(0)->mutable_checks(1)->set_result(v1::CHECK_RESULT_UNKNOWN);
  });
  const CtlRun run = CtlOn(host, {"doctor"});
  EXPECT_EQ(run.code, kExitNoAnswer);
  EXPECT_THAT(run.out, HasSubstr("is not known"));
}

TEST(DoctorTest, OneModelOfThoseAskedForIsEnough) {
  FakeHost host;
  const auto code = [&](const std::vector<std::string>& args) { return CtlOn(host, args).code; };
  EXPECT_EQ(code({"doctor", "--model", "all"}), kExitYes);
  EXPECT_EQ(code({"doctor", "--model", "amd-sev"}), kExitNo);
  EXPECT_EQ(code({"doctor", "--model", "amd-sev", "--model", "intel-tdx"}), kExitYes);
}

TEST(DoctorTest, GivesMachinesTheWholeAnswer) {
  FakeHost host;
  host.Change(FailKernelParameter);
  const CtlRun run = CtlOn(host, {"doctor", "--refresh", "-o", "json"});
  EXPECT_EQ(run.code, kExitNo);
  const json answer = json::parse(run.out);
  EXPECT_EQ(answer["capabilities"]["models"][0]["verdict"], "SUPPORT_UNSUPPORTED");
  EXPECT_EQ(answer["simulated"], false);
  EXPECT_EQ(host.last_request(), "refresh: true");
}

TEST(CapabilitiesTest, ShowsAllModelsAndThePolicy) {
  FakeHost host;
  const CtlRun run = CtlOn(host, {"capabilities"});
  EXPECT_EQ(run.code, kExitYes);
  EXPECT_THAT(run.out, HasSubstr("intel-tdx    SUPPORTED    SUPPORTED    63"));
  EXPECT_THAT(run.out, HasSubstr("amd-sev-snp  UNSUPPORTED  UNKNOWN      unknown"));
  EXPECT_THAT(run.out, HasSubstr("cpu mode                  host-passthrough"));
}

TEST(InventoryTest, ShowsEachFigureWithItsSourceAndWhatIsUnknown) {
  FakeHost host;
  const CtlRun run = CtlOn(host, {"inventory"});
  EXPECT_EQ(run.code, kExitYes);
  EXPECT_THAT(run.out, HasSubstr("total        63"));
  EXPECT_THAT(run.out, HasSubstr("/sys/fs/cgroup/misc.capacity"));
  EXPECT_THAT(run.out, HasSubstr("limit        none"));
  EXPECT_THAT(run.out, HasSubstr("unaccounted  unknown"));
  EXPECT_THAT(run.out, HasSubstr("libvirt was not reached"));
}

TEST(InventoryTest, SaysWhyKeysAreWithheldAsDoctorAndWatchDo) {
  FakeHost host;
  EXPECT_THAT(CtlOn(host, {"inventory"}).out, Not(HasSubstr("withheld")));
  host.Change([](v1::HostCapabilities& now) {
    v1::KeyInventory& keys = *now.mutable_models(0)->mutable_keys();
    keys.set_withheld("nobody listens");
    keys.mutable_usable()->set_value(0);
    keys.mutable_free()->set_value(0);
  });
  const std::string told = "All keys are withheld from schedulers. nobody listens";
  EXPECT_THAT(CtlOn(host, {"inventory"}).out, HasSubstr(told));
  EXPECT_THAT(CtlOn(host, {"doctor"}).out, HasSubstr(told));
  host.Change([](v1::HostCapabilities& now) {
    now.mutable_models(0)->mutable_keys()->mutable_usable()->clear_value();
  });
  EXPECT_THAT(CtlOn(host, {"inventory"}).out,
              HasSubstr("Whether the keys are withheld from schedulers is not known."));
}

TEST(InventoryTest, AnswersInOneShapeForEveryModel) {
  FakeHost host;
  host.Change([](v1::HostCapabilities& now) {
    now.mutable_models(1)->mutable_keys()->mutable_free()->set_value(9);
  });
  const CtlRun run = CtlOn(host, {"inventory", "--model", "amd-sev", "-o", "json"});
  EXPECT_EQ(run.code, kExitYes);
  EXPECT_EQ(json::parse(run.out)["keys"]["free"]["value"], "9");
}

TEST(InventoryTest, WritesAFeatureFileWithWhatIsKnown) {
  FakeHost host;
  const CtlRun run = CtlOn(host, {"inventory", "-o", "nfd"});
  EXPECT_EQ(run.code, kExitYes) << run.err;
  EXPECT_THAT(run.out, HasSubstr("\nccplace.intel-tdx.total=63\n"));
  EXPECT_THAT(run.out, HasSubstr("\nccplace.intel-tdx.in-use=2\n"));
  EXPECT_EQ(CtlOn(host, {"capabilities", "-o", "nfd"}).code, kExitUsage);
}

TEST(WatchTest, TellsTheStateThenWhatChanged) {
  FakeHost host;
  std::thread changer([&] {
    EXPECT_TRUE(host.WaitForWatcher());
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    host.Change(FailKernelParameter);
  });
  const CtlRun run = CtlOn(host, {"watch", "--count", "2"});
  changer.join();
  EXPECT_EQ(run.code, kExitYes) << run.err;
  EXPECT_THAT(run.out, HasSubstr("intel-tdx SUPPORTED; keys: 61 free, 2 in use"));
  EXPECT_THAT(run.out, HasSubstr("intel-tdx: SUPPORTED -> UNSUPPORTED"));
  EXPECT_THAT(run.out, HasSubstr("kernel parameter: PASS -> FAIL (N)"));
  EXPECT_THAT(run.out, HasSubstr("to do: boot with kvm_intel.tdx=1"));
}

TEST(WatchTest, WarnsOfAnotherMrtdAndNotOfTheFirstThatIsKnown) {
  const auto of_firmware = [](const std::string& mrtd) {
    v1::WatchHostResponse state;
    state.mutable_capabilities()->mutable_tdx_firmware()->set_mrtd(mrtd);
    return state;
  };
  const auto told = [](const v1::WatchHostResponse& before, const v1::WatchHostResponse& now) {
    std::ostringstream out;
    Console console(&out, false, 0);
    PrintChange(console, "12:00", &before, now);
    return out.str();
  };
  const std::string ones(48, '\x11');
  const std::string first = told(of_firmware(""), of_firmware(ones));
  EXPECT_THAT(first, HasSubstr("firmware's MRTD: 111111111111\n"));
  EXPECT_THAT(told(of_firmware(ones), of_firmware(std::string(48, '\x22'))),
              HasSubstr("firmware's MRTD: 111111111111 -> 222222222222: verifiers that"));
}

TEST(WatchTest, GivesMachinesOneLinePerState) {
  FakeHost host;
  const CtlRun run = CtlOn(host, {"watch", "--count", "1", "-o", "json"});
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 1);
  EXPECT_EQ(json::parse(run.out)["tdx_keys"]["free"]["value"], "61");
}

TEST(WatchTest, SaysWhenTheConnectionIsLostAndGoesOn) {
  FakeHost host;
  std::thread breaker([&] {
    EXPECT_TRUE(host.WaitForWatcher());
    host.BreakStreams();
  });
  const CtlRun run = CtlOn(host, {"watch", "--count", "2"});
  breaker.join();
  EXPECT_EQ(run.code, kExitYes);
  EXPECT_THAT(run.err, HasSubstr("lost: ccplaced is stopping; next try in"));
}

TEST(WatchTest, EndsOnLossWhenToldTo) {
  const CtlRun run = Ctl({"watch", "--no-reconnect", "--address", "unix:/nonexistent/s"});
  EXPECT_EQ(run.code, kExitNoAnswer);
  EXPECT_THAT(run.err, HasSubstr("cannot reach"));
}

TEST(CompletionTest, KnowsEveryCommandAndItsOptions) {
  const CtlRun bash = Ctl({"completion", "bash"});
  EXPECT_EQ(bash.code, kExitYes);
  for (const char* command : kCommands) {
    EXPECT_THAT(bash.out, HasSubstr(std::string("    ") + command + ") options+=")) << command;
  }
  EXPECT_THAT(bash.out, HasSubstr("--require-attestation"));
  EXPECT_THAT(Ctl({"completion", "zsh"}).out, HasSubstr("#compdef ccplacectl"));
}

}  // namespace
}  // namespace ccplace::ctl
