#include "server/tls/tls.h"

#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <thread>

#include "tests/support/clock_fake.h"
#include "tests/unit/server/tls/tls_fixture.h"
#include "tests/unit/server/watching.h"

namespace ccplace {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

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
  // Longer than the endpoint's looks and gRPC's, one after the other.
  for (int tries = 0; tries < 8; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    EXPECT_EQ(ServedCertificate(), before);
    EXPECT_EQ(Read(Client("scheduler")), grpc::StatusCode::OK);
  }
  std::ofstream(folder_ / "server.pem") << renewed;
  AwaitServed(renewed);
  EXPECT_EQ(Read(Client("scheduler")), grpc::StatusCode::OK);
}

TEST_F(TlsTest, PublishesHowLongWhatItServesLasts) {
  const auto days_left = [this] {
    const CertificateValidity dates = *dependencies_.tls_dates->Current();
    return std::lround(absl::FDivDuration(dates.certificate->until - absl::Now(), absl::Hours(24)));
  };
  EXPECT_EQ(days_left(), 2);
  Run("openssl x509 -req -days 9 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial "
      "-extfile server.ext -out renewed.pem && mv renewed.pem server.pem");
  for (int tries = 0; tries < 150 && days_left() == 2; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  EXPECT_EQ(days_left(), 9);
}

// An endpoint whose callers' authority has expired.
class TlsExpiryTest : public TlsTest {
 protected:
  void SetUp() override {
    MakeFiles();
    Issue("scheduler", "DNS:scheduler.example");
    Run("cp ca.pem valid.pem");
    SignEnded("-in valid.pem -signkey ca.key -out ca.pem");
    Start();
  }
};

TEST_F(TlsExpiryTest, LetsNobodyInOnceTheAuthorityHasExpiredAndAgainOnceItIsRenewed) {
  EXPECT_EQ(Read(Client("scheduler", "valid.pem")), grpc::StatusCode::UNAVAILABLE);
  std::filesystem::rename(folder_ / "valid.pem", folder_ / "ca.pem");
  grpc::StatusCode code = grpc::StatusCode::UNAVAILABLE;
  for (int tries = 0; tries < 150 && code != grpc::StatusCode::OK; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    code = Read(Client("scheduler"));
  }
  EXPECT_EQ(code, grpc::StatusCode::OK);
}

// Files that last two days, and no endpoint: what the log says of them while a clock is moved.
class CertificateWarningsTest : public TlsTest {
 protected:
  void SetUp() override {
    MakeFiles();
    time_.JumpWall(std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now() - time_.Wall()));
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", lines_));
  }
  ~CertificateWarningsTest() override { spdlog::set_default_logger(before_); }

  std::vector<std::string> ConcernsIn(std::chrono::hours hours) const {
    const TlsOptions& tls = options_.listen.tls;
    const auto texts = ReadTlsFiles(tls);
    EXPECT_TRUE(texts.ok()) << texts.status();
    return CertificateWarnings(tls, ValidityOf(*texts), absl::Now() + absl::FromChrono(hours));
  }

  // Lines of the log with `part`.
  long Told(const std::string& part) const {
    const auto lines = lines_->last_formatted();
    return std::count_if(lines.begin(), lines.end(), [&part](const std::string& line) {
      return line.find(part) != std::string::npos;
    });
  }
  void AwaitTold(const std::string& part, long times) const {
    for (int tries = 0; tries < 300 && Told(part) < times; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    EXPECT_EQ(Told(part), times);
  }

  const std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  const std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> lines_ =
      std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(100);
  ClockFake time_;
};

TEST_F(CertificateWarningsTest, NameEachFileThatExpiredAndTheRemedy) {
  EXPECT_THAT(
      ConcernsIn(std::chrono::hours(50)),
      ElementsAre(AllOf(StartsWith("--tls_certificate: '" + folder_ / "server.pem' expired"),
                        HasSubstr("put a renewed one in its place")),
                  AllOf(StartsWith("--tls_client_ca: '" + folder_ / "ca.pem' expired at"),
                        HasSubstr("no caller is let in"))));
}

TEST_F(CertificateWarningsTest, NameWhatIsNotValidYet) {
  EXPECT_THAT(ConcernsIn(-std::chrono::hours(1)),
              ElementsAre(HasSubstr("server.pem' is not valid before 20"),
                          HasSubstr("ca.pem' is not valid before 20")));
}

TEST_F(CertificateWarningsTest, BeginInTheLastTenthOfTheTimeAndFourteenDaysBeforeItsEndAtMost) {
  EXPECT_THAT(ConcernsIn(std::chrono::hours(43)), IsEmpty());
  EXPECT_THAT(ConcernsIn(std::chrono::hours(44)),
              ElementsAre(HasSubstr("server.pem' expires at"), HasSubstr("ca.pem' expires at")));
  Run("openssl x509 -req -days 365 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial "
      "-out server.pem; cp server.pem ca.pem");
  EXPECT_THAT(ConcernsIn(std::chrono::hours(24 * 350)), IsEmpty());
  EXPECT_THAT(ConcernsIn(std::chrono::hours(24 * 352)), SizeIs(2));
}

TEST_F(CertificateWarningsTest, AreOfEveryCertificateInTheChainAndOfTheLastAuthority) {
  SignEnded("-req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out ended.pem");
  Run("cat ended.pem >> server.pem; cat ca.pem >> ended.pem; mv ended.pem ca.pem");
  EXPECT_THAT(ConcernsIn(std::chrono::hours(0)), ElementsAre(HasSubstr("server.pem' expired at")));
}

TEST_F(CertificateWarningsTest, NameAKeyThatOthersCanReadAndItsMode) {
  const auto concerns_at = [this](const std::string& mode) {
    Run("chmod " + mode + " server.key");
    return ConcernsIn(std::chrono::hours(0));
  };
  EXPECT_THAT(concerns_at("0600"), IsEmpty());
  EXPECT_THAT(concerns_at("0400"), IsEmpty());
  EXPECT_THAT(concerns_at("0644"),
              ElementsAre(AllOf(StartsWith("--tls_key: '" + folder_ / "server.key' is open"),
                                HasSubstr("mode 0644"), HasSubstr("chmod 0600"))));
  EXPECT_THAT(concerns_at("0602"), SizeIs(1));
}

TEST_F(CertificateWarningsTest, LeaveAKeyAloneThatRootLetsAGroupRead) {
  const auto concerns_of = [this](uid_t owner, const std::string& mode) {
    Run("chmod " + mode + " server.key");
    if (geteuid() == 0) {
      EXPECT_EQ(chown((folder_ / "server.key").c_str(), owner, 0), 0);
    }
    return ConcernsIn(std::chrono::hours(0));
  };
  EXPECT_THAT(concerns_of(1000, "0640"), SizeIs(1));
  EXPECT_THAT(concerns_of(1000, "0600"), IsEmpty());
  if (geteuid() != 0) return;
  EXPECT_THAT(concerns_of(0, "0640"), IsEmpty());
  EXPECT_THAT(concerns_of(0, "0440"), IsEmpty());
  EXPECT_THAT(concerns_of(0, "0660"), SizeIs(1));
}

TEST_F(CertificateWarningsTest, AreToldAtTheStartThenWhenThereAreNewOnesAndOnceADay) {
  time_.Advance(std::chrono::hours(50));
  const auto dates = std::make_shared<AtomicSharedPtr<CertificateValidity>>(
      std::make_shared<const CertificateValidity>());
  const auto tls = Tls::Start(
      options_.listen.tls, dates, [] {}, time_);
  ASSERT_TRUE(tls.ok()) << tls.status();
  EXPECT_EQ(Told("[warning] --tls_certificate:"), 1);
  EXPECT_EQ(Told("[warning] --tls_key:"), 0);
  Run("chmod 0644 server.key");
  AwaitTold("[warning] --tls_key:", 1);
  EXPECT_EQ(Told("[warning] --tls_certificate:"), 1);
  time_.Advance(std::chrono::hours(24));
  AwaitTold("[warning] --tls_certificate:", 2);
  AwaitTold("[warning] --tls_key:", 2);
}

TEST_F(TlsTest, RefusesAnAddressInUse) {
  ListenOptions second;
  second.tls = options_.listen.tls;
  second.tls.address = "127.0.0.1:" + std::to_string(servers_->tls_port());
  EXPECT_EQ(GrpcServers::Open(second, options_.limits, dependencies_).status().code(),
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
              HasSubstr("dns:scheduler.example has 1 watchers on the TLS address"));
  EXPECT_TRUE(Watching(*other).Next());
}

}  // namespace
}  // namespace ccplace
