#include "lib/host/nova_config.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/host/in_memory_host_files.h"
#include "lib/host/oslo_file.h"

namespace ccplace {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kNovaConf[] = "/etc/nova/nova.conf";

class NovaConfigTest : public ::testing::Test {
 protected:
  void Write(absl::string_view text) { files_.WriteFile(kNovaConf, text); }
  absl::StatusOr<NovaConfig> Read(const std::vector<std::string>& paths = {kNovaConf}) {
    return ReadNovaConfig(files_, paths);
  }
  NovaConfig Good(absl::string_view text) {
    Write(text);
    const absl::StatusOr<NovaConfig> read = Read();
    EXPECT_TRUE(read.ok()) << read.status();
    return read.ok() ? *read : NovaConfig();
  }
  std::string Fault(absl::string_view text) {
    Write(text);
    return std::string(Read().status().message());
  }

  InMemoryHostFiles files_;
};

TEST_F(NovaConfigTest, ReadsWhatMattersToConfidentialGuests) {
  const NovaConfig nova = Good(R"(# nova.conf
[DEFAULT]
host = compute-1
reserved_host_memory_mb = 2048
[libvirt]
cpu_mode=custom
cpu_models = SandyBridge, Haswell,
virt_type: qemu
hw_machine_type = "x86_64=q35,aarch64=virt"
num_intel_tdx_guests = 31
num_memory_encrypted_guests = 15
)");
  EXPECT_EQ(nova.host, "compute-1");
  EXPECT_EQ(nova.reserved_memory_mib, 2048u);
  EXPECT_EQ(nova.cpu_mode, "custom");
  EXPECT_THAT(nova.cpu_models, ElementsAre("SandyBridge", "Haswell"));
  EXPECT_EQ(nova.virt_type, "qemu");
  EXPECT_EQ(nova.machine_type, "q35");
  EXPECT_EQ(nova.tdx_guests, 31u);
  EXPECT_EQ(nova.encrypted_guests, 15u);
  EXPECT_EQ(nova.stated_in.at("cpu_mode"), kNovaConf);
}

TEST_F(NovaConfigTest, HasNovasDefaultsWhereNothingIsStated) {
  const NovaConfig nova = Good("");
  EXPECT_EQ(nova.cpu_mode, "host-model");
  EXPECT_EQ(nova.virt_type, "kvm");
  EXPECT_EQ(nova.machine_type, "pc");
  EXPECT_EQ(nova.tdx_guests, std::nullopt);
  EXPECT_THAT(nova.stated_in, IsEmpty());
  EXPECT_EQ(Good("[libvirt]\nvirt_type=lxc\n").cpu_mode, "none");
}

TEST_F(NovaConfigTest, TakesTheLastOfAFileAndTheLastFile) {
  EXPECT_EQ(Good("[libvirt]\ncpu_mode=none\n[other]\n[LibVirt]\ncpu_mode=custom\n").cpu_mode,
            "custom");
  files_.WriteFile("/etc/nova/nova-cpu.conf", "[libvirt]\ncpu_mode=host-passthrough\n");
  const NovaConfig nova = *Read({kNovaConf, "/etc/nova/nova-cpu.conf"});
  EXPECT_EQ(nova.cpu_mode, "host-passthrough");
  EXPECT_EQ(nova.stated_in.at("cpu_mode"), "/etc/nova/nova-cpu.conf");
  EXPECT_EQ(Read({"/etc/nova/nova-cpu.conf", kNovaConf})->cpu_mode, "custom");
}

TEST_F(NovaConfigTest, ReadsAFoldersConfFilesByName) {
  files_.WriteFile("/etc/nova/conf.d/20.conf", "[libvirt]\ncpu_mode=host-passthrough\n");
  files_.WriteFile("/etc/nova/conf.d/10.conf", "[libvirt]\ncpu_mode=none\nvirt_type=qemu\n");
  files_.WriteFile("/etc/nova/conf.d/.30.conf", "[libvirt]\ncpu_mode=custom\n");
  files_.WriteFile("/etc/nova/conf.d/40.conf~", "[libvirt]\ncpu_mode=custom\n");
  for (const char* folder : {"/etc/nova/conf.d", "/etc/nova/conf.d/"}) {
    const NovaConfig nova = *Read({folder});
    EXPECT_EQ(nova.cpu_mode, "host-passthrough");
    EXPECT_EQ(nova.virt_type, "qemu");
    EXPECT_EQ(nova.stated_in.at("cpu_mode"), "/etc/nova/conf.d/20.conf");
  }
}

TEST_F(NovaConfigTest, KnowsAnEarlierNameAndTheOneThatIsNewerInAFile) {
  EXPECT_THAT(Good("[libvirt]\ncpu_model=A\n").cpu_models, ElementsAre("A"));
  EXPECT_THAT(Good("[libvirt]\ncpu_models=B\ncpu_model=A\n").cpu_models, ElementsAre("B"));
}

TEST_F(NovaConfigTest, TakesTheMachineTypeOfThisArchitectureAsNovaDoes) {
  const auto machine = [this](const char* value) {
    return Good(absl::StrCat("[libvirt]\nhw_machine_type=", value, "\n")).machine_type;
  };
  EXPECT_EQ(machine("aarch64=virt"), "pc");
  EXPECT_EQ(machine("x86_64=,x86_64=q35"), "q35");
  EXPECT_EQ(machine("x86_64 =q35"), "pc");
  EXPECT_EQ(machine("x86_64=a=b"), "a=b");
  EXPECT_EQ(machine("q35"), "pc");
}

TEST_F(NovaConfigTest, ReadsNumbersAsPythonDoes) {
  const auto number = [this](const char* value) {
    return Good(absl::StrCat("[libvirt]\nnum_intel_tdx_guests=", value, "\n")).tdx_guests;
  };
  EXPECT_EQ(number("0"), 0u);
  EXPECT_EQ(number(" +1_0 "), 10u);
  EXPECT_EQ(number(""), std::nullopt);
  for (const char* wrong :
       {"-1", "1__0", "_1", "1_", "0x1", "1.0", "ten", "1 2", "99999999999999999999"}) {
    EXPECT_THAT(Fault(absl::StrCat("[libvirt]\nnum_intel_tdx_guests=", wrong, "\n")),
                AllOf(HasSubstr("num_intel_tdx_guests"), HasSubstr(wrong)))
        << wrong;
  }
}

TEST_F(NovaConfigTest, RefusesWhatNovaRefusesAndNamesOptionAndFile) {
  EXPECT_THAT(Fault("[libvirt]\ncpu_mode=Host-Passthrough\n"),
              AllOf(HasSubstr(kNovaConf), HasSubstr("cpu_mode = 'Host-Passthrough'"),
                    HasSubstr("host-passthrough")));
  EXPECT_THAT(Fault("[libvirt]\ncpu_mode=\n"), HasSubstr("cpu_mode"));
  EXPECT_THAT(Fault("[libvirt]\nvirt_type=xen\n"), HasSubstr("virt_type"));
  EXPECT_THAT(Fault("[libvirt]\ncpu_mode=$my_mode\n"), HasSubstr("refers to another option"));
  EXPECT_TRUE(absl::IsUnimplemented(Read().status()));
}

TEST_F(NovaConfigTest, SaysWhichFileCannotBeReadAndWhy) {
  EXPECT_TRUE(absl::IsNotFound(Read().status()));
  EXPECT_THAT(Read().status().message(), HasSubstr(kNovaConf));
  Write("[libvirt]\n");
  files_.FailAt(kNovaConf, absl::PermissionDeniedError("'/etc/nova/nova.conf': not allowed"));
  EXPECT_TRUE(absl::IsPermissionDenied(Read().status()));
  files_.MakeOther("/etc/nova/fifo");
  EXPECT_TRUE(absl::IsFailedPrecondition(Read({"/etc/nova/fifo"}).status()));
}

TEST_F(NovaConfigTest, IsBounded) {
  Write(std::string(kNovaConfigFileLimitBytes + 1, '#'));
  EXPECT_TRUE(absl::IsOutOfRange(Read().status()));
  for (size_t i = 0; i <= kNovaConfigFileLimit; ++i) {
    files_.WriteFile(absl::StrCat("/etc/nova/conf.d/", i, ".conf"), "");
  }
  EXPECT_TRUE(absl::IsOutOfRange(Read({"/etc/nova/conf.d"}).status()));
}

TEST_F(NovaConfigTest, NamesALineByItsNumberAndNeverByItsText) {
  for (const char* text :
       {"[DEFAULT]\nhunter2\n", "[DEFAULT]\n\n  hunter2\n", "[DEFAULT]\n[hunter2\n",
        "[DEFAULT]\n= hunter2\n", "\npassword = hunter2\n", "[DEFAULT]\n[]\n#hunter2\n",
        "[DEFAULT]\npassword = hunter2\xff\n"}) {
    const std::string fault = Fault(text);
    EXPECT_THAT(fault, HasSubstr(kNovaConf)) << text;
    EXPECT_THAT(fault, Not(HasSubstr("hunter2"))) << text;
  }
  EXPECT_THAT(Fault("[DEFAULT]\nhunter2\n"), HasSubstr("line 2 has neither = nor :"));
}

TEST(ParseOsloFileTest, KeepsNothingButWhatIsWanted) {
  const OsloValues values = *ParseOsloFile(
      "[DEFAULT]\ntransport_url = rabbit://u:hunter2@h\nhost = a\n[database]\nconnection = x\n",
      {{"DEFAULT", "host"}});
  EXPECT_THAT(values, ElementsAre(testing::Pair(OsloName("DEFAULT", "host"), "a")));
}

// What `python3 -c 'oslo_config.iniparser ...'` makes of the same bytes.
TEST(ParseOsloFileTest, JoinsLinesAndTakesOffQuotesAndBlanksAsOsloDoes) {
  const auto value = [](absl::string_view text) {
    const auto values = ParseOsloFile(absl::StrCat("[g]\n", text), {{"g", "k"}});
    return values.ok() && !values->empty() ? values->begin()->second : "-";
  };
  EXPECT_EQ(value("k = a\n  b\n\tc\n"), "a\nb\nc");
  EXPECT_EQ(value("k =\n  a\n"), "\na");
  EXPECT_EQ(value("k = \"a'\n"), "\"a'");
  EXPECT_EQ(value("k = 'a'\r\n"), "a");
  EXPECT_EQ(value("k = '\n"), "");
  EXPECT_EQ(value("k : a=b\n"), "a=b");
  EXPECT_EQ(value("k = a:b\n"), "a:b");
  EXPECT_EQ(value("\xC2\xA0k\xE3\x80\x80=\xE2\x80\x83"
                  "a\x1f\n"),
            "a");
  EXPECT_EQ(value("k = a # b\n"), "a # b");
  EXPECT_EQ(value("k = a\rk = b"), "b");
  EXPECT_EQ(value("K = a\n"), "-");
}

}  // namespace
}  // namespace ccplace
