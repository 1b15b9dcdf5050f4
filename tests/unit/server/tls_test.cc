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

  // A caller with the certificate `name`, on a connection of its own; empty: without one.
  Stub Client(const std::string& name) const {
    grpc::SslCredentialsOptions ssl;
    ssl.pem_root_certs = Content("ca.pem");
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
  Issue("sly", "DNS:spiffe.example,email:scheduler.example@example");
  EXPECT_EQ(Read(Client("sly")), grpc::StatusCode::PERMISSION_DENIED);
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
  std::string after = before;
  // The files are read every ten seconds.
  for (int tries = 0; tries < 150 && after == before; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    after = ServedCertificate();
  }
  EXPECT_EQ(after, Content("server.pem"));
  EXPECT_EQ(Read(connected), grpc::StatusCode::OK);
  EXPECT_EQ(Write(Client("admin")), grpc::StatusCode::OK);
  while (watching.state.tdx_keys().defined().value() != 1 && watching.Next()) {
  }
  EXPECT_EQ(watching.state.tdx_keys().defined().value(), 1u);
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
