#include "server/config/options.h"

#include "lib/base/status.h"
#include "tests/unit/server/server_fixture.h"

namespace ccplace {
namespace {

using ::testing::HasSubstr;

Options Good() {
  Options options;
  options.listen.operator_socket.path = "/run/ccplace/ccplaced.sock";
  options.host.disk_prefixes = {"/var/lib/libvirt/images"};
  return options;
}

// The flags that CheckOptions names.
std::vector<std::string> FlagsAtFault(const Options& options) {
  std::vector<std::string> flags;
  for (const FieldError& error : FieldErrorsOf(CheckOptions(options))) flags.push_back(error.field);
  return flags;
}

TEST(CheckOptionsTest, TakesTheDefaults) { EXPECT_TRUE(CheckOptions(Good()).ok()); }

TEST(CheckOptionsTest, NamesEveryOptionThatCannotBeServed) {
  Options options = Good();
  options.host.cpu_mode = "native";
  options.hypervisor.threads = 0;
  options.limits.connections = {0, 128};
  options.limits.watchers = {1024, 0};
  options.limits.idle_timeout = std::chrono::milliseconds(0);
  EXPECT_THAT(FlagsAtFault(options),
              ::testing::ElementsAre("--cpu_mode", "--max_connections", "--max_watchers_per_caller",
                                     "--idle_timeout", "--hypervisor_threads"));
}

TEST(CheckOptionsTest, TakesANodeNameThatAnswersCanHold) {
  Options options = Good();
  for (const std::string& name : {std::string(255, 'n'), std::string("rechner-ü")}) {
    options.host.node_name = name;
    EXPECT_THAT(FlagsAtFault(options), ::testing::IsEmpty()) << name;
  }
  for (const std::string& name :
       {std::string(256, 'n'), std::string("a\xff"), std::string("a\n")}) {
    options.host.node_name = name;
    EXPECT_THAT(FlagsAtFault(options), ::testing::ElementsAre("--node_name")) << name;
  }
}

TEST(CheckOptionsTest, TakesTimesOfConnectionsThatGrpcCanCount) {
  using std::chrono::milliseconds;
  Options options = Good();
  milliseconds* const times[] = {&options.limits.keepalive_interval,
                                 &options.limits.keepalive_timeout, &options.limits.idle_timeout,
                                 &options.limits.max_connection_age};
  const auto set_all = [&times](milliseconds value) {
    for (milliseconds* time : times) *time = value;
  };
  const milliseconds longest = std::chrono::hours(24 * 24);
  set_all(longest);
  EXPECT_THAT(FlagsAtFault(options), ::testing::IsEmpty());
  set_all(longest + milliseconds(1));
  EXPECT_THAT(FlagsAtFault(options),
              ::testing::ElementsAre("--keepalive_interval", "--keepalive_timeout",
                                     "--idle_timeout", "--max_connection_age"));
  EXPECT_THAT(std::string(CheckOptions(options).message()), HasSubstr("up to 576h"));
}

TEST(CheckOptionsTest, ShowsMetricsToOtherMachinesOnlyWhenAskedByName) {
  Options options = Good();
  for (const char* own : {"", "127.0.0.1:9464", "[::1]:0"}) {
    options.observe.metrics_address = own;
    EXPECT_THAT(FlagsAtFault(options), ::testing::IsEmpty()) << own;
  }
  for (const char* bad : {"0.0.0.0:9464", "[::]:9464", "10.0.0.1:9464", "localhost:9464", "9464"}) {
    options.observe.metrics_address = bad;
    EXPECT_THAT(FlagsAtFault(options), ::testing::ElementsAre("--metrics_address")) << bad;
  }
  options.observe.metrics_address = "0.0.0.0:9464";
  options.observe.metrics_beyond_loopback = true;
  EXPECT_THAT(FlagsAtFault(options), ::testing::IsEmpty());
}

TEST(CheckOptionsTest, NamesValueAndRemedy) {
  Options options = Good();
  options.host.virt_type = "xen";
  const std::string message(CheckOptions(options).message());
  EXPECT_THAT(message, HasSubstr("'xen'"));
  EXPECT_THAT(message, HasSubstr("kvm, qemu"));
}

TEST(CheckOptionsTest, TakesTraitsByANewNameOrByNone) {
  Options options = Good();
  options.host.rename_traits = {"HW_CPU_X86_INTEL_TDX=CUSTOM_TDX", "COMPUTE_SECURITY_X="};
  EXPECT_TRUE(CheckOptions(options).ok());
  options.host.tdx_key_class = "CUSTOM_CCPLACE_INTEL_TDX_KEY";
  EXPECT_TRUE(CheckOptions(options).ok());
  options.host.tdx_key_class = "CUSTOM_MINE";
  EXPECT_THAT(CheckOptions(options).message(),
              testing::AllOf(HasSubstr("--tdx_key_class"), HasSubstr("MEM_ENCRYPTION_CONTEXT")));
  options.host.tdx_key_class = "MEM_ENCRYPTION_CONTEXT";
  options.host.rename_traits = {"HW_CPU_X86_INTEL_TDX", "=CUSTOM_TDX", "A=b", "A=B=C"};
  EXPECT_EQ(FlagsAtFault(options).size(), 4u);
}

TEST(CheckOptionsTest, TakesALeastVersionOfTheTdxModuleForEachLine) {
  Options options = Good();
  options.host.tdx_min_module_version = {"1.5.24", "2.0.14"};
  EXPECT_TRUE(CheckOptions(options).ok());
  options.host.tdx_min_module_version = {"1.5.24", "1.5.28"};
  EXPECT_THAT(FlagsAtFault(options), ::testing::ElementsAre("--tdx_min_module_version"));
  options.host.tdx_min_module_version = {"latest"};
  EXPECT_THAT(CheckOptions(options).message(), HasSubstr("'latest' is no version"));
}

TEST(CheckOptionsTest, RefusesPlaintextBeyondLoopback) {
  for (const char* address : {"0.0.0.0:50051", "10.0.0.1:50051", "[::]:50051", "localhost:1"}) {
    Options options = Good();
    options.listen.plaintext_address = address;
    EXPECT_THAT(FlagsAtFault(options), ::testing::ElementsAre("--plaintext_address")) << address;
  }
}

TEST(CheckOptionsTest, RefusesTlsWithoutCertificates) {
  Options options = Good();
  options.listen.tls.address = "127.0.0.1:0";
  options.listen.tls.roles.readers = {"*"};
  EXPECT_THAT(FlagsAtFault(options), ::testing::ElementsAre("--tls_certificate"));
}

TEST(CheckOptionsTest, RefusesAListOfRevokedCertificatesThatCannotBeRead) {
  Options options = Good();
  options.listen.tls.address = "127.0.0.1:0";
  options.listen.tls.revoked_file = "/nowhere/revoked";
  EXPECT_THAT(FlagsAtFault(options), ::testing::Contains("--tls_revoked"));
  EXPECT_THAT(std::string(CheckOptions(options).message()),
              HasSubstr("'/nowhere/revoked' cannot be read (No such file or directory); give a "
                        "list of certificates that the daemon may read"));
}

TEST(CheckOptionsTest, RefusesNamesThatNoCertificateCouldHave) {
  Options options = Good();
  options.listen.tls.address = "127.0.0.1:0";
  options.listen.tls.roles.readers = {"dns:a.example", "uri:spiffe://example/a b", "*"};
  for (const char* name : {"nova.example", " dns:b", "DNS:b", "dns:", "", "cn:nova", "dns:a\n"}) {
    options.listen.tls.roles.operators = {name};
    EXPECT_THAT(FlagsAtFault(options),
                ::testing::ElementsAre("--tls_certificate", "--tls_readers", "--tls_operators"))
        << name;
  }
  options.listen.tls.roles.readers = {"dns:a.example", "uri:spiffe://example/a", "ip:10.0.0.1"};
  options.listen.tls.roles.operators = {"email:a@example", "*"};
  EXPECT_THAT(FlagsAtFault(options), ::testing::ElementsAre("--tls_certificate"));
}

TEST(CheckOptionsTest, SaysAModeInTheDigitsThatItWasGivenIn) {
  Options options = Good();
  options.listen.operator_socket.mode = 04755;
  EXPECT_THAT(std::string(CheckOptions(options).message()),
              HasSubstr("--operator_socket_mode: '4755' cannot be used"));
}

TEST(CheckOptionsTest, RefusesOneSocketForBothRoles) {
  Options options = Good();
  options.listen.readonly_socket = options.listen.operator_socket;
  EXPECT_THAT(FlagsAtFault(options), ::testing::ElementsAre("--readonly_socket"));
}

TEST(CheckOptionsTest, RefusesPrefixesThatAreNoPlainFolders) {
  for (const char* folder : {"", "images", "/a/../b", "/a/.."}) {
    Options options = Good();
    options.host.disk_prefixes = {folder};
    EXPECT_THAT(FlagsAtFault(options), ::testing::ElementsAre("--disk_prefixes")) << folder;
  }
}

TEST(UnusedOptionsTest, NamesTheFlagsOfAnAddressThatIsNotServed) {
  Options options = Good();
  options.listen.tls.key_file = "/etc/ccplace/key.pem";
  options.listen.tls.roles.readers = {"*"};
  options.listen.plaintext_role = Role::kOperator;
  options.observe.metrics_beyond_loopback = true;
  EXPECT_TRUE(CheckOptions(options).ok());
  EXPECT_THAT(UnusedOptions(options),
              ::testing::ElementsAre(
                  ::testing::StartsWith("--tls_key, --tls_readers: of no effect without "
                                        "--tls_address, where nothing is served; give"),
                  ::testing::StartsWith("--plaintext_role: of no effect without --plaintext_addr"),
                  ::testing::StartsWith("--metrics_beyond_loopback: of no effect without ")));
}

TEST(UnusedOptionsTest, FindsNoFaultWithTheDefaultsOrWithFlagsOfWhatIsServed) {
  Options options = Good();
  EXPECT_THAT(UnusedOptions(options), ::testing::IsEmpty());
  options.listen.tls = {
      "127.0.0.1:0", "server.pem", "server.key", "ca.pem", {{"*"}, {"*"}}, {}, ""};
  options.listen.plaintext_address = "127.0.0.1:0";
  options.listen.plaintext_role = Role::kOperator;
  options.observe.metrics_address = "0.0.0.0:9464";
  options.observe.metrics_beyond_loopback = true;
  EXPECT_THAT(UnusedOptions(options), ::testing::IsEmpty());
}

}  // namespace
}  // namespace ccplace
