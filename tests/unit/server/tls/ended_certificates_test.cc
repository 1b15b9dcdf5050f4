// Certificates that count no more, on connections that were made while they did.
#include <sys/stat.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <thread>

#include "server/tls/tls.h"
#include "tests/support/clock_fake.h"
#include "tests/unit/server/tls/tls_fixture.h"
#include "tests/unit/server/watching.h"

namespace ccplace {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::chrono::hours kDay{24};

// An endpoint whose clock a test moves; OpenSSL's own, in the handshake, is the machine's.
class EndedCertificateTest : public TlsTest {
 protected:
  void SetUp() override {
    time_.JumpWall(std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now() - time_.Wall()));
    // What the test issues from here on is valid then.
    time_.Advance(std::chrono::minutes(1));
    clock_ = &time_;
    MakeFiles();
    Prepare();
    Start();
  }
  // What else is there before the endpoint opens.
  virtual void Prepare() {}

  // A moment after certificates of so many days have ended.
  void AdvancePast(int days) { time_.Advance(days * kDay + std::chrono::minutes(10)); }

  uint64_t Refused(CertificateRefusal reason) const {
    return dependencies_.refused_certificates->Read(reason);
  }

  ClockFake time_;
};

TEST_F(EndedCertificateTest, LosesItsRoleOnAnOpenConnection) {
  IssueWith("admin", "subjectAltName=URI:spiffe://example/operator", 1);
  const Stub admin = Client("admin");
  ASSERT_EQ(Read(admin), grpc::StatusCode::OK);
  time_.Advance(kDay - std::chrono::minutes(10));
  ASSERT_EQ(Read(admin), grpc::StatusCode::OK);
  time_.Advance(std::chrono::minutes(20));
  const grpc::Status refused = ReadStatus(admin);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(refused.error_message(),
              AllOf(StartsWith("the client certificate has ended at 20"),
                    HasSubstr("present one that the daemon's client CA issued anew")));
  EXPECT_EQ(Write(admin), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Refused(CertificateRefusal::kEnded), 2u);
}

TEST_F(EndedCertificateTest, GivesNoRoleToAConnectionThatIsMadeAfterTheEnd) {
  IssueWith("scheduler", "subjectAltName=DNS:scheduler.example", 1);
  AdvancePast(1);
  EXPECT_EQ(Read(Client("scheduler")), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(EndedCertificateTest, EndsItsWatchersAndNobodyElses) {
  IssueWith("short", "subjectAltName=DNS:scheduler.example", 1);
  IssueWith("long", "subjectAltName=DNS:scheduler.example", 2);
  const Stub ends = Client("short");
  const Stub goes_on = Client("long");
  Watching ended(*ends, std::chrono::minutes(1));
  Watching open(*goes_on, std::chrono::minutes(1));
  ASSERT_TRUE(ended.Next());
  ASSERT_TRUE(open.Next());
  AdvancePast(1);
  while (ended.Next()) {
  }
  const grpc::Status status = ended.End();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(status.error_message(), HasSubstr("has ended at"));
  // The server lets go of the call a moment after the client has its status.
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (dependencies_.watchers->count() > 1 && std::chrono::steady_clock::now() < limit) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(dependencies_.watchers->count(), 1u);
  EXPECT_EQ(Refused(CertificateRefusal::kEnded), 1u);
}

TEST_F(EndedCertificateTest, LosesItsRoleWithAnAuthorityBetweenItAndTheTrustedOne) {
  IssueWith("between", "basicConstraints=critical,CA:TRUE", 1);
  IssueWith("leaf", "subjectAltName=DNS:scheduler.example", 2, "between");
  Run("cat between.pem >> leaf.pem");
  const Stub scheduler = Client("leaf");
  ASSERT_EQ(Read(scheduler), grpc::StatusCode::OK);
  AdvancePast(1);
  const grpc::Status refused = ReadStatus(scheduler);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(refused.error_message(),
              StartsWith("authority 1 above the client certificate has ended at 20"));
}

TEST_F(EndedCertificateTest, LosesItsRoleWithTheTrustedAuthorityUntilThatIsRenewed) {
  IssueWith("scheduler", "subjectAltName=DNS:scheduler.example", 9);
  const Stub scheduler = Client("scheduler");
  ASSERT_EQ(Read(scheduler), grpc::StatusCode::OK);
  AdvancePast(2);
  EXPECT_THAT(ReadStatus(scheduler).error_message(), StartsWith("authority 1 above"));
  Run("openssl x509 -in ca.pem -signkey ca.key -days 9 -out renewed.pem && mv renewed.pem ca.pem");
  grpc::StatusCode code = grpc::StatusCode::UNAUTHENTICATED;
  for (int tries = 0; tries < 150 && code != grpc::StatusCode::OK; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    // A refusal is remembered for a second of the endpoint's clock.
    time_.Advance(std::chrono::seconds(1));
    code = Read(scheduler);
  }
  EXPECT_EQ(code, grpc::StatusCode::OK);
}

TEST_F(EndedCertificateTest, LosesItsRoleWhereAnotherAuthorityTookTheTrustedOnesPlace) {
  Issue("scheduler", "DNS:scheduler.example");
  const Stub scheduler = Client("scheduler");
  Watching watching(*scheduler, std::chrono::minutes(1));
  ASSERT_TRUE(watching.Next());
  Run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
      "-subj /CN=test-ca -keyout new.key -out new.pem && mv new.pem ca.pem");
  while (watching.Next()) {
  }
  const grpc::Status status = watching.End();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(status.error_message(), HasSubstr("no authority of --tls_client_ca vouches"));
  EXPECT_EQ(Read(scheduler), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Refused(CertificateRefusal::kUntrusted), 2u);
}

// Where no log was set up, the audit goes to standard output.
TEST_F(EndedCertificateTest, IsNamedInTheAuditByTheNameThatGaveTheRoleAndByWhatFindsIt) {
  Issue("admin", "DNS:first.example,URI:spiffe://example/operator");
  Run("openssl x509 -noout -fingerprint -sha256 -in admin.pem | cut -d= -f2 | tr -d ':\\n' | "
      "tr A-F a-f >sha256; openssl x509 -noout -serial -in admin.pem | cut -d= -f2 | "
      "tr -d '\\n' >serial");
  ::testing::internal::CaptureStdout();
  ASSERT_EQ(Write(Client("admin")), grpc::StatusCode::OK);
  EXPECT_THAT(::testing::internal::GetCapturedStdout(),
              HasSubstr("\"caller\":\"tls uri:spiffe://example/operator serial=" +
                        Content("serial") + " sha256=" + Content("sha256") + " ipv4:127.0.0.1:"));
}

// By the version of TLS.
class ResumedSessionTest : public EndedCertificateTest,
                           public ::testing::WithParamInterface<const char*> {};

TEST_P(ResumedSessionTest, IsAFullHandshakeThatShowsTheCertificateAnew) {
  Issue("scheduler", "DNS:scheduler.example");
  const std::string connect =
      "echo 'what is no HTTP/2 ends the connection' | openssl s_client -ign_eof -alpn h2 -connect "
      "127.0.0.1:" +
      std::to_string(servers_->tls_port()) + " -cert scheduler.pem -key scheduler.key -" +
      GetParam();
  Run(connect + " -sess_out session >first; grep -q '^New' first");
  // What gives out no session leaves none to take up.
  Run("test ! -s session || " + connect + " -sess_in session >second; test ! -s session || " +
      "grep -q '^New' second");
}

INSTANTIATE_TEST_SUITE_P(OfTls, ResumedSessionTest, ::testing::Values("tls1_2", "tls1_3"),
                         [](const auto& version) { return std::string(version.param); });

class RevokedCertificateTest : public EndedCertificateTest {
 protected:
  void Prepare() override {
    options_.listen.tls.revoked_file = folder_ / "revoked";
    options_.listen.tls.roles.readers = {"*"};
    Revoke("# nobody yet\n");
  }
  // At one stroke, as an editor does.
  void Revoke(const std::string& list) {
    std::ofstream(folder_ / "revoked.new") << list;
    std::filesystem::rename(folder_ / "revoked.new", folder_ / "revoked");
  }
  std::string SerialOf(const std::string& name) {
    Run("openssl x509 -noout -serial -in " + name + ".pem | cut -d= -f2 | tr -d '\\n' >serial");
    return Content("serial");
  }
  // How a WatchHost call that is open ends.
  static grpc::Status EndOf(Watching& watching) {
    while (watching.Next()) {
    }
    return watching.End();
  }
};

TEST_F(RevokedCertificateTest, LosesItsRoleOnOpenConnectionsByItsSerialNumber) {
  Issue("lost", "DNS:host-a.example");
  Issue("kept", "DNS:host-a.example");
  const Stub lost = Client("lost");
  const Stub kept = Client("kept");
  Watching watching(*lost, std::chrono::minutes(1));
  ASSERT_TRUE(watching.Next());
  ASSERT_EQ(Read(kept), grpc::StatusCode::OK);
  Revoke("serial:" + SerialOf("lost") + "  # its key lay open\n");
  const grpc::Status status = EndOf(watching);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(status.error_message(),
              AllOf(HasSubstr(SerialOf("lost") + " is revoked (--tls_revoked)")));
  EXPECT_EQ(Read(lost), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Read(Client("lost")), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Read(kept), grpc::StatusCode::OK);
  EXPECT_EQ(Refused(CertificateRefusal::kRevoked), 3u);
}

TEST_F(RevokedCertificateTest, LosesItsRoleByAnyOfItsNamesHoweverWritten) {
  Issue("lost", "DNS:host-b.example,URI:spiffe://Example/Host-b");
  const Stub lost = Client("lost");
  Watching watching(*lost, std::chrono::minutes(1));
  ASSERT_TRUE(watching.Next());
  Revoke("uri:spiffe://example/host-b\n");
  EXPECT_THAT(EndOf(watching).error_message(),
              HasSubstr("name 'uri:spiffe://Example/Host-b' is revoked"));
}

// As `openssl x509 -noout -ext subjectAltName` prints it, which is not how gRPC does.
TEST_F(RevokedCertificateTest, LosesItsRoleByItsAddressInWhateverForm) {
  Issue("lost", "IP:2001:db8::1");
  const Stub lost = Client("lost");
  Watching watching(*lost, std::chrono::minutes(1));
  ASSERT_TRUE(watching.Next());
  Revoke("IP Address:2001:DB8:0:0:0:0:0:1\n");
  EXPECT_THAT(EndOf(watching).error_message(), HasSubstr("name 'ip:2001:db8::1' is revoked"));
}

TEST_F(RevokedCertificateTest, LosesItsRoleWithARevokedAuthorityBetween) {
  IssueWith("between", "basicConstraints=critical,CA:TRUE");
  IssueWith("leaf", "subjectAltName=DNS:host-c.example", 2, "between");
  Run("cat between.pem >> leaf.pem");
  const Stub lost = Client("leaf");
  Watching watching(*lost, std::chrono::minutes(1));
  ASSERT_TRUE(watching.Next());
  Revoke("serial:" + SerialOf("between") + "\n");
  EXPECT_THAT(EndOf(watching).error_message(), StartsWith("an authority with serial"));
}

// The looks that a Tls takes at its files.
class Looks {
 public:
  std::function<void()> Counter() {
    return [this] {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++count_;
      more_.notify_all();
    };
  }
  // Waits for `looks` that begin from here on.
  bool Await(int looks) {
    std::unique_lock<std::mutex> lock(mutex_);
    // The one that is under way may have read its files before.
    const int enough = count_ + 1 + looks;
    return more_.wait_for(lock, std::chrono::minutes(1), [&] { return count_ >= enough; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable more_;
  int count_ = 0;
};

TEST_F(RevokedCertificateTest, StaysRevokedUnderAListThatCannotBeReadAndCountsAgainOnceTakenOff) {
  Issue("lost", "DNS:host-d.example");
  const std::string pem = Content("lost.pem");
  Revoke("dns:host-d.example\n");
  Looks looks;
  const auto dates = std::make_shared<AtomicSharedPtr<CertificateValidity>>(
      std::make_shared<const CertificateValidity>());
  const auto tls = Tls::Start(options_.listen.tls, dates, looks.Counter(), time_);
  ASSERT_TRUE(tls.ok()) << tls.status();
  const auto judge = [&] {
    return (*tls)->trust()->Current()->Judge({pem, "", {"dns:host-d.example"}},
                                             absl::FromChrono(time_.Wall()));
  };
  EXPECT_EQ(judge().refusal, CertificateRefusal::kRevoked);
  Revoke("host-d.example\n");
  ASSERT_TRUE(looks.Await(2));
  EXPECT_EQ(judge().refusal, CertificateRefusal::kRevoked);
  std::filesystem::remove(folder_ / "revoked");
  ASSERT_TRUE(looks.Await(2));
  EXPECT_EQ(judge().refusal, CertificateRefusal::kRevoked);
  // Neither a folder, nor a FIFO that nobody writes to, nor what is left of a file on a full disk.
  std::filesystem::create_directory(folder_ / "revoked");
  ASSERT_TRUE(looks.Await(2));
  EXPECT_EQ(judge().refusal, CertificateRefusal::kRevoked);
  std::filesystem::remove(folder_ / "revoked");
  ASSERT_EQ(mkfifo((folder_ / "revoked").c_str(), 0600), 0);
  ASSERT_TRUE(looks.Await(2));
  EXPECT_EQ(judge().refusal, CertificateRefusal::kRevoked);
  Revoke("");
  ASSERT_TRUE(looks.Await(2));
  EXPECT_EQ(judge().refusal, CertificateRefusal::kRevoked);
  Revoke("# nobody\n");
  ASSERT_TRUE(looks.Await(2));
  EXPECT_TRUE(judge().status.ok()) << judge().status;
}

class ConnectionAgeTest : public EndedCertificateTest {
 protected:
  void Prepare() override {
    options_.limits.max_connection_age = std::chrono::seconds(1);
    options_.hypervisor.timeout = std::chrono::seconds(1);
  }
};

TEST_F(ConnectionAgeTest, EndsTheStreamsOfAnOldConnectionAndItsCallerGoesOnOnANewOne) {
  Issue("scheduler", "DNS:scheduler.example");
  const Stub scheduler = Client("scheduler");
  Watching watching(*scheduler, std::chrono::minutes(1));
  while (watching.Next()) {
  }
  EXPECT_EQ(watching.End().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Read(scheduler), grpc::StatusCode::OK);
}

}  // namespace
}  // namespace ccplace
