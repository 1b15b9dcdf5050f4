// A TLS endpoint, its authority and its callers' certificates.
#ifndef CCPLACE_TESTS_UNIT_SERVER_TLS_TLS_FIXTURE_H_
#define CCPLACE_TESTS_UNIT_SERVER_TLS_TLS_FIXTURE_H_

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "tests/unit/server/server_fixture.h"

namespace ccplace {

// A CA, a server's certificate and clients' certificates, made by openssl(1).
class TlsTest : public ServerTest {
 protected:
  void SetUp() override {
    MakeFiles();
    Start();
  }

  void MakeFiles() {
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
  }

  void Run(const std::string& command) {
    const std::string line = "cd " + (folder_ / ".") + " && " + command + " 2>/dev/null";
    ASSERT_EQ(std::system(line.c_str()), 0) << command;
  }

  void Issue(const std::string& name, const std::string& alternative_name) {
    IssueWith(name, "subjectAltName=" + alternative_name);
  }

  // By the authority `issuer`, for so many days.
  void IssueWith(const std::string& name, const std::string& extension, int days = 2,
                 const std::string& issuer = "ca") {
    std::ofstream(folder_ / (name + ".ext")) << extension << "\n";
    Run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name +
        " -keyout " + name + ".key -out " + name + ".csr");
    Run("openssl x509 -req -days " + std::to_string(days) + " -in " + name + ".csr -CA " + issuer +
        ".pem -CAkey " + issuer + ".key -CAcreateserial -extfile " + name + ".ext -out " + name +
        ".pem");
  }

  // As tests/support/sign_ended; tests run in the source's folder.
  void SignEnded(const std::string& arguments) {
    Run("\"$OLDPWD/tests/support/sign_ended\" " + arguments);
  }

  std::string Content(const std::string& name) const {
    std::ostringstream content;
    content << std::ifstream(folder_ / name).rdbuf();
    return content.str();
  }

  // What the server shows of itself, by openssl(1).
  std::string ServedCertificate() {
    const std::string address = "127.0.0.1:" + std::to_string(servers_->tls_port());
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
    return v1::HostService::NewStub(grpc::CreateCustomChannel(
        "127.0.0.1:" + std::to_string(servers_->tls_port()), grpc::SslCredentials(ssl), arguments));
  }

  static grpc::Status ReadStatus(const Stub& stub) {
    v1::TdxInventoryResponse answer;
    return Call(stub, &v1::HostService::Stub::TdxInventory, {}, &answer);
  }
  static grpc::StatusCode Read(const Stub& stub) { return ReadStatus(stub).error_code(); }
  static grpc::StatusCode Write(const Stub& stub) {
    v1::DefineTdxDomainResponse answer;
    return Call(stub, &v1::HostService::Stub::DefineTdxDomain, GoodDefinition(), &answer)
        .error_code();
  }
};

}  // namespace ccplace

#endif  // CCPLACE_TESTS_UNIT_SERVER_TLS_TLS_FIXTURE_H_
