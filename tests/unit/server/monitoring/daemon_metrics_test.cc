#include "server/monitoring/daemon_metrics.h"

#include <chrono>
#include <map>
#include <thread>

#include "server/common/version.h"
#include "server/monitoring/host_metrics.h"
#include "tests/support/fake_host_state.h"
#include "tests/unit/server/server_fixture.h"

namespace ccplace {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;
using v1::HostService;

// Samples by "name{value,value}".
using Samples = std::map<std::string, double>;

Samples SamplesOf(const std::vector<prometheus::MetricFamily>& families) {
  Samples out;
  for (const auto& family : families) {
    for (const auto& metric : family.metric) {
      std::string key = family.name + "{";
      for (const auto& label : metric.label) key += (key.back() == '{' ? "" : ",") + label.value;
      double value = metric.gauge.value;
      if (family.type == prometheus::MetricType::Counter) value = metric.counter.value;
      if (family.type == prometheus::MetricType::Histogram) {
        value = static_cast<double>(metric.histogram.sample_count);
      }
      out[key + "}"] = value;
    }
  }
  return out;
}

class MetricsTest : public ServerTest {
 protected:
  void SetUp() override { Start(); }
  Samples Scrape() const { return SamplesOf(CollectMetrics(dependencies_)); }
};

TEST_F(MetricsTest, CountsCallsByMethodAndCode) {
  v1::TdxInventoryResponse inventory;
  ASSERT_TRUE(Call(Reader(), &HostService::Stub::TdxInventory, {}, &inventory).ok());
  v1::UndefineTdxDomainResponse undefined;
  EXPECT_FALSE(Call(Reader(), &HostService::Stub::UndefineTdxDomain, {}, &undefined).ok());
  EXPECT_FALSE(Call(Operator(), &HostService::Stub::UndefineTdxDomain, {}, &undefined).ok());
  const Samples samples = Scrape();
  EXPECT_THAT(samples, Contains(Pair("ccplace_rpc_requests_total{TdxInventory,OK}", 1)));
  EXPECT_THAT(samples,
              Contains(Pair("ccplace_rpc_requests_total{UndefineTdxDomain,PERMISSION_DENIED}", 1)));
  EXPECT_THAT(samples,
              Contains(Pair("ccplace_rpc_requests_total{UndefineTdxDomain,INVALID_ARGUMENT}", 1)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_rpc_requests_total{ValidateRequest,OK}", 0)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_rpc_duration_seconds{UndefineTdxDomain}", 2)));
}

TEST_F(MetricsTest, CountsACallThatReadTheHostAnew) {
  v1::HostCapabilitiesRequest request;
  request.set_refresh(true);
  v1::HostCapabilitiesResponse answer;
  ASSERT_TRUE(Call(Reader(), &HostService::Stub::HostCapabilities, request, &answer).ok());
  EXPECT_THAT(Scrape(), Contains(Pair("ccplace_rpc_requests_total{HostCapabilities,OK}", 1)));
}

TEST_F(MetricsTest, ShowsKeysAndDomainsOfWhatWasStarted) {
  auto request = GoodDefinition();
  request.set_start(true);
  v1::DefineTdxDomainResponse defined;
  ASSERT_TRUE(Call(Operator(), &HostService::Stub::DefineTdxDomain, request, &defined).ok());
  const Samples samples = Scrape();
  EXPECT_THAT(samples, Contains(Pair("ccplace_domains{running}", 1)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_domains{shut_off}", 0)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_keys{intel-tdx,in_use}", 1)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_keys{intel-tdx,free}", 62)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_rpc_requests_total{DefineTdxDomain,OK}", 1)));
}

TEST_F(MetricsTest, ShowsOpenStreamsAndCountsThemWhenTheyEnd) {
  {
    const auto stub = Reader();
    grpc::ClientContext context;
    auto stream = stub->WatchHost(&context, {});
    v1::WatchHostResponse message;
    ASSERT_TRUE(stream->Read(&message));
    EXPECT_THAT(Scrape(), Contains(Pair("ccplace_watchers{}", 1)));
    context.TryCancel();
    stream->Finish();
  }
  // The server hears of the end a moment after the caller does.
  const auto count = Pair("ccplace_rpc_requests_total{WatchHost,CANCELLED}", 1);
  Samples samples = Scrape();
  for (int i = 0;
       i < 100 && !::testing::Matches(::testing::AllOf(
                      Contains(count), Contains(Pair("ccplace_watchers{}", 0))))(samples);
       ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    samples = Scrape();
  }
  EXPECT_THAT(samples, Contains(Pair("ccplace_watchers{}", 0)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_rpc_requests_total{WatchHost,CANCELLED}", 1)));
  EXPECT_THAT(samples, Not(Contains(Key("ccplace_rpc_duration_seconds{WatchHost}"))));
}

TEST_F(MetricsTest, SaysWhatRunsAndHowBusyItIs) {
  const Samples samples = Scrape();
  EXPECT_THAT(samples, Contains(Pair(std::string("ccplace_build_info{") + kVersion + "}", 1)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_simulated{}", 1)));
  EXPECT_THAT(samples, Contains(Key("ccplace_libvirt_queue_length{}")));
  EXPECT_THAT(samples, Contains(Key("ccplace_libvirt_calls_running{}")));
}

TEST_F(MetricsTest, CountsConnectionsThatWereRefusedByTheLimitThatRefusedThem) {
  dependencies_.refused->Count(QuotaResult::kCallerFull);
  dependencies_.refused->Count(QuotaResult::kCallerFull);
  dependencies_.refused->CountForMemory(3);
  const Samples samples = Scrape();
  EXPECT_THAT(samples, Contains(Pair("ccplace_connections_refused_total{max_connections}", 0)));
  EXPECT_THAT(samples,
              Contains(Pair("ccplace_connections_refused_total{max_connections_per_caller}", 2)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_connections_refused_total{grpc_memory_mib}", 3)));
}

TEST_F(MetricsTest, CountsCallsThatWereRefusedForTheirCertificateByWhy) {
  dependencies_.refused_certificates->Count(CertificateRefusal::kEnded);
  dependencies_.refused_certificates->Count(CertificateRefusal::kRevoked);
  dependencies_.refused_certificates->Count(CertificateRefusal::kRevoked);
  const Samples samples = Scrape();
  EXPECT_THAT(samples, Contains(Pair("ccplace_certificates_refused_total{ended}", 1)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_certificates_refused_total{revoked}", 2)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_certificates_refused_total{untrusted}", 0)));
}

TEST_F(MetricsTest, ShowsFromWhenToWhenTheTlsFilesAreValidWhereThereAreAny) {
  EXPECT_THAT(Scrape(), Not(Contains(Key(::testing::StartsWith("ccplace_tls_")))));
  CertificateValidity dates;
  dates.certificate = {absl::FromUnixSeconds(1'700'000'000), absl::FromUnixSeconds(1'800'000'000)};
  dates.client_ca = {absl::FromUnixSeconds(1), absl::FromUnixSeconds(253'402'300'799)};
  dependencies_.tls_dates->Publish(std::make_shared<const CertificateValidity>(dates));
  const Samples samples = Scrape();
  const std::string from = "ccplace_tls_not_before_timestamp_seconds";
  const std::string until = "ccplace_tls_not_after_timestamp_seconds";
  EXPECT_THAT(samples, Contains(Pair(from + "{tls_certificate}", 1.7e9)));
  EXPECT_THAT(samples, Contains(Pair(until + "{tls_certificate}", 1.8e9)));
  EXPECT_THAT(samples, Contains(Pair(from + "{tls_client_ca}", 1)));
  EXPECT_THAT(samples, Contains(Pair(until + "{tls_client_ca}", 253402300799.0)));
}

TEST_F(MetricsTest, HasNoServerWithoutAnAddress) {
  const auto server = OpenMetrics({}, dependencies_);
  ASSERT_TRUE(server.ok());
  EXPECT_EQ(*server, nullptr);
}

TEST_F(MetricsTest, NamesTheFlagWhereTheAddressIsTaken) {
  ObserveOptions options;
  options.metrics_address = "127.0.0.1:0";
  const auto first = OpenMetrics(options, dependencies_);
  ASSERT_TRUE(first.ok()) << first.status();
  options.metrics_address = "127.0.0.1:" + std::to_string((*first)->port());
  const auto second = OpenMetrics(options, dependencies_);
  EXPECT_THAT(std::string(second.status().message()),
              ::testing::StartsWith("--metrics_address: '127.0.0.1:"));
}

TEST(HostMetricsTest, CountsNoDomainsWhileOneThatMayBeOursCannotBeRead) {
  FakeHostState state;
  state.snapshot.domains_known = true;
  EXPECT_THAT(SamplesOf(HostMetrics(state)), Contains(Pair("ccplace_domains{running}", 0)));
  state.snapshot.unread_domains.emplace_back();
  EXPECT_THAT(SamplesOf(HostMetrics(state)), Not(Contains(Key("ccplace_domains{running}"))));
  EXPECT_THAT(SamplesOf(HostMetrics(state)), Contains(Pair("ccplace_domains_unread{}", 1)));
}

TEST(HostMetricsTest, LabelsTheFirmwareWithTheFirstDigitsOfItsMrtd) {
  FakeHostState state;
  EXPECT_THAT(SamplesOf(HostMetrics(state)),
              Not(Contains(Key(HasSubstr("ccplace_tdx_firmware_info")))));
  state.snapshot.capabilities.mutable_tdx_firmware()->set_mrtd(std::string(48, '\xA7'));
  EXPECT_THAT(SamplesOf(HostMetrics(state)),
              Contains(Pair("ccplace_tdx_firmware_info{a7a7a7a7a7a7}", 1)));
}

TEST(HostMetricsTest, TellsWhetherKeysAreWithheld) {
  FakeHostState state;
  v1::KeyInventory& keys = *AddModel(state, v1::ENCRYPTION_MODEL_INTEL_TDX, v1::SUPPORT_SUPPORTED,
                                     v1::CHECK_KIND_KEY_CAPACITY, v1::CHECK_RESULT_PASS)
                                .mutable_keys();
  const std::string name = "ccplace_keys_withheld{intel-tdx}";
  EXPECT_THAT(SamplesOf(HostMetrics(state)), Contains(Pair(name, 0)));
  keys.set_withheld("not known yet");
  EXPECT_THAT(SamplesOf(HostMetrics(state)), Contains(Pair(name, -1)));
  keys.mutable_usable()->set_value(0);
  EXPECT_THAT(SamplesOf(HostMetrics(state)), Contains(Pair(name, 1)));
}

TEST(HostMetricsTest, LeavesOutFiguresThatAreUnknown) {
  FakeHostState state;
  AddModel(state, v1::ENCRYPTION_MODEL_INTEL_TDX, v1::SUPPORT_UNKNOWN, v1::CHECK_KIND_KEY_CAPACITY,
           v1::CHECK_RESULT_UNKNOWN);
  state.freshness.mutable_hypervisor()->set_stale(true);
  const Samples samples = SamplesOf(HostMetrics(state));
  for (const auto& [name, value] : samples) {
    EXPECT_THAT(name, Not(::testing::StartsWith("ccplace_keys{"))) << value;
    EXPECT_THAT(name, Not(::testing::StartsWith("ccplace_domains"))) << value;
    EXPECT_THAT(name, Not(::testing::StartsWith("ccplace_facts_age"))) << value;
  }
  EXPECT_THAT(samples, Contains(Pair("ccplace_model_supported{intel-tdx}", -1)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_check_result{intel-tdx,key_capacity}", -1)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_facts_stale{hypervisor}", 1)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_libvirt_connected{}", 0)));
}

TEST(HostMetricsTest, TellsVerdictsChecksAndAges) {
  FakeHostState state;
  AddModel(state, v1::ENCRYPTION_MODEL_AMD_SEV_SNP, v1::SUPPORT_UNSUPPORTED,
           v1::CHECK_KIND_FIRMWARE, v1::CHECK_RESULT_FAIL);
  AddModel(state, v1::ENCRYPTION_MODEL_AMD_SEV, v1::SUPPORT_SUPPORTED,
           v1::CHECK_KIND_KERNEL_PARAMETER, v1::CHECK_RESULT_PASS);
  state.freshness.mutable_host_files()->mutable_read_at()->set_seconds(1);
  state.freshness.mutable_host_files()->set_age_ms(1500);
  const Samples samples = SamplesOf(HostMetrics(state));
  EXPECT_THAT(samples, Contains(Pair("ccplace_model_supported{amd-sev-snp}", 0)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_check_result{amd-sev-snp,firmware}", 0)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_model_supported{amd-sev}", 1)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_check_result{amd-sev,kernel_parameter}", 1)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_facts_age_seconds{host_files}", 1.5)));
  EXPECT_THAT(samples, Contains(Pair("ccplace_libvirt_connected{}", 1)));
}

}  // namespace
}  // namespace ccplace
