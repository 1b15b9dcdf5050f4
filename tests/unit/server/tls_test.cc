#include <fstream>
#include <sstream>
#include <thread>

#include "tests/unit/server/server_fixture.h"
#include "tests/unit/server/watching.h"

namespace ccplace {
namespace {

using v1::HostService;

// A CA, a server's certificate and clients' certificates, made by openssl(1).
class TlsTest : public ServerTest {
 protected:
  void SetUp() override {
    Run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
        "-subj /CN=test-ca -keyout ca.key -out ca.pem");
    Issue("server", "IP:127.0.0.1");
    TlsOptions& tls = options_.listen.tls;
    tls.address = "127.0.0.1:0";
    tls.certificate_file = folder_ / "server.pem";
    tls.key_file = folder_ / "server.key";
    tls.client_ca_file = folder_ / "ca.pem";
    tls.look_interval = std::chrono::seconds(1);
    tls.roles.readers = {"dns:scheduler.example"};
    tls.roles.operators = {"uri:spiffe://example/operator"};
    Start();
  }

  void Run(const std::string& command) {
    const std::string line = "cd " + (folder_ / ".") + " && " + command + " 2>/dev/null";
    ASSERT_EQ(std::system(line.c_str()), 0) << command;
  }

  void Issue(const std::string& name, const std::string& alternative_name) {
    IssueWith(name, "subjectAltName=" + alternative_name);
  }

  void IssueWith(const std::string& name, const std::string& extension) {
    std::ofstream(folder_ / (name + ".ext")) << extension << "\n";
    Run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name +
        " -keyout " + name + ".key -out " + name + ".csr");
    Run("openssl x509 -req -days 2 -in " + name + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial " +
        "-extfile " + name + ".ext -out " + name + ".pem");
  }

  std::string Content(const std::string& name) const {
    std::ostringstream content;
    content << std::ifstream(folder_ / name).rdbuf();
    return content.str();
  }

  // What the server shows of itself, by openssl(1).
  std::string ServedCertificate() {
    const std::string address = "127.0.0.1:" + std::to_string(gates_->tls_port());
    Run("openssl s_client -connect " + address + " </dev/null | openssl x509 >served.pem; true");
    return Content("served.pem");
  }

  void AwaitServed(const std::string& certificate) {
    std::string served;
    for (int tries = 0; tries < 150 && served != certificate; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      served = ServedCertificate();
    }
    EXPECT_EQ(served, certificate);
  }

  // A caller with the certificate `name`, on a connection of its own; empty: without one.
  Stub Client(const std::string& name, const std::string& server_ca = "ca.pem") const {
    grpc::SslCredentialsOptions ssl;
    ssl.pem_root_certs = Content(server_ca);
    if (!name.empty()) {
      ssl.pem_cert_chain = Content(name + ".pem");
      ssl.pem_private_key = Content(name + ".key");
    }
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return HostService::NewStub(grpc::CreateCustomChannel(
        "127.0.0.1:" + std::to_string(gates_->tls_port()), grpc::SslCredentials(ssl), arguments));
  }

  static grpc::StatusCode Read(const Stub& stub) {
    v1::TdxInventoryResponse answer;
    return Call(stub, &HostService::Stub::TdxInventory, {}, &answer).error_code();
  }
  static grpc::StatusCode Write(const Stub& stub) {
    v1::DefineTdxDomainResponse answer;
    return Call(stub, &HostService::Stub::DefineTdxDomain, GoodDefinition(), &answer).error_code();
  }
};

TEST_F(TlsTest, GivesTheRoleThatGoesWithTheCertificatesName) {
  Issue("scheduler", "DNS:scheduler.example");
  Issue("admin", "URI:spiffe://example/operator");
  Issue("stranger", "DNS:stranger.example");
  EXPECT_EQ(Read(Client("scheduler")), grpc::StatusCode::OK);
  EXPECT_EQ(Write(Client("scheduler")), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Write(Client("admin")), grpc::StatusCode::OK);
  EXPECT_EQ(Read(Client("stranger")), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(TlsTest, TakesNoNameOfAnotherKind) {
  Issue("sly", "URI:scheduler.example,DNS:spiffe://example/operator,email:scheduler.example");
  EXPECT_EQ(Read(Client("sly")), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(TlsTest, TakesNoNameThatOnlyLooksLikeAListedOne) {
  // A name with a byte 0 in it, as DER: dNSName "scheduler.example\0.x".
  const std::string with_zero = "DER:301682147363686564756c65722e6578616d706c65002e78";
  for (const std::string& name :
       {std::string("DNS:Scheduler.example"), std::string("DNS:scheduler.example."),
        std::string("DNS:*.example"), std::string("DNS:a.scheduler.example"), with_zero,
        std::string("URI:spiffe://example/operator/x"), std::string("URI:spiffe://example/")}) {
    Issue("alike", name);
    EXPECT_EQ(Read(Client("alike")), grpc::StatusCode::PERMISSION_DENIED) << name;
  }
}

TEST_F(TlsTest, TrustsTheAuthorityThatTheFileHoldsNow) {
  Issue("scheduler", "DNS:scheduler.example");
  EXPECT_EQ(Read(Client("scheduler")), grpc::StatusCode::OK);
  Run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=new "
      "-addext subjectAltName=DNS:scheduler.example -keyout new.key -out new.pem");
  std::filesystem::copy_file(folder_ / "ca.pem", folder_ / "server-ca.pem");
  std::filesystem::copy_file(folder_ / "new.pem", folder_ / "ca.pem",
                             std::filesystem::copy_options::overwrite_existing);
  for (int tries = 0; tries < 150; ++tries) {
    if (Read(Client("new", "server-ca.pem")) == grpc::StatusCode::OK) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  EXPECT_EQ(Read(Client("new", "server-ca.pem")), grpc::StatusCode::OK);
  EXPECT_EQ(Read(Client("scheduler", "server-ca.pem")), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, KnowsNobodyByTheCertificatesCommonName) {
  IssueWith("scheduler.example", "basicConstraints=CA:FALSE");
  EXPECT_EQ(Read(Client("scheduler.example")), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(TlsTest, LetsNobodyInWithoutACertificate) {
  EXPECT_EQ(Read(Client("")), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, LetsNobodyInWithACertificateOfAnotherCa) {
  Run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=x "
      "-addext subjectAltName=DNS:scheduler.example -keyout forged.key -out forged.pem");
  EXPECT_EQ(Read(Client("forged")), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, ServesARenewedCertificateWithoutARestart) {
  Issue("scheduler", "DNS:scheduler.example");
  Issue("admin", "URI:spiffe://example/operator");
  const Stub connected = Client("scheduler");
  ASSERT_EQ(Read(connected), grpc::StatusCode::OK);
  // Over the same connection, with which it would end.
  Watching watching(*connected, std::chrono::minutes(1));
  ASSERT_TRUE(watching.Next());
  const std::string before = ServedCertificate();
  Issue("renewed", "IP:127.0.0.1");
  std::filesystem::rename(folder_ / "renewed.key", folder_ / "server.key");
  std::filesystem::rename(folder_ / "renewed.pem", folder_ / "server.pem");
  ASSERT_NE(before, Content("server.pem"));
  AwaitServed(Content("server.pem"));
  EXPECT_EQ(Read(connected), grpc::StatusCode::OK);
  EXPECT_EQ(Write(Client("admin")), grpc::StatusCode::OK);
  while (watching.state.tdx_keys().defined().value() != 1 && watching.Next()) {
  }
  EXPECT_EQ(watching.state.tdx_keys().defined().value(), 1u);
  EXPECT_EQ(Read(Client("scheduler")), grpc::StatusCode::OK);
}

TEST_F(TlsTest, ServesTheEarlierCertificateWhileTheFilesDoNotGoTogether) {
  Issue("scheduler", "DNS:scheduler.example");
  const std::string before = ServedCertificate();
  Issue("renewed", "IP:127.0.0.1");
  const std::string renewed = Content("renewed.pem");
  std::filesystem::rename(folder_ / "renewed.key", folder_ / "server.key");
  std::ofstream(folder_ / "server.pem") << renewed.substr(0, renewed.size() / 2);
  // Longer than the door's looks and gRPC's, one after the other.
  for (int tries = 0; tries < 8; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    EXPECT_EQ(ServedCertificate(), before);
    EXPECT_EQ(Read(Client("scheduler")), grpc::StatusCode::OK);
  }
  std::ofstream(folder_ / "server.pem") << renewed;
  AwaitServed(renewed);
  EXPECT_EQ(Read(Client("scheduler")), grpc::StatusCode::OK);
}

TEST_F(TlsTest, RefusesAnAddressInUse) {
  ListenOptions second;
  second.tls = options_.listen.tls;
  second.tls.address = "127.0.0.1:" + std::to_string(gates_->tls_port());
  EXPECT_EQ(Gates::Open(second, options_.limits, rooms_).status().code(),
            absl::StatusCode::kAlreadyExists);
}

class TlsLimitsTest : public TlsTest {
 protected:
  TlsLimitsTest() { options_.limits.watchers.per_caller = 1; }
};

TEST_F(TlsLimitsTest, RefusesOneWatcherTooManyOfOneCertificatesNameAndServesAnother) {
  Issue("scheduler", "DNS:scheduler.example");
  Issue("renewed", "DNS:scheduler.example");
  Issue("operator", "URI:spiffe://example/operator");
  const auto scheduler = Client("scheduler");
  const auto renewed = Client("renewed");
  const auto other = Client("operator");
  Watching first(*scheduler);
  EXPECT_TRUE(first.Next());
  const grpc::Status refused = Watching(*renewed).End();
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(refused.error_message(),
              ::testing::HasSubstr("dns:scheduler.example has 1 watchers on the TLS address"));
  EXPECT_TRUE(Watching(*other).Next());
}

}  // namespace
}  // namespace ccplace
